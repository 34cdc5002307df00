using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;
using Prismatic.Events;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class LessonsAcrossSilosTests
{
    [Fact]
    public async Task Of_100_concurrent_writers_of_one_lesson_on_three_silos_no_update_is_lost_and_none_counts_twice()
    {
        var stored = new StoredBytes();
        await using var cluster = await SupervisedCluster.Start(Tree, silos: 3, configure: silo => Store(silo, stored));

        await Task.WhenAll(Enumerable.Range(0, 100).Select(writer => Task.Run(async () =>
        {
            var lessons = cluster.Services(writer % 3).GetRequiredService<IGrainFactory>().GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key);
            var crashes = Enumerable.Range(0, 10).Select(i => Crashes.Report((writer * 10) + i + 1, silo: $"silo-{writer % 3}", id: $"{writer}-{i}")).ToImmutableArray();
            var outcomes = ImmutableArray.Create(Crashes.Outcome($"{writer}", outcome: writer % 4 == 0 ? Outcome.Failed : Outcome.Healed));
            await lessons.Capture(crashes, [$"{writer}-0"]);
            await lessons.RecordOutcomes(outcomes);
            await lessons.Capture(crashes, [$"{writer}-0"]);
            await lessons.RecordOutcomes(outcomes);
        })));

        var lesson = (await Lessons(cluster).Get("g1"))!;
        var figures = await Lessons(cluster).GetStatistics();
        Assert.Equal((1000, 100), (lesson.Crashes, lesson.Ticketed));
        Assert.Equal((75, 25), (lesson.Outcomes["RestartWithBackoff"].Healed, lesson.Outcomes["RestartWithBackoff"].Failed));
        Assert.Equal((1, 1000, 0.1, 0.75), (figures.TotalLessons, figures.TotalCrashes, figures.EscalationRate, figures.AutoRemediatedRate));
    }

    [Fact]
    public async Task What_was_learned_on_one_silo_heals_the_first_such_crash_on_another_and_when_it_stops_helping_no_silo_applies_it()
    {
        var time = new FakeTimeProvider(Crashes.Noon);
        var stored = new StoredBytes();
        await using var cluster = await SupervisedCluster.Start(Tree, time: time, configure: silo => Store(silo, stored));
        var first = cluster.Client.GetGrain<IShakyGrain>("first");
        await cluster.On(0, () => first.Activation());
        await Assert.ThrowsAsync<VendorException>(() => first.CrashWith("vendor"));

        // Outcomes as the supervisor tells them: the default restart healed while a person was asked.
        await cluster.Reported();
        var lesson = Assert.Single((await Lessons(cluster).List(new LessonQuery())).Items);
        Assert.Equal(1, lesson.Ticketed);
        await Inside(cluster).RecordOutcomes([.. "abcd".Select(name => Crashes.Outcome($"{name}", group: lesson.Id, action: new Escalate()) with { Signature = lesson.Signatures[0] })]);
        await SupervisedCluster.Until(() => Version(cluster, 1) > 0);
        var taught = Version(cluster, 1);

        var second = cluster.Client.GetGrain<IShakyGrain>("second");
        await cluster.On(1, () => second.Activation());
        await Assert.ThrowsAsync<VendorException>(() => second.CrashWith("vendor"));

        var crashed = await cluster.Events.WaitFor(SupervisionEventKind.Crashed, "app/work/shaky/second");
        Assert.Equal((nameof(RestartWithBackoff), $"lesson-{lesson.Signatures[0]}"), (crashed.Remediation, crashed.Rule));
        await cluster.Reported();
        Assert.Single((await cluster.Supervisor("app/work")).Tickets);

        await Inside(cluster).RecordOutcomes([.. "efg".Select(name => Crashes.Outcome($"{name}", outcome: Outcome.Failed, group: lesson.Id) with { Signature = lesson.Signatures[0] })]);
        await SupervisedCluster.Until(() => Version(cluster, 0) > taught && Version(cluster, 1) > taught);
        Assert.DoesNotContain(
            (await cluster.Client.GetGrain<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key).GetRules()).Rules,
            rule => rule.Lesson == lesson.Id && rule.Action is RestartWithBackoff);
    }

    [Fact]
    public async Task A_record_that_is_damaged_or_of_an_unknown_form_is_set_aside_the_others_load_and_its_next_crash_begins_it_anew()
    {
        var stored = new StoredBytes();
        await using var cluster = await SupervisedCluster.Start(Tree, silos: 1, configure: silo => Store(silo, stored));
        await Inside(cluster).Capture([Crashes.Report(1), Crashes.Report(2, group: "g2"), Crashes.Report(3, group: "g3")], []);
        await cluster.Deactivate<ILessonGrain>("g1");
        await cluster.Deactivate<ILessonGrain>("g2");
        stored.Damage("prismatic-lesson/g1", "no record at all");
        stored.Damage("prismatic-lesson/g2", Framed("""{"SchemaVersion":1,"Lesson":{"Id":"g2","FailureMode":"x","Class":0,"WorkerType":"","Child":"","Remediation":{"kind":"RunCode","Type":"System.Diagnostics.Process"}}}"""));

        Assert.Null(await Lessons(cluster).Get("g1"));
        Assert.Null(await Lessons(cluster).Get("g2"));
        Assert.Equal("g3", Assert.Single((await Lessons(cluster).List(new LessonQuery())).Items).Id);
        await Inside(cluster).Capture([Crashes.Report(4), Crashes.Report(5, group: "g2")], []);

        Assert.Equal((1, 1), ((await Lessons(cluster).Get("g1"))!.Crashes, (await Lessons(cluster).Get("g2"))!.Crashes));
        Assert.Equal(3, (await Lessons(cluster).List(new LessonQuery())).Items.Length);
        Assert.Contains(stored.Texts, record => record.Key.StartsWith("lesson~replaced~", StringComparison.Ordinal) && record.Value.Contains("no record at all", StringComparison.Ordinal));
        Assert.Contains(stored.Texts, record => record.Key.StartsWith("lesson~replaced~", StringComparison.Ordinal) && record.Value.Contains("RunCode", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Planted_secrets_reach_the_caller_and_no_log_event_lesson_answer_export_drill_or_stored_record()
    {
        string[] planted = ["Pl4nted-Conn-7f3a", "eyJhbGciOiJIUzI1NiJ9.cGxhbnRlZDEyMzQ1Njc4.c2lnbmF0dXJl", "Pl4nted-Pass-91cc", "planted.person@example.com"];
        var stored = new StoredBytes();
        var log = new Captured();
        await using var cluster = await SupervisedCluster.Start(
            tree => Tree(tree.Configure(options => options.LessonKey = Encoding.UTF8.GetBytes("a key that two clusters have, both of them"))),
            configure: silo =>
            {
                Store(silo, stored);
                silo.Services.AddLogging(logging => logging.AddProvider(log).AddFilter<Captured>("Prismatic", LogLevel.Trace));
            });
        var grain = cluster.Client.GetGrain<ISecretiveGrain>("secretive");
        await grain.Ping();
        for (var i = 0; i < 2; i++)
        {
            var seen = await Record.ExceptionAsync(() => grain.Open($"Server=db;User Id=app;Password={planted[0]};", planted[1], planted[2], planted[3]));
            Assert.Contains(planted[0], seen!.ToString(), StringComparison.Ordinal);
            await cluster.Reported();
        }

        var lesson = Assert.Single((await Lessons(cluster).List(new LessonQuery())).Items);
        var ticket = Assert.Single((await cluster.Supervisor("app/work")).Tickets);
        await cluster.Inside.GetGrain<ISupervisorGrain>("app/work").ResolveTicket(ticket.Id, new Resolution { Remediation = new RestartWithBackoff(), RootCause = $"Password={planted[2]}; was wrong, says {planted[3]}", Note = $"token={planted[1]}", By = "ann" });
        var edited = await Inside(cluster).Edit(new LessonEdit { LessonId = lesson.Id, Version = (await Lessons(cluster).Get(lesson.Id))!.Version, By = "ann", RootCause = $"token={planted[1]}", Note = $"ask {planted[3]}" });
        var shown = new Dictionary<string, string>
        {
            ["lesson"] = JsonSerializer.Serialize(lesson),
            ["edited"] = JsonSerializer.Serialize(edited),
            ["audit"] = JsonSerializer.Serialize(await Lessons(cluster).Audit(lesson.Id, null, 100)),
            ["statistics"] = JsonSerializer.Serialize(await Lessons(cluster).GetStatistics()),
            ["export"] = (await Inside(cluster).Export(null)).File,
            ["drill"] = (await Lessons(cluster).ExportDrill(lesson.Id))!,
            ["supervisor"] = JsonSerializer.Serialize(await cluster.Supervisor("app/work")),
            ["health"] = JsonSerializer.Serialize(await cluster.Health()),
            ["rules"] = JsonSerializer.Serialize(await cluster.Client.GetGrain<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key).GetRules()),
            ["events"] = string.Join("\n", cluster.Events.All),
            ["log"] = string.Join("\n", log.Lines),
        };
        foreach (var (record, text) in stored.Texts)
        {
            shown[record] = text;
        }

        Assert.Equal(2, lesson.Crashes);
        Assert.Equal("***", lesson.State["Password"]);
        Assert.NotEmpty(log.Lines);
        Assert.Contains(shown.Keys, key => key.StartsWith("lesson/", StringComparison.Ordinal));
        Assert.Contains(shown.Keys, key => key.StartsWith("prismatic-supervisor/", StringComparison.Ordinal));
        Findings(from text in shown from secret in planted where text.Value.Contains(secret, StringComparison.OrdinalIgnoreCase) select $"{secret} is in {text.Key}");
    }

    private static void Findings(IEnumerable<string> found) => Assert.Empty(found);

    private static void Tree(SupervisionTreeBuilder tree) => tree
        .Enforce()
        .Supervisor("work", RestartStrategy.OneForOne, work => work
            .Worker<ISecretiveGrain>("secretive", worker => worker.Key("secretive"))
            .Workers<IShakyGrain>("shaky"));

    private static void Store(ISiloBuilder silo, StoredBytes stored) =>
        silo.Services.AddKeyedSingleton<IGrainStorage>(StorageNames.Provider, stored);

    private static ILessonsLearnedGrain Lessons(SupervisedCluster cluster) => cluster.Client.GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key);

    private static ILessonsLearnedGrain Inside(SupervisedCluster cluster) => cluster.Inside.GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key);

    private static long Version(SupervisedCluster cluster, int silo) => cluster.Services(silo).GetRequiredService<LocalRules>().Current.Version;

    private static string Framed(string json) =>
        Encoding.UTF8.GetString(RecordFrame.Write(StateEnvelope.Seal(Encoding.UTF8.GetBytes(json), 1, Crashes.Noon)).Span);

    private sealed class Captured : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
