using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Prismatic.Breakers;
using Prismatic.Events;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Remediation;

/// <summary>Remedies on real silos: ladder, degraded answers, shadow mode, kill switch, budget, breakers, and how rules reach everyone.</summary>
public sealed class RemedyClusterTests
{
    private const string Worker = "app/work/shaky";
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private static Action<SupervisionTreeBuilder> Tree(Action<SupervisionTreeBuilder>? more = null, Action<SupervisorBuilder>? work = null) => tree =>
    {
        tree.Enforce().Supervisor("work", RestartStrategy.OneForOne, supervisor =>
        {
            supervisor
                .Intensity(1_000, Period)
                .Worker<IShakyGrain>("shaky", shaky => shaky.Intensity(1_000, Period).Restart(AtOnce))
                .Worker<IOtherGrain>("other", other => other.Intensity(1_000, Period).Restart(AtOnce).Fallback<IStandInGrain>())
                .Workers<IMemberGrain>("members", member => member.Intensity(1_000, Period).Restart(AtOnce));
            work?.Invoke(supervisor);
        });
        more?.Invoke(tree);
    };

    private static RestartWithBackoff AtOnce => new() { First = TimeSpan.Zero, Initial = TimeSpan.Zero, Max = TimeSpan.Zero, GiveUpAfter = 1 };

    private static RemediationRule Rule(string id, string under, RemediationAction action, params RemediationAction[] ladder) => new()
    {
        Id = id,
        Pattern = new CrashPattern { ExceptionType = "System.InvalidOperationException", MessageContains = "held, then", Under = under },
        Action = action,
        Ladder = [.. ladder],
    };

