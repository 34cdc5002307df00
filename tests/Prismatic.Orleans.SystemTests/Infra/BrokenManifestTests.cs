using Prismatic.SystemTests.Infra.Policies;
using Xunit;

namespace Prismatic.SystemTests.Infra;

/// <summary>A deliberately broken copy of each kind of resource is refused: each validator is seen to judge every kind that is applied anywhere.</summary>
public sealed class BrokenManifestTests(AskedHost host)
{
    [Fact]
    public async Task Every_kind_that_is_applied_has_its_mutants()
    {
        var kinds = (await Overlay.BuildAll()).SelectMany(built => built.Set.All).Select(manifest => manifest.Kind).Distinct().Order().ToList();

        Assert.Equal(kinds, Mutations.OfSchema.Keys.Order());
        Assert.Equal(kinds, Mutations.OfRules.Select(mutation => mutation.Kind).Distinct().Order());
    }

    [Fact]
    public async Task A_field_that_the_kind_does_not_have_is_refused_wherever_it_is()
    {
        foreach (var kind in Mutations.OfSchema.Keys)
        {
            var (set, manifest) = await Sample(kind, name: null);

            Assert.Contains(Validators.StrictParsing(set.With(manifest, json => json["unheardOf"] = true)), Tells(manifest, ""));
            if (manifest.At("spec") is not null)
            {
                Assert.Contains(Validators.StrictParsing(set.With(manifest, json => json["spec"]!["unheardOf"] = true)), Tells(manifest, ""));
            }
        }
    }

    [Fact]
    public async Task A_kind_that_is_not_there_is_refused_by_both_schemas()
    {
        foreach (var kind in Mutations.OfSchema.Keys)
        {
            var (set, manifest) = await Sample(kind, name: null);
            var broken = new ManifestSet([.. set.With(manifest, json => json["kind"] = $"{kind}s").All.Where(other => other.Kind == $"{kind}s")]);

            Assert.Single(Validators.StrictParsing(broken));
            Assert.Single(await Validators.RequiredFields(broken));
        }
    }

    [Fact]
    public async Task A_required_field_that_is_missing_or_a_wrong_type_is_refused()
    {
        foreach (var (kind, change) in Mutations.OfSchema)
        {
            var (set, manifest) = await Sample(kind, name: null);

            Assert.Contains(await Validators.RequiredFields(set.With(manifest, change)), Tells(manifest, ""));
        }
    }

    [Fact]
    public async Task What_is_well_formed_and_breaks_a_rule_of_ours_is_refused_with_the_rule()
    {
        var facts = await host.Facts;
        var unseen = new List<string>();
        foreach (var mutation in Mutations.OfRules)
        {
            var (set, manifest) = await Sample(mutation.Kind, mutation.Name);
            Assert.Empty(Policy.Findings(set, facts));

            var findings = Policy.Findings(set.With(manifest, mutation.Break), facts);
            if (!findings.Any(finding => finding.Contains(mutation.Finding, StringComparison.Ordinal)))
            {
                unseen.Add($"{mutation} was not told as '{mutation.Finding}', but: {string.Join("; ", findings)}");
            }
        }

        Assert.True(unseen.Count == 0, string.Join('\n', unseen));
    }

    /// <summary>One of the kind, in the plainest overlay that has it.</summary>
    private static async Task<(ManifestSet Set, Manifest Manifest)> Sample(string kind, string? name)
    {
        foreach (var (_, set) in (await Overlay.BuildAll()).OrderBy(built => built.Overlay != "overlays/try").ThenBy(built => built.Set.All.Count))
        {
            if (set.OfKind(kind).FirstOrDefault(manifest => name is null || manifest.Name == name) is { } manifest)
            {
                return (set, manifest);
            }
        }

        throw new InvalidOperationException($"No overlay makes a {kind} {name}.");
    }

    private static Predicate<string> Tells(Manifest manifest, string what) =>
        finding => finding.StartsWith($"{manifest}: ", StringComparison.Ordinal) && finding.Contains(what, StringComparison.Ordinal);
}
