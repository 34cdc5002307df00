using Microsoft.Extensions.Time.Testing;
using Orleans.Core.Internal;
using Prismatic.Events;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Cluster;

public sealed class RoundTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private static Action<SupervisionTreeBuilder> Tree(RestartStrategy strategy, TimeSpan first = default) => tree => tree
        .Enforce()
        .Supervisor("work", strategy, work => work
            .Worker<IShakyGrain>("one")
            .Worker<IOtherGrain>("two", two => two.Restart(new RestartWithBackoff { First = first }))
            .Worker<IThirdGrain>("three"));

    [Theory]
    [InlineData(RestartStrategy.OneForOne, "start two")]
    [InlineData(RestartStrategy.RestForOne, "stop three, start two, start three")]
    [InlineData(RestartStrategy.OneForAll, "stop three, stop one, start one, start two, start three")]
    public async Task Siblings_are_stopped_from_the_end_and_started_from_the_beginning(RestartStrategy strategy, string expected)
    {
        await using var cluster = await SupervisedCluster.Start(Tree(strategy));
        await ActivateAll(cluster);

        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Client.GetGrain<IOtherGrain>("two").Crash("boom"));
        if (strategy == RestartStrategy.OneForOne)
        {
            await cluster.Client.GetGrain<IOtherGrain>("two").Activation();
            await cluster.Reported();
        }
        else
        {
            await cluster.Events.WaitFor(SupervisionEventKind.RoundFinished, "app/work");
        }

        // The crashed activation's own stop may fall anywhere before its start.
        Assert.Equal(expected, string.Join(", ", cluster.Stage.Journal.Where(line => line != "stop two")));
        var view = await cluster.Supervisor("app/work");
        Assert.Equal(1, view.RestartsInWindow);
    }

    [Fact]
    public async Task A_round_counts_a_restart_for_each_sibling_and_one_in_the_supervisors_window()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(RestartStrategy.OneForAll));
        await ActivateAll(cluster);

        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Client.GetGrain<IShakyGrain>("one").Crash("boom"));
        await cluster.Events.WaitFor(SupervisionEventKind.RoundFinished, "app/work");

        var view = await cluster.Supervisor("app/work");
        Assert.Equal([1L, 1L, 1L], view.Children.Select(child => child.Restarts));
        Assert.Equal([1L, 0L, 0L], view.Children.Select(child => child.Crashes));
        Assert.Equal(1, view.RestartsInWindow);
    }

    [Fact]
    public async Task A_supervisor_that_is_gone_in_the_middle_of_a_round_finishes_it_when_it_is_back()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree(RestartStrategy.RestForOne, first: TimeSpan.FromSeconds(4)), silos: 1, time: time);
        await ActivateAll(cluster);
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Client.GetGrain<IOtherGrain>("two").Crash("boom"));
        await cluster.Reported();
        Assert.Contains("stop three", cluster.Stage.Journal);
        Assert.DoesNotContain("start two", cluster.Stage.Journal);

        await cluster.Deactivate<ISupervisorGrain>("app/work");
        await cluster.Supervisor("app/work");
        time.Advance(TimeSpan.FromSeconds(5));
        await cluster.Events.WaitFor(SupervisionEventKind.RoundFinished, "app/work");

        Assert.Equal("stop three, start two, start three", string.Join(", ", cluster.Stage.Journal.Where(line => line != "stop two")));
        var view = await cluster.Supervisor("app/work");
        Assert.Equal([0L, 1L, 1L], view.Children.Select(child => child.Restarts));
    }

    [Fact]
    public async Task A_supervisor_takes_in_a_crash_of_a_child_that_its_round_was_about_to_start_and_does_not_wait_for_its_delay()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree(RestartStrategy.RestForOne, first: TimeSpan.FromSeconds(4)), silos: 1, time: time);
        await ActivateAll(cluster);
        var held = cluster.Client.GetGrain<IThirdGrain>("three").Hold("three");
        var second = cluster.Client.GetGrain<IOtherGrain>("two").HoldThenCrash("two");
        await Task.WhenAll(cluster.Stage.Arrival("three"), cluster.Stage.Arrival("two"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Client.GetGrain<IShakyGrain>("one").Crash("boom"));
        await cluster.Ending(cluster.Client.GetGrain<IThirdGrain>("three"));

        // The supervisor waits for three; what it is told meanwhile it takes in after the round.
        cluster.Stage.Open("two");
        await Assert.ThrowsAsync<InvalidOperationException>(() => second);
        cluster.Stage.Open("three");
        await held;
        await cluster.Reported();

        Assert.Equal(["start one"], cluster.Stage.Journal.Where(line => line.StartsWith("start", StringComparison.Ordinal)));
        time.Advance(TimeSpan.FromSeconds(5));
        await SupervisedCluster.Until(() => cluster.Stage.Journal.Contains("start three"));
        Assert.Equal("start one, start two, start three", string.Join(", ", cluster.Stage.Journal.Where(line => line.StartsWith("start", StringComparison.Ordinal))));
        Assert.Equal([1L, 1L, 0L], (await cluster.Supervisor("app/work")).Children.Select(child => child.Crashes));
    }

    [Fact]
    public async Task A_round_below_comes_to_its_end_while_the_supervisor_above_has_a_crash_to_judge()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(
            tree => tree.Enforce().Supervisor("work", RestartStrategy.RestForOne, work => work
                .Worker<IShakyGrain>("one")
                .Supervisor("inner", RestartStrategy.RestForOne, inner => inner.Worker<IOtherGrain>("two").Worker<IThirdGrain>("three"))),
            silos: 1,
            time: time);
        await ActivateAll(cluster);
        var held = cluster.Client.GetGrain<IThirdGrain>("three").Hold("three");
        var first = cluster.Client.GetGrain<IShakyGrain>("one").HoldThenCrash("one");
        await Task.WhenAll(cluster.Stage.Arrival("three"), cluster.Stage.Arrival("one"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Client.GetGrain<IOtherGrain>("two").Crash("boom"));
        await cluster.Ending(cluster.Client.GetGrain<IThirdGrain>("three"));

        // All below inner is held from now on for a round of the supervisor above, which waits for inner.
        cluster.Stage.Open("one");
        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        cluster.Stage.Open("three");
        await held;
        await cluster.Events.WaitFor(SupervisionEventKind.RoundFinished, "app/work/inner");
        await cluster.Events.WaitFor(SupervisionEventKind.RoundFinished, "app/work");

        await cluster.Client.GetGrain<IThirdGrain>("three").Activation();
        Assert.Equal(
            "stop three, start two, start three, stop three, stop two, start one, start two, start three",
            string.Join(", ", cluster.Stage.Journal.Where(line => line != "stop one").SkipWhile(line => line == "stop two").Aggregate(new List<string>(), WithoutTheCrashedEnd)));
    }

    /// <summary>The end of the activation of two that crashed may fall anywhere before its next start.</summary>
    private static List<string> WithoutTheCrashedEnd(List<string> told, string line)
    {
        if (line != "stop two" || told.Contains("start two"))
        {
            told.Add(line);
        }

        return told;
    }

    private static async Task ActivateAll(SupervisedCluster cluster)
    {
        await cluster.Client.GetGrain<IShakyGrain>("one").Activation();
        await cluster.Client.GetGrain<IOtherGrain>("two").Activation();
        await cluster.Client.GetGrain<IThirdGrain>("three").Activation();
        cluster.Stage.Journal.Clear();
    }
}