    /// <summary>A failure that a lesson knows as the fault of the requests that meet it restarts nobody, from its first time on.</summary>
    [Fact]
    public async Task What_a_lesson_knows_as_the_requests_fault_is_a_dead_letter_at_once_and_any_other_failure_a_crash()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(), silos: 1);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        var before = await shaky.Activation();
        cluster.Services(0).GetRequiredService<LocalRules>().Apply(new RuleTable
        {
            Version = 1_000,
            Rules = [Crash.Rule("request-known", new CrashPattern { ExceptionType = "System.InvalidOperationException", MessageContains = "known to lessons" }, origin: RuleOrigin.Learned), .. BuiltInRules.All],
        });

        await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Crash("known to lessons"));

        Assert.Equal(before, await shaky.Activation());
        Assert.Equal((1, 0), (cluster.Events.Count(SupervisionEventKind.RequestFailed), cluster.Events.Count(SupervisionEventKind.Crashed)));

        await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Crash("something else"));

        Assert.NotEqual(before, await shaky.Activation());
        Assert.Equal((1, 1), (cluster.Events.Count(SupervisionEventKind.RequestFailed), cluster.Events.Count(SupervisionEventKind.Crashed)));
    }

    [Fact]
    public async Task What_did_not_help_is_followed_by_the_next_step_on_whichever_silo_crashes_next_and_then_by_a_ticket()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree(tree => tree.Rule(Rule("ladder", Worker, AtOnce, new CircuitBreak { Target = "vendor" }))), time: time);

        await CrashOn(cluster, 0, "a");
        await cluster.Reported();
        await CrashOn(cluster, 1, "b");
        await cluster.Reported();
        await cluster.Deactivate<ISupervisorGrain>("app/work");
        cluster.Advance(TimeSpan.FromSeconds(2));
        await CrashOn(cluster, 0, "c");
        await cluster.Reported();
        await CrashOn(cluster, 1, "d");
        await cluster.Reported();

        var crashes = cluster.Events.All.Where(happened => happened.Kind == SupervisionEventKind.Crashed).Select(happened => (happened.Remediation, happened.Rule));
        Assert.Equal([("RestartWithBackoff", "ladder"), ("CircuitBreak", "ladder"), ("Escalate", "ladder"), ("Escalate", "ladder")], crashes);
        Assert.Equal(2, cluster.Events.All.Count(happened => happened is { Kind: SupervisionEventKind.OutcomeKnown, Outcome: Prismatic.Lessons.Outcome.Failed, Remediation: "RestartWithBackoff" or "CircuitBreak" }));
        var ticket = Assert.Single((await cluster.Supervisor("app/work")).Tickets);
        Assert.Equal("RestartWithBackoff, CircuitBreak did not help", ticket.Reason);
        Assert.Equal(2, ticket.Crashes);
        Assert.True(cluster.Services(1).GetRequiredService<BreakerTable>().IsOpen("vendor", out _));
    }

    [Fact]
    public async Task A_silo_that_joins_knows_what_did_not_help()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(tree => tree.Rule(Rule("ladder", Worker, AtOnce, new Escalate { Reason = "ask" }))), silos: 1);
        await CrashOn(cluster, 0, "a");
        await cluster.Reported();
        await CrashOn(cluster, 0, "b");
        await cluster.Reported();

        await cluster.Join();
        await SupervisedCluster.Until(() => !cluster.Services(1).GetRequiredService<FailedSteps>().Of(Worker).IsEmpty);
        await CrashOn(cluster, 1, "c");

        await cluster.Events.WaitFor(SupervisionEventKind.Crashed, Worker, nth: 3);
        Assert.Equal(["RestartWithBackoff", "Escalate", "Escalate"], cluster.Events.All.Where(happened => happened.Kind == SupervisionEventKind.Crashed).Select(happened => happened.Remediation));
    }

    [Fact]
    public async Task An_incident_that_nothing_more_is_heard_of_is_remembered_beyond_its_verification_and_forgotten_an_hour_later()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree(tree => tree.Rule(Rule("ladder", Worker, AtOnce, new Escalate { Reason = "ask" }))), silos: 1, time: time);
        await CrashOn(cluster, 0, "a");
        await cluster.Reported();
        await CrashOn(cluster, 0, "b");
        await cluster.Reported();
        var failed = cluster.Services(0).GetRequiredService<FailedSteps>();
        Assert.Equal(1, failed.Count);

        // The method that crashed is not called again: the second outcome is Inconclusive.
        time.Advance(TimeSpan.FromSeconds(130));
        await cluster.Events.WaitFor(SupervisionEventKind.OutcomeKnown, Worker, nth: 2);
        Assert.Equal(1, failed.Count);
        time.Advance(TimeSpan.FromHours(1));
        await SupervisedCluster.Until(() =>
        {
            // What the supervisor does when its timer fires it does on its own time; the timer that it sets then is due a little later.
            time.Advance(TimeSpan.FromSeconds(1));
            return failed.Count == 0;
        });
    }

    [Fact]
    public async Task A_caller_that_watches_is_told_which_answers_came_from_the_fallback_and_only_those()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree(tree => tree.Rule(Rule("stand-in", "app/work/other", new RedirectToFallback { Duration = TimeSpan.FromSeconds(30) }))), time: time);
        var other = cluster.Client.GetGrain<IOtherGrain>("other");
        using var watch = DegradedAnswers.Watch();
        await other.Activation();
        Assert.Equal(0, watch.Count);
        cluster.Stage.Open("door");
        await Assert.ThrowsAsync<InvalidOperationException>(() => other.HoldThenCrash("door"));
        await cluster.Reported();

        await other.Activation();
        await cluster.Client.GetGrain<IShakyGrain>("shaky").Activation();
        await other.Note("answered without being watched less");
        Assert.Equal(2, watch.Count);
        using (var inner = DegradedAnswers.Watch())
        {
            await other.Activation();
            Assert.True(inner.Any);

            // One that answers nothing but that it is done.
            await other.StartReminder();
            Assert.Equal(2, inner.Count);
        }

        Assert.Equal(2, watch.Count);
        time.Advance(TimeSpan.FromSeconds(31));
        await other.Activation();
        Assert.Equal(2, watch.Count);
    }

    [Fact]
    public async Task A_caller_that_does_not_watch_gets_the_fallbacks_answer_as_it_is()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree(tree => tree.Rule(Rule("stand-in", "app/work/other", new RedirectToFallback()))), time: time);
        var other = cluster.Client.GetGrain<IOtherGrain>("other");
        cluster.Stage.Open("door");
        await Assert.ThrowsAsync<InvalidOperationException>(() => other.HoldThenCrash("door"));
        await cluster.Reported();

        Assert.Equal(await cluster.Client.GetGrain<IStandInGrain>("other").Activation(), await other.Activation());
    }

    [Fact]
    public async Task In_shadow_mode_it_is_said_what_would_be_done_and_the_default_restart_is_done()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(tree => tree
            .Rule(Rule("break", Worker, new CircuitBreak { Target = "vendor" }))
            .Configure(options => options.Remediation = RemediationMode.Shadow)));

        await CrashOn(cluster, 0, "a");
        await cluster.Reported();

        await Held(cluster, "break", "remediation is in shadow mode");
    }

    [Fact]
    public async Task A_shadow_rule_says_what_it_would_do_and_the_rule_behind_it_decides()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(tree => tree
            .Rule(Rule("shadow", Worker, new CircuitBreak { Target = "vendor" }) with { Shadow = true })
            .Rule(new RemediationRule { Id = "live", Pattern = new CrashPattern { ExceptionType = "System.InvalidOperationException" }, Action = AtOnce })));

        await CrashOn(cluster, 0, "a");

        var crash = await cluster.Events.WaitFor(SupervisionEventKind.Crashed, Worker);
        Assert.Equal(("RestartWithBackoff", "live"), (crash.Remediation, crash.Rule));
        var said = await cluster.Events.WaitFor(SupervisionEventKind.RemedyHeld, Worker);
        Assert.Equal(("CircuitBreak", "shadow"), (said.Remediation, said.Rule));
        Assert.False(cluster.Services(0).GetRequiredService<BreakerTable>().IsOpen("vendor", out _));
    }

    [Fact]
    public async Task The_kill_switch_leaves_the_default_restart_on_all_silos_outlives_the_registry_and_can_be_put_back()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(tree => tree.Rule(Rule("break", Worker, new CircuitBreak { Target = "vendor" }))));
        var registry = cluster.Inside.GetGrain<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key);
        await Assert.ThrowsAsync<ControlRefusedException>(() => cluster.Client.GetGrain<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key).SetMode(RemediationMode.Off, "no"));

        var receipt = await registry.SetMode(RemediationMode.Off, "it made things worse");
        await cluster.Deactivate<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key);
        await cluster.Join();
        await CrashOn(cluster, 1, "a");
        await cluster.Reported();

        Assert.True(receipt.Everywhere);
        Assert.Equal(2, receipt.Silos.Length);
        Assert.Equal(RemediationMode.Off, cluster.Services(2).GetRequiredService<LocalRules>().Current.Mode);
        await Held(cluster, "break", "remediation is switched off");
        await registry.SetMode(RemediationMode.Active, "understood now");
        await CrashOn(cluster, 0, "b");
        Assert.Equal("CircuitBreak", (await cluster.Events.WaitFor(SupervisionEventKind.Crashed, Worker, nth: 2)).Remediation);
    }

    [Fact]
    public async Task Beyond_the_budget_of_its_subtree_a_crash_gets_the_default_restart_and_one_ticket_says_so()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(
            Tree(tree => tree.Rule(Rule("break", "app/work/members", new CircuitBreak { Target = "vendor" })), work => work.RemediationBudget(2, TimeSpan.FromMinutes(1))), time: time);
        for (var member = 0; member < 4; member++)
        {
            cluster.Stage.Open($"m{member}");
            var grain = cluster.Client.GetGrain<IMemberGrain>($"m{member}");
            await cluster.On(member % 2, grain.Activation);
            await Assert.ThrowsAsync<InvalidOperationException>(() => grain.HoldThenCrash($"m{member}"));
            await cluster.Reported();
        }

        var crashes = cluster.Events.All.Where(happened => happened.Kind == SupervisionEventKind.Crashed).Select(happened => (happened.Remediation, happened.Rule));
        Assert.Equal([("CircuitBreak", "break"), ("CircuitBreak", "break"), ("RestartWithBackoff", "default"), ("RestartWithBackoff", "default")], crashes);
        var ticket = Assert.Single((await cluster.Supervisor("app/work")).Tickets);
        Assert.Equal(("app/work", 2L), (ticket.Child, ticket.Crashes));
        Assert.Contains("used up their budget of 2 remedies in 60 s", ticket.Reason, StringComparison.Ordinal);

        time.Advance(TimeSpan.FromSeconds(61));
        cluster.Stage.Open("m9");
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Client.GetGrain<IMemberGrain>("m9").HoldThenCrash("m9"));
        Assert.Equal("CircuitBreak", (await cluster.Events.WaitFor(SupervisionEventKind.Crashed, "app/work/members/m9")).Remediation);
    }

    [Fact]
    public async Task A_silo_that_joins_knows_the_breakers_that_are_open()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(), silos: 1);
        await cluster.Inside.GetGrain<ICircuitBreakerGrain>("source:away").Open(TimeSpan.FromMinutes(5), "refused");
        await cluster.Inside.GetGrain<ICircuitBreakerGrain>("source:back").Open(TimeSpan.FromMinutes(5), "refused");
        await cluster.Inside.GetGrain<ICircuitBreakerGrain>("source:back").Close(1);
        await cluster.Events.WaitFor(SupervisionEventKind.BreakerClosed, "source:back");

        await cluster.Join();

        var table = cluster.Services(1).GetRequiredService<BreakerTable>();
        await SupervisedCluster.Until(() => table.IsOpen("source:away", out _));
        Assert.False(table.IsOpen("source:back", out _));
    }

    [Fact]
    public async Task A_new_rule_is_acknowledged_with_the_silos_that_decide_from_it_and_since_when()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 21, 0, 0, 0, TimeSpan.Zero));
        await using var cluster = await SupervisedCluster.Start(Tree(), time: time);

        var receipt = await cluster.Inside.GetGrain<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key).Register(Rule("mine", Worker, new CircuitBreak { Target = "vendor" }));

        Assert.True(receipt.Everywhere);
        Assert.Equal(cluster.Silos.Select(silo => silo.SiloAddress.ToParsableString()).Order(StringComparer.Ordinal), receipt.Silos.Select(silo => silo.Silo));
        Assert.All(receipt.Silos, silo => Assert.Equal(time.GetUtcNow(), silo.Since));
        Assert.All([0, 1], silo => Assert.Equal(receipt.Version, cluster.Services(silo).GetRequiredService<LocalRules>().Current.Version));
    }

    [Fact]
    public async Task A_rule_file_is_in_force_on_all_silos_a_changed_one_takes_its_place_and_of_one_with_a_mistake_nothing_does()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(path, FileWith("one", "CircuitBreak"), TestContext.Current.CancellationToken);
        try
        {
            await using var cluster = await SupervisedCluster.Start(Tree(tree => tree.Configure(options => options.RuleFile = path)));
            var feed = cluster.Services(1).GetServices<ILifecycleParticipant<ISiloLifecycle>>().OfType<RuleFileFeed>().Single();
            await SupervisedCluster.Until(() => Everywhere(cluster, "one", nameof(CircuitBreak)));
            Assert.False(await feed.Look());

            await File.WriteAllTextAsync(path, FileWith("one", "RedirectToFallback").Replace("\"rules\"", "\"rulez\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            Assert.False(await feed.Look());
            Assert.True(Everywhere(cluster, "one", nameof(CircuitBreak)));

            await File.WriteAllTextAsync(path, FileWith("one", "RedirectToFallback"), TestContext.Current.CancellationToken);
            await feed.Look();
            await SupervisedCluster.Until(() => Everywhere(cluster, "one", nameof(RedirectToFallback)));
        }
        finally
        {
            File.Delete(path);
        }

        static string FileWith(string id, string action) =>
            $$"""{ "schema": 1, "rules": [ { "id": "{{id}}", "pattern": { "exceptionType": "My.Exception" }, "remediation": { "action": "{{action}}" } } ] }""";
    }

    [Fact]
    public async Task A_rule_that_names_the_requests_blame_breaks_a_circuit_without_restarting_anybody()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(tree => tree.Rule(new RemediationRule
        {
            Id = "bad-names",
            Pattern = new CrashPattern { ExceptionType = "System.ArgumentException", Blame = Blame.Request },
            Action = new CircuitBreak { Target = "importer" },
        })), silos: 1);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        var before = await shaky.Activation();

        await Assert.ThrowsAsync<ArgumentException>(() => shaky.Check("x"));

        await cluster.Events.WaitFor(SupervisionEventKind.BreakerOpened, "importer");
        Assert.Equal(before, await shaky.Activation());
    }

    [Fact]
    public async Task A_tree_with_rules_that_cannot_be_used_does_not_start_and_names_them_all()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => SupervisedCluster.Start(Tree(tree => tree
            .Rule(Rule("two words", Worker, AtOnce))
            .Rule(new RemediationRule { Id = "broken", Pattern = new CrashPattern { MessageRegex = "a(" }, Action = AtOnce })), silos: 1));

        var text = failure.ToString();
        Assert.Contains("Rule 'two words'", text, StringComparison.Ordinal);
        Assert.Contains("Rule 'broken'", text, StringComparison.Ordinal);
    }

    /// <summary>A crash with the same signature each time and other arguments, so that no request looks poisonous.</summary>
    private static async Task CrashOn(SupervisedCluster cluster, int silo, string door)
    {
        cluster.Stage.Open(door);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await cluster.Deactivate<IShakyGrain>("shaky");
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.On(silo, async () =>
        {
            await shaky.HoldThenCrash(door);
            return 0;
        }));
    }

    private static async Task Held(SupervisedCluster cluster, string rule, string why)
    {
        var crash = await cluster.Events.WaitFor(SupervisionEventKind.Crashed, Worker);
        Assert.Equal(("RestartWithBackoff", "default"), (crash.Remediation, crash.Rule));
        var said = await cluster.Events.WaitFor(SupervisionEventKind.RemedyHeld, Worker);
        Assert.Equal(("CircuitBreak", rule), (said.Remediation, said.Rule));
        Assert.Contains(why, said.Text, StringComparison.Ordinal);
        Assert.Equal(crash.CorrelationId, said.CorrelationId);
        Assert.False(cluster.Services(0).GetRequiredService<BreakerTable>().IsOpen("vendor", out _));
        await cluster.Client.GetGrain<IShakyGrain>("shaky").Activation();
    }

    private static bool Everywhere(SupervisedCluster cluster, string rule, string action) => Enumerable.Range(0, cluster.Silos.Count)
        .All(silo => cluster.Services(silo).GetRequiredService<LocalRules>().Table.Rules.Any(known => known.Id == rule && known.Action.Name == action));
}
