using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests.Infra;

/// <summary>What dashboard and alerts look at is what a silo says, by the names that it says it under.</summary>
public sealed partial class MetricsTests(AskedHost host)
{
    [Fact]
    public async Task The_dashboard_names_series_and_labels_that_there_are()
    {
        var known = (await host.Facts).Series;
        var dashboard = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Overlay.Infra.FullName, "grafana", "prismatic.json"), TestContext.Current.CancellationToken));
        var queries = dashboard.Each("panels").SelectMany(panel => panel.Each("targets")).Select(target => target.TextAt("expr")).ToList();

        Assert.NotEmpty(queries);
        Assert.Equal([], queries.SelectMany(PromQuery.Series).Distinct().Except(known));
        Assert.Empty(queries.SelectMany(PromQuery.Labels).Distinct().Except(PromQuery.KnownLabels));
    }

    [Fact]
    public async Task Every_panel_has_a_place_of_its_own_a_data_source_and_a_title()
    {
        var dashboard = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Overlay.Infra.FullName, "grafana", "prismatic.json"), TestContext.Current.CancellationToken));
        var panels = dashboard.Each("panels").ToList();

        Assert.Equal(panels.Count, panels.Select(panel => panel.TextAt("id")).Distinct().Count());
        Assert.Equal(panels.Count, panels.Select(panel => (panel.TextAt("gridPos.x"), panel.TextAt("gridPos.y"))).Distinct().Count());
        Assert.All(panels, panel => Assert.NotEmpty(panel.TextAt("title")));
        Assert.All(panels, panel => Assert.Equal("${datasource}", panel.TextAt("datasource.uid")));
        Assert.All(panels, panel => Assert.InRange(panel.NumberAt("gridPos.x")!.Value + panel.NumberAt("gridPos.w")!.Value, 1, 24));
        Assert.Contains(dashboard.Each("templating.list"), variable => variable.TextAt("name") == "datasource");
    }

    [Fact]
    public async Task A_silo_serves_its_metrics_on_a_port_of_its_own_and_nothing_else_there()
    {
        using var directory = new TemporaryDirectory();
        using var source = new RefusingPort();
        var metrics = Ports.FindFree(1)[0];
        await using var silo = await SiloProcess.Start(directory, ("MetricsUrl", $"http://127.0.0.1:{metrics}"));
        await using var client = await silo.Connect();
        await client.RegisterWebSource("register", source.Number);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.Ask("register"));

        using var http = new HttpClient(new HttpClientHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://127.0.0.1:{metrics}") };
        var text = await Eventually.Is(
            () => http.GetStringAsync("/metrics", TestContext.Current.CancellationToken),
            answer => answer.Contains("kind=\"Crashed\"", StringComparison.Ordinal) && answer.Contains("prismatic_tree_health", StringComparison.Ordinal),
            "the crash and the health of the tree are measured");

        // What an exporter makes of the instruments' names is what the rules and the dashboard were held against.
        var known = (await host.Facts).Series;
        var said = SeriesLine().Matches(text).Select(line => line.Groups[1].Value).Where(name => name.StartsWith("prismatic_", StringComparison.Ordinal) || name.StartsWith("dotnet_", StringComparison.Ordinal)).Distinct().ToList();
        Assert.Contains("prismatic_supervision_events_total", said);
        Assert.Contains("dotnet_process_memory_working_set_bytes", said);
        Assert.Equal([], said.Except(known));

        foreach (var path in new[] { "/", "/health/live", "/admin/supervision", "/admin/supervision/api/tree", "/dashboard", "/sign-in" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
        }

        // And by no name does the other port give them out.
        using var pages = silo.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { Host = $"127.0.0.1:{metrics}" } };
        Assert.NotEqual(HttpStatusCode.OK, (await pages.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    [GeneratedRegex(@"^([a-zA-Z_:][\w:]*)(?:\{| )", RegexOptions.Multiline)]
    private static partial Regex SeriesLine();
}
