using System.Text.Json.Nodes;
using Prismatic.Breakers;
using Prismatic.Domains.Core;
using Prismatic.Domains.Osint;
using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests;

/// <summary>A worker crashes on what the world answered. Caller, tree, lessons, tickets and breaker tell one story, to an Orleans client and over HTTP.</summary>
public sealed class CrashTests
{
    private const string SourceManager = "prismatic/osint/source-manager";

    [Fact]
    public async Task A_refused_connection_reaches_the_caller_opens_the_breaker_and_is_the_same_in_every_view()
    {
        using var directory = new TemporaryDirectory();
        using var source = new RefusingPort();
        await using var silo = await SiloProcess.Start(directory);
        await using var client = await silo.Connect();
        using var admin = silo.Admin();
        await client.RegisterWebSource("register", source.Number);

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.Ask("register"));
        Assert.Contains("Connection refused", failure.Message, StringComparison.Ordinal);

        // The source answers again, but nobody asks it while its breaker is open.
        source.BeginToListen();
        var refusal = await Assert.ThrowsAsync<BreakerOpenException>(() => client.Ask("register"));
        Assert.Equal("source:register", refusal.Subject);
        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.False(source.WasCalled);
        Assert.Equal(BreakerState.Open, (await client.Sources.Status("register")).Breaker.State);

        var tree = await TreeWithRestarts(client, restarts: 1);
        Assert.Equal([SourceManager], tree.RestartCounts.Keys);
        Assert.Equal((15, 6), (tree.Nodes.Count(node => node.Kind == "worker"), tree.Nodes.Count(node => node.Kind == "supervisor")));
        var node = Assert.Single(tree.Nodes, node => node.Path == SourceManager);
        Assert.Contains("System.Net.Http.HttpRequestException", node.LastCrash, StringComparison.Ordinal);
        Assert.Null(node.Ticket);
        Assert.Empty(tree.Hotspots);
        Assert.InRange(tree.HealthScore, 1, 99.999);

        await admin.RecordedCrashes(1);
        var lesson = Assert.Single((await Lessons(client).List(new LessonQuery())).Items);
        Assert.Equal((FailureClass.ExternalDependency, 1, SourceManager), (lesson.Class, lesson.Crashes, lesson.Child));
        var statistics = await Lessons(client).GetStatistics();
        Assert.Equal((1, 1, 0), (statistics.TotalLessons, statistics.TotalCrashes, statistics.EscalationRate));

        var treeWire = await admin.Get("tree");
        Assert.Equal(1, treeWire["restartCounts"]![SourceManager]!.GetValue<long>());
        Assert.Equal(tree.Nodes.Length, treeWire["nodes"]!.AsArray().Count);
        Assert.Empty((await admin.Get("hotspots")).AsArray());
        Assert.Empty((await admin.Get("escalations")).AsArray());
        var lessonWire = Assert.Single((await admin.Get("lessons"))["items"]!.AsArray())!;
        Assert.Equal(lesson.Id, lessonWire["id"]!.GetValue<string>());
        Assert.Equal("ExternalDependency", lessonWire["class"]!.GetValue<string>());
        Assert.Equal(1, (await admin.Get("lessons/statistics"))["totalLessons"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_missing_list_file_opens_one_ticket_and_the_answer_of_a_person_becomes_a_lesson_with_a_rule()
    {
        using var directory = new TemporaryDirectory();
        await using var silo = await SiloProcess.Start(directory);
        await using var client = await silo.Connect();
        using var admin = silo.Admin();
        await client.RegisterListSource("old-list", "no-such-list.csv");

        await Assert.ThrowsAsync<FileNotFoundException>(() => client.Ask("old-list"));
        await admin.RecordedCrashes(1);

        var wire = await Eventually.Is(
            async () => (await admin.Get("escalations")).AsArray(), tickets => tickets.Count > 0, "the ticket is there");
        var ticket = Assert.Single(wire)!;
        Assert.True(ticket["open"]!.GetValue<bool>());
        var seen = Assert.Single(await Introspector(client).GetTickets());
        Assert.Equal((seen.Id, SourceManager, FailureClass.LogicError), (ticket["id"]!.GetValue<string>(), seen.Child, seen.Class));

        var resolved = await admin.Resolve(seen.Id, "The list was retired; its adapter must be removed.");

        var lesson = await Lessons(client).Get(resolved["id"]!.GetValue<string>());
        Assert.Equal("The list was retired; its adapter must be removed.", lesson?.RootCause);
        Assert.Equal((RuleOrigin.Person, new RestartWithBackoff { First = TimeSpan.FromSeconds(1.5) }), (lesson?.Origin, lesson?.Remediation));
        var rules = await client.Get<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key).GetRules();
        Assert.Single(rules.Rules, rule => rule.Lesson == lesson?.Id && rule.Origin == RuleOrigin.Person);
        Assert.Contains((await admin.Get("remediations")).AsArray(), rule => rule!["origin"]!.GetValue<string>() == "Person");
        await Eventually.Is(
            async () => (await admin.Get("escalations")).AsArray(), tickets => !tickets.Single()!["open"]!.GetValue<bool>(), "the ticket is closed");
    }

    [Fact]
    public async Task A_crash_in_one_domain_leaves_the_workers_of_another_with_what_they_hold()
    {
        using var directory = new TemporaryDirectory();
        using var source = new RefusingPort();
        await using var silo = await SiloProcess.Start(directory);
        await using var client = await silo.Connect();
        var storage = client.Get<IStorageCoordinatorGrain>(IStorageCoordinatorGrain.Key);
        var cache = client.Get<ICacheManagerGrain>(ICacheManagerGrain.Key);
        var document = new CacheKey { Collection = "companies", Id = "acme" };
        await storage.Put(document.Collection, document.Id, """{"name":"Acme"}""", expectedVersion: 0);
        await cache.GetOrLoad(document, TimeSpan.FromHours(1));
        await client.RegisterWebSource("register", source.Number);

        await Assert.ThrowsAsync<HttpRequestException>(() => client.Ask("register"));

        var tree = await TreeWithRestarts(client, restarts: 1);
        Assert.Equal([SourceManager], tree.RestartCounts.Keys);
        await cache.GetOrLoad(document, TimeSpan.FromHours(1));
        var stats = await cache.Stats();
        Assert.Equal((1, 1), (stats.Hits, stats.Misses));
    }

    [Fact]
    public async Task The_page_and_the_Orleans_dashboard_open_for_a_program_with_the_token()
    {
        using var directory = new TemporaryDirectory();
        await using var silo = await SiloProcess.Start(directory);
        using var admin = silo.Admin();

        Assert.Contains("<title>Supervision</title>", await admin.GetText($"{AdminApi.Root}/", "text/html"), StringComparison.Ordinal);
        Assert.Contains("Orleans", await admin.GetText("/dashboard/", "text/html"), StringComparison.Ordinal);
        Assert.NotNull(JsonNode.Parse(await admin.GetText("/dashboard/DashboardCounters", "application/json")));
    }

    private static ILessonsLearnedGrain Lessons(PlatformClient client) => client.Get<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key);

    private static ISupervisionIntrospectorGrain Introspector(PlatformClient client) =>
        client.Get<ISupervisionIntrospectorGrain>(ISupervisionIntrospectorGrain.Key);

    private static Task<TreeHealth> TreeWithRestarts(PlatformClient client, long restarts) => Eventually.Is(
        () => Introspector(client).GetTreeHealth(),
        tree => tree.RestartCounts.GetValueOrDefault(SourceManager) == restarts,
        $"the tree shows {restarts} restarts of {SourceManager}");
}
