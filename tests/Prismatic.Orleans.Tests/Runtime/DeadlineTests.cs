using Prismatic.Events;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;
using Xunit.Sdk;

namespace Prismatic.Tests.Runtime;

public sealed class DeadlineTests
{
    private const string Worker = "app/work/slow";
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(100);

    private static Action<SupervisionTreeBuilder> Tree(bool enforce = true) => tree =>
    {
        tree.Supervisor("work", RestartStrategy.OneForOne, work => work
            .Worker<ISlowGrain>("slow", slow => slow.Deadline(Deadline))
            .Workers<ISlowMemberGrain>("patient"));
        if (enforce)
        {
            tree.Enforce();
        }
    };

    [Fact]
    public Task A_turn_that_outlasts_its_deadline_is_left_behind_calls_go_on_and_it_counts_once_with_its_late_end() => HangAndEndLate(Mutant.None);

    [Fact]
    public async Task That_what_was_left_behind_counts_and_writes_on_would_be_seen() =>
        await Assert.ThrowsAnyAsync<XunitException>(() => HangAndEndLate(Mutant.LeftBehindGoesOn));

    [Fact]
    public async Task The_token_of_a_turn_fires_at_its_deadline()
    {
        await using var cluster = await SupervisedCluster.Start(Tree());
        var slow = cluster.Client.GetGrain<ISlowGrain>("slow");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow.HoldUntilCancelled(TestContext.Current.CancellationToken));
        await cluster.Events.WaitFor(SupervisionEventKind.Exited, Worker);
        await cluster.Reported();

        Assert.Contains("cancelled", cluster.Stage.Journal);
        Assert.Equal(1, (await cluster.Child(Worker)).Crashes);
    }

    [Fact]
    public async Task A_worker_without_a_deadline_may_take_as_long_as_it_likes()
    {
        await using var cluster = await SupervisedCluster.Start(Tree());
        var patient = cluster.Client.GetGrain<ISlowMemberGrain>("one");
        var slow = cluster.Client.GetGrain<ISlowGrain>("slow");
        var long1 = patient.HoldThenStore("patient", 1);
        var long2 = slow.HoldThenStore("slow", 1);

        await cluster.Events.WaitFor(SupervisionEventKind.Exited, Worker);
        cluster.Stage.Open("patient");
        await long1;

        Assert.Equal(1, await patient.Stored());
        Assert.Equal(1, cluster.Events.Count(SupervisionEventKind.Crashed));
        cluster.Stage.Open("slow");
        await Assert.ThrowsAsync<StateFencedException>(() => long2);
    }

    [Fact]
    public async Task In_observe_mode_a_hung_turn_is_told_of_and_goes_on()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(enforce: false));
        var slow = cluster.Client.GetGrain<ISlowGrain>("slow");
        var before = await slow.Activation();
        var turn = slow.HoldThenStore("door", 7);

        await cluster.Events.WaitFor(SupervisionEventKind.Noticed, Worker);
        cluster.Stage.Open("door");
        await turn;

        Assert.Equal((before, 7), (await slow.Activation(), await slow.Stored()));
        Assert.Equal(0, cluster.Events.Count(SupervisionEventKind.Crashed));
    }

    private static async Task HangAndEndLate(Mutant mutant)
    {
        await using var cluster = await SupervisedCluster.Start(Tree(), mutant: mutant);
        var slow = cluster.Client.GetGrain<ISlowGrain>("slow");
        var before = await slow.Activation();
        var writes = slow.HoldThenStore("write", 7);
        await cluster.Stage.Arrival("write");
        var waiting = slow.Activation();

        await cluster.Events.WaitFor(SupervisionEventKind.Exited, Worker);
        Assert.NotEqual(before, await waiting);
        Assert.NotEqual(before, await slow.Activation());
        cluster.Stage.Open("write");
        await Assert.ThrowsAsync<StateFencedException>(() => writes);
        await cluster.Reported();

        Assert.Equal(0, await slow.Stored());
        var child = await cluster.Child(Worker);
        Assert.Equal((1L, 1L), (child.Crashes, child.Restarts));
        Assert.Contains("TurnHungException", child.LastCrash, StringComparison.Ordinal);
        Assert.Equal(1, cluster.Events.Count(SupervisionEventKind.Crashed, Worker));
    }
}
