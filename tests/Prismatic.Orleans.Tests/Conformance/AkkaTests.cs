using Prismatic.Events;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>Cases of Akka.NET and Proto.Actor that neither OTP nor Elixir has, as far as no other test of ours is that case already.</summary>
public sealed class AkkaTests(AkkaTests.Tree tree) : IClassFixture<AkkaTests.Tree>
{
    public sealed class Tree : CaseTree
    {
        internal override void Declare(SupervisionTreeBuilder tree)
        {
            tree.Case(nameof(A_manager_that_gives_up_is_started_again_with_all_its_workers), boss => boss
                .Supervisor("manager", RestartStrategy.OneForAll, manager => manager
                    .Intensity(0, LongPeriod)
                    .Child(nameof(A_manager_that_gives_up_is_started_again_with_all_its_workers), "a")
                    .Child(nameof(A_manager_that_gives_up_is_started_again_with_all_its_workers), "b")));
            tree.Case(
                nameof(Who_watches_is_told_when_a_child_is_given_up),
                supervisor => supervisor.Child(nameof(Who_watches_is_told_when_a_child_is_given_up), "a"),
                intensity: 1);
            tree.Case(
                nameof(Restarts_and_crashes_are_counted_by_child),
                supervisor => supervisor.Child(nameof(Restarts_and_crashes_are_counted_by_child), "a").Child(nameof(Restarts_and_crashes_are_counted_by_child), "b"),
                RestartStrategy.OneForAll,
                intensity: 10);
        }
    }

    [Fact]
    public async Task A_manager_that_gives_up_is_started_again_with_all_its_workers()
    {
        var otp = tree.Case();
        otp.Journal();
        await otp.Exit("a");
        Assert.Equal("stop a, stop b, start a, start b", otp.Journal());
        Assert.Equal((2L, ChildRun.Running), (await otp.Incarnation("manager"), await otp.Run("manager")));
        await otp.Actor("a").Serve();
        await otp.Actor("b").Serve();
    }

    [Fact]
    public async Task Who_watches_is_told_when_a_child_is_given_up()
    {
        var otp = tree.Case();
        await otp.Exit("a");
        Assert.DoesNotContain(otp.Events, happened => happened.Kind == SupervisionEventKind.GaveUp);
        await otp.Exit("a");
        await otp.Otp.Cluster.Events.WaitFor(SupervisionEventKind.GaveUp, otp.Path);
        await otp.AssertEnded("", "a");
    }

    [Fact]
    public async Task Restarts_and_crashes_are_counted_by_child()
    {
        var otp = tree.Case();
        for (var i = 0; i < 3; i++)
        {
            await otp.Exit("a");
        }

        await otp.Exit("b", ExitReason.Normal);
        var children = (await otp.Supervisor().GetState()).Children;
        Assert.Equal([(4L, 3L), (4L, 0L)], children.Select(child => (child.Restarts, child.Crashes)));
    }

    [Fact]
    public void A_supervisor_has_elixirs_intensity_unless_it_is_told_another()
    {
        Assert.Equal(new Budget(3, TimeSpan.FromSeconds(5)), BudgetOf(supervisor => supervisor.Worker<ICaseGrain>("a")));
        Assert.Equal(new Budget(0, TimeSpan.FromMinutes(1)), BudgetOf(supervisor => supervisor.Intensity(0, TimeSpan.FromMinutes(1)).Worker<ICaseGrain>("a")));
        static Budget? BudgetOf(Action<SupervisorBuilder> children) =>
            new SupervisionTreeBuilder().Supervisor("s", RestartStrategy.OneForAll, children).Build().Supervisors.Single().Budget;
    }

    [Fact]
    public async Task A_root_that_gives_up_stops_the_tree_and_not_the_silo()
    {
        await using var otp = await OtpCluster.Start(declared => declared
            .Supervisor("s", RestartStrategy.OneForOne, s => s.Intensity(0, CaseTree.LongPeriod).Worker<IActorGrain>("a"))
            .Supervisor("t", RestartStrategy.OneForOne, t => t.Worker<IActorGrain>("b")));
        otp.Starts.Always("a", StartOutcome.Failed);

        await otp.Exit("a", ExitReason.Error);

        await otp.Cluster.Events.WaitFor(SupervisionEventKind.GaveUp, "app");
        await otp.Settled();
        foreach (var child in new[] { "a", "b" })
        {
            await Assert.ThrowsAsync<ChildUnavailableException>(() => otp.Actor(child).Serve());
        }

        Assert.All(await otp.Supervisor().WhichChildren(), child => Assert.Equal(ChildRun.Undefined, child.Run));
    }
}
