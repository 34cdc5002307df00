using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Prismatic.Tests.Conformance;
using Xunit;

namespace Prismatic.Tests.Runtime;

/// <summary>The tree is up without traffic: these tests call a worker only to end it.</summary>
public sealed class EagerStartTests
{
    private static Task<OtpCluster> Start(Action<SupervisorBuilder> work, StartScripts? starts = null) => OtpCluster.Start(
        tree => tree.Configure(options => options.StartEagerly = true).Supervisor("work", RestartStrategy.OneForOne, work),
        policy: TopPolicy.Quarantine,
        starts: starts);

    [Fact]
    public async Task Permanent_workers_are_started_in_their_order_and_others_by_their_calls()
    {
        await using var cluster = await Start(work => work
            .Worker<IActorGrain>("a")
            .Worker<IActorGrain>("later", later => later.Lifetime(RestartType.Transient))
            .Supervisor("below", RestartStrategy.OneForOne, below => below.Worker<IActorGrain>("b"))
            .Worker<IActorGrain>("c"));

        await SupervisedCluster.Until(() => cluster.Journal.Contains("start c"));
        Assert.Equal("start a, start b, start c", cluster.TakeJournal());
    }

    [Theory]
    [InlineData(ExitReason.Error)]
    [InlineData(ExitReason.Normal)]
    public async Task A_worker_that_is_to_be_restarted_runs_again_though_nobody_calls_it(ExitReason reason)
    {
        await using var cluster = await Start(work => work.Worker<IActorGrain>("a"));
        await SupervisedCluster.Until(() => cluster.Journal.Contains("start a"));

        // Nothing here asks the supervisors for anything: that would start whom they find to be started.
        var failure = await Record.ExceptionAsync(() => cluster.Actor("a").Exit(reason, 1));

        Assert.Equal(reason == ExitReason.Error, failure is InvalidOperationException);
        await SupervisedCluster.Until(() => cluster.Journal.Count() == 3);
        Assert.Equal("start a, stop a, start a", cluster.TakeJournal());
    }

    [Fact]
    public async Task A_worker_that_crashed_and_served_again_is_started_when_it_ends_by_itself_after_that()
    {
        await using var cluster = await Start(work => work.Worker<IActorGrain>("a"));
        await SupervisedCluster.Until(() => cluster.Journal.Contains("start a"));
        await cluster.Exit("a", ExitReason.Error);
        await SupervisedCluster.Until(() => cluster.Journal.Count() == 3);

        // The first of these is served by the method that crashed; at the second its supervisor knows that it was.
        for (var entries = 5; entries <= 7; entries += 2)
        {
            await cluster.Actor("a").Exit(ExitReason.Normal, entries);
            await SupervisedCluster.Until(() => cluster.Journal.Count() == entries);
            await cluster.Cluster.Reported();
        }

        Assert.Equal("start a, stop a, start a, stop a, start a, stop a, start a", cluster.TakeJournal());
    }

    [Fact]
    public async Task A_start_that_fails_is_a_crash_and_is_tried_again()
    {
        var starts = new StartScripts();
        starts.Next("a", StartOutcome.Started, StartOutcome.Failed);
        await using var cluster = await Start(work => work.Worker<IActorGrain>("a", a => a.Restart(new RestartWithBackoff { Initial = TimeSpan.FromMilliseconds(1), Max = TimeSpan.FromMilliseconds(2) })), starts);
        await SupervisedCluster.Until(() => cluster.Journal.Contains("start a"));

        await cluster.Exit("a", ExitReason.Error);

        await SupervisedCluster.Until(() => cluster.Journal.Count() == 4);
        Assert.Equal("start a, stop a, fail a, start a", cluster.TakeJournal());
        await cluster.Settled();
        Assert.Equal(2, (await cluster.Supervisor("app/work").GetState()).Children.Single().Crashes);
    }

    [Fact]
    public async Task A_worker_that_is_stopped_stays_so()
    {
        await using var cluster = await Start(work => work.Worker<IActorGrain>("a", a => a.Lifetime(RestartType.Transient)).Worker<IActorGrain>("b"));
        await cluster.Actor("a").Serve();
        await cluster.Exit("a", ExitReason.Normal);
        await cluster.Exit("b", ExitReason.Normal);

        // b runs again: what was due for a before it has been done too.
        await SupervisedCluster.Until(() => cluster.Journal.Count(entry => entry == "start b") == 2);
        Assert.Equal(1, cluster.Journal.Count(entry => entry == "start a"));
    }
}
