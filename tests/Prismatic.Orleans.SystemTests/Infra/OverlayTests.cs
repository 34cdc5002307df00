using System.Text.Json.Nodes;
using Prismatic.SystemTests.Infra.Policies;
using Xunit;

namespace Prismatic.SystemTests.Infra;

/// <summary>Each directory that somebody would apply makes manifests that Kubernetes would take and that keep our rules. No cluster is asked.</summary>
public sealed class OverlayTests(AskedHost host)
{
    public static TheoryData<string> Overlays => [.. Overlay.All];

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task An_overlay_has_no_unknown_field_and_no_wrong_type(string overlay) =>
        None(Validators.StrictParsing(await Overlay.Build(overlay)));

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task An_overlay_misses_no_required_field(string overlay) =>
        None(await Validators.RequiredFields(await Overlay.Build(overlay)));

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task An_overlay_keeps_our_own_rules(string overlay) =>
        None(Policy.Findings(await Overlay.Build(overlay), await host.Facts));

    [Fact]
    public async Task Silos_run_in_every_overlay_but_the_schemas_own()
    {
        foreach (var (overlay, set) in await Overlay.BuildAll())
        {
            Assert.Equal(overlay == Overlay.Schema ? 0 : 1, set.Silos.Count());
        }
    }

    [Fact]
    public async Task What_is_for_trying_out_has_a_database_inside_and_production_has_none()
    {
        Assert.Single((await Overlay.Build("overlays/try")).OfKind("StatefulSet"));
        Assert.Empty((await Overlay.Build("overlays/production")).OfKind("StatefulSet"));
        Assert.True((await Overlay.Build("overlays/production")).OfKind("HorizontalPodAutoscaler").Single().Json.NumberAt("spec.minReplicas") >= 3);
    }

    [Fact]
    public async Task The_rules_for_the_operator_and_for_files_are_the_same()
    {
        var file = ManifestSet.Parse(await File.ReadAllTextAsync(Path.Combine(Overlay.Infra.FullName, "prometheus", "prismatic.rules.yaml"), TestContext.Current.CancellationToken)).All.Single();
        var resource = (await Overlay.Build("overlays/production")).OfKind("PrometheusRule").Single();

        Assert.True(JsonNode.DeepEquals(file.At("groups"), resource.At("spec.groups")), "infra/prometheus/prismatic.rules.yaml and the monitoring component differ.");
        None(AlertPolicies.OfGroups(file.Json, await host.Facts));
    }

    private static void None(IEnumerable<string> findings)
    {
        var all = findings.ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }
}
