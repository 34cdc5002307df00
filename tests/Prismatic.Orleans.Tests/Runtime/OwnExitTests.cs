using Prismatic.Events;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Runtime;

/// <summary>A worker that ends by itself, or declines to start.</summary>
public interface ILeavingGrain : IGrainWithStringKey
{
    Task<int> Activation();

    Task<int> Leave(ExitReason reason);

    Task LeaveThenCrash();
}

public interface ILeavingMemberGrain : ILeavingGrain;

internal abstract class LeavingGrainBase(Stage stage) : Grain, ILeavingGrain
{
    private readonly int _number = stage.NextActivation();

    public override Task OnActivateAsync(CancellationToken cancellationToken) => stage.TakeActivationFailure(this.GetPrimaryKeyString())
        ? throw new ChildIgnoredException("it has nothing to watch.")
        : Task.CompletedTask;

    public Task<int> Activation() => Task.FromResult(_number);

    public Task<int> Leave(ExitReason reason)
    {
        if (reason == ExitReason.Normal)
        {
            this.ExitNormally();
        }
        else
        {
            this.ExitShutdown();
        }

        return Activation();
    }

    public Task LeaveThenCrash()
    {
        this.ExitNormally();
        throw new InvalidOperationException("after it asked to end");
    }
}

internal sealed class LeavingGrain(Stage stage) : LeavingGrainBase(stage);

internal sealed class LeavingMemberGrain(Stage stage) : LeavingGrainBase(stage), ILeavingMemberGrain;

public sealed class OwnExitTests
{
    private const string Worker = "app/work/leaving";
    private const string Member = "app/work/members/one";

    private static void Tree(SupervisionTreeBuilder tree) => tree
        .Enforce()
        .Supervisor("work", RestartStrategy.OneForOne, work => work
            .Worker<ILeavingGrain>("leaving")
            .Workers<ILeavingMemberGrain>("members"));

    [Theory]
    [InlineData(ExitReason.Normal)]
    [InlineData(ExitReason.Shutdown)]
    public async Task A_worker_that_ends_by_itself_is_told_of_once_and_counts_as_no_crash(ExitReason reason)
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        var leaving = cluster.Client.GetGrain<ILeavingGrain>("leaving");

        var first = await leaving.Leave(reason);
        var exited = await cluster.Events.WaitFor(SupervisionEventKind.Exited, Worker);
        await cluster.Reported();
        var second = await leaving.Activation();

        Assert.Contains(reason.ToString(), exited.Text, StringComparison.Ordinal);
        Assert.NotEqual(first, second);
        Assert.Equal(1, cluster.Events.Count(SupervisionEventKind.Exited));
        Assert.Equal(0, cluster.Events.Count(SupervisionEventKind.Crashed));
        Assert.Equal(0, (await cluster.Child(Worker)).Crashes);
    }

    [Fact]
    public async Task A_turn_that_crashes_after_it_asked_to_end_is_a_crash_and_no_exit()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);

        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Client.GetGrain<ILeavingGrain>("leaving").LeaveThenCrash());
        await cluster.Reported();
        await cluster.Client.GetGrain<ILeavingGrain>("leaving").Activation();

        Assert.Equal(1, (await cluster.Child(Worker)).Crashes);
        Assert.Equal(0, cluster.Events.Count(SupervisionEventKind.Exited));
    }

    [Fact]
    public async Task A_worker_that_declines_to_start_is_stopped_without_a_crash_until_it_is_started()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        cluster.Stage.FailingActivations["leaving"] = 1;
        var leaving = cluster.Client.GetGrain<ILeavingGrain>("leaving");

        var declined = await Assert.ThrowsAsync<ChildUnavailableException>(leaving.Activation);
        await cluster.Reported();
        var refused = await Assert.ThrowsAsync<ChildUnavailableException>(leaving.Activation);
        var stopped = await cluster.Child(Worker);
        await cluster.Inside.GetGrain<ISupervisorGrain>("app/work").Start(Worker, null);
        await leaving.Activation();

        Assert.Equal((ChildStatus.Stopped, null), (declined.Status, declined.RetryAfter));
        Assert.Equal(ChildStatus.Stopped, refused.Status);
        Assert.Equal((ChildStatus.Stopped, 0L), (stopped.Status, stopped.Crashes));
    }

    [Fact]
    public async Task A_member_that_ends_or_declines_is_asked_again_by_its_next_call()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        var member = cluster.Client.GetGrain<ILeavingMemberGrain>("one");
        cluster.Stage.FailingActivations["one"] = 1;

        await Assert.ThrowsAsync<ChildUnavailableException>(member.Activation);
        var first = await member.Leave(ExitReason.Normal);
        await cluster.Events.WaitFor(SupervisionEventKind.Exited, Member, nth: 2);
        var second = await member.Activation();

        Assert.NotEqual(first, second);
        Assert.Equal(0, cluster.Gates());
    }

    [Fact]
    public async Task A_grain_outside_the_tree_may_end_by_itself_and_nobody_is_told()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        var outside = cluster.Client.GetGrain<ILeavingGrain>("not in the tree");

        var first = await outside.Leave(ExitReason.Normal);
        await SupervisedCluster.Until(() => outside.Activation().Result != first);

        Assert.Equal(0, cluster.Events.Count(SupervisionEventKind.Exited));
    }
}
