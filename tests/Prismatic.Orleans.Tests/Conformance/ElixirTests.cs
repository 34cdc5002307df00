using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>Cases of Elixir's DynamicSupervisor, PartitionSupervisor and Task.Supervisor that OTP's suite does not have.</summary>
public sealed class ElixirTests(ElixirTests.Tree tree) : IClassFixture<ElixirTests.Tree>
{
    private const int Partitions = 4;

    public sealed class Tree : CaseTree
    {
        internal override void Declare(SupervisionTreeBuilder tree)
        {
            tree.Pool(nameof(A_dynamic_supervisor_with_room_for_none_takes_none), maxChildren: 0);
            tree.Pool(nameof(Children_that_are_being_restarted_hold_their_place), 1_000_000, maxChildren: 2);
            tree.Pool(nameof(Restart_types_hold_under_a_dynamic_supervisor), 10);
            tree.Pool(nameof(A_restart_may_come_to_anything_and_the_counts_follow), 1_000_000);
            tree.Pool(nameof(A_failed_restart_and_its_repetition_count_twice), 2);
            tree.Pool(nameof(A_child_that_is_being_restarted_can_be_terminated), 1_000_000);
            tree.Pool(nameof(Children_with_all_kinds_of_shutdown_end_in_one_sweep));
            tree.Pool(nameof(A_job_that_ends_is_gone_and_its_caller_has_the_answer_or_the_exception), maxChildren: 2);
            tree.Case(nameof(Partitions_are_started_found_by_key_and_counted), supervisor => supervisor.Partitions<ISecondActorGrain>("parts", Partitions));
        }
    }

    [Fact]
    public async Task A_dynamic_supervisor_with_room_for_none_takes_none()
    {
        var otp = tree.Case();
        var refused = await otp.Add("a", to: "pool");
        Assert.Equal(ChildAnswerKind.MaxChildren, refused.Kind);
        Assert.Equal("it has 0 of 0 children", refused.Error);
    }

    [Fact]
    public async Task Children_that_are_being_restarted_hold_their_place()
    {
        var otp = tree.Case();
        await otp.Add("a", to: "pool");
        await otp.Add("b", to: "pool");
        Assert.Equal(ChildAnswerKind.MaxChildren, (await otp.Add("c", to: "pool")).Kind);
        otp.Break("a");
        await otp.ExitUnsettled("a");
        await OtpCase.Until(async () => await otp.Counts("pool") == (1, 1, 0, 2));
        Assert.Equal(ChildAnswerKind.MaxChildren, (await otp.Add("c", to: "pool")).Kind);
        await otp.Supervisor("pool").TerminateChild(otp.Key("a"));
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Add("c", to: "pool")).Kind);
    }

    [Fact]
    public async Task Restart_types_hold_under_a_dynamic_supervisor()
    {
        var otp = tree.Case();
        foreach (var restart in Enum.GetValues<RestartType>())
        {
            foreach (var reason in new[] { ExitReason.Normal, ExitReason.Shutdown, ExitReason.Error })
            {
                var id = $"{restart}-{reason}";
                var added = await otp.Add(id, restart, "pool");
                await otp.Exit(id, reason);
                var info = await otp.Supervisor("pool").GetChildSpec(otp.Key(id));
                Assert.Equal(RestartDecision.IsRestarted(restart, reason) ? added.Incarnation + 1 : null, info?.Incarnation);
            }
        }
    }

    [Fact]
    public async Task A_restart_may_come_to_anything_and_the_counts_follow()
    {
        var otp = tree.Case();
        await otp.Add("a", to: "pool");
        await otp.Exit("a");
        Assert.Equal((1, 1, 0, 1), await otp.Counts("pool"));
        otp.Break("a");
        await otp.ExitUnsettled("a");
        await OtpCase.Until(async () => await otp.Counts("pool") == (1, 0, 0, 1));
        otp.Heal("a");
        await OtpCase.Until(async () => await otp.Counts("pool") == (1, 1, 0, 1));
        await otp.Settled();
        otp.NextStarts("a", StartOutcome.Ignored);
        await otp.Exit("a");
        Assert.Equal((1, 0, 0, 0), await otp.Counts("pool"));
    }

    [Fact]
    public async Task A_failed_restart_and_its_repetition_count_twice()
    {
        var otp = tree.Case();
        await otp.Add("a", to: "pool");
        otp.NextStarts("a", StartOutcome.Failed);
        await otp.Exit("a");
        Assert.Equal("a=Running", await otp.Which("pool"));
        await otp.Exit("a");
        Assert.Equal(ChildRun.Undefined, await otp.Run("pool"));
    }

    [Fact]
    public async Task A_child_that_is_being_restarted_can_be_terminated()
    {
        var otp = tree.Case();
        await otp.Add("a", to: "pool");
        otp.Break("a");
        await otp.ExitUnsettled("a");
        await OtpCase.Until(async () => await otp.Which("pool") == "a=Restarting");
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Supervisor("pool").TerminateChild(otp.Key("a"))).Kind);
        Assert.Equal(ChildAnswerKind.NotFound, (await otp.Supervisor("pool").TerminateChild(otp.Key("a"))).Kind);
        Assert.Equal((1, 0, 0, 0), await otp.Counts("pool"));
    }

    [Fact]
    public async Task Children_with_all_kinds_of_shutdown_end_in_one_sweep()
    {
        var otp = tree.Case();
        (string Id, Shutdown Shutdown, ExitReason? Reason)[] children =
        [
            ("brutal", Shutdown.BrutalKill, null),
            ("infinity", Shutdown.Infinity, null),
            ("infinity-abnormal", Shutdown.Infinity, ExitReason.Error),
            ("time", Shutdown.After(TimeSpan.FromSeconds(20)), null),
            ("time-normal", Shutdown.After(TimeSpan.FromSeconds(20)), ExitReason.Normal),
            ("time-abnormal", Shutdown.After(TimeSpan.FromSeconds(20)), ExitReason.Error),
            ("expired", Shutdown.After(TimeSpan.FromMilliseconds(50)), null),
        ];
        var turns = new List<Task>();
        foreach (var (id, shutdown, reason) in children)
        {
            await otp.Add(id, to: "pool", shutdown: shutdown);
            turns.Add(otp.Actor(id).HoldThenEnd($"door-{id}", reason));
            await otp.Otp.Cluster.Stage.Arrival($"door-{id}");
        }

        var stopping = otp.Stop();
        await Task.WhenAll(children.Select(child => otp.IsBeingStopped(child.Id)));
        foreach (var (id, _, _) in children.Where(child => child.Id is not ("brutal" or "expired")))
        {
            otp.Otp.Cluster.Stage.Open($"door-{id}");
        }

        Assert.Equal(ChildAnswerKind.Ok, (await stopping).Kind);
        await otp.Settled();

        await otp.AssertEnded("", [.. children.Select(child => child.Id)]);
        Assert.Contains("expired Killed", otp.ReportsOf(Prismatic.Events.SupervisorReportContext.ShutdownError));
        Assert.DoesNotContain("brutal Killed", otp.ReportsOf(Prismatic.Events.SupervisorReportContext.ShutdownError));
        otp.Otp.Cluster.Stage.Open("door-brutal");
        otp.Otp.Cluster.Stage.Open("door-expired");
        await Task.WhenAll(turns.Select(turn => turn.ContinueWith(_ => { }, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default)));
    }

    [Fact]
    public async Task A_job_that_ends_is_gone_and_its_caller_has_the_answer_or_the_exception()
    {
        var otp = tree.Case();
        await otp.Add("a", RestartType.Temporary, "pool");
        await otp.Add("b", RestartType.Temporary, "pool");
        Assert.Equal(ChildAnswerKind.MaxChildren, (await otp.Add("c", RestartType.Temporary, "pool")).Kind);
        Assert.True(await otp.Actor("a").Serve() > 0);
        await otp.Exit("a", ExitReason.Normal);
        await otp.Exit("b");
        Assert.Equal((1, 0, 0, 0), await otp.Counts("pool"));
        Assert.Equal(ChildRun.Running, await otp.Run("pool"));
        await otp.AssertStopped("a");

        await otp.Add("c", RestartType.Transient, "pool", Shutdown.BrutalKill);
        await otp.Exit("c");
        Assert.Equal("c=Running", await otp.Which("pool"));
        await otp.Supervisor("pool").TerminateChild(otp.Key("c"));
        Assert.Equal((1, 0, 0, 0), await otp.Counts("pool"));
    }

    [Fact]
    public async Task Partitions_are_started_found_by_key_and_counted()
    {
        var otp = tree.Case();
        var parts = otp.Supervisor("parts");
        var grains = otp.Otp.Cluster.Client;
        Assert.Equal("0=Running 1=Running 2=Running 3=Running", await otp.Which("parts"));
        Assert.Equal((4, 4, 0, 4), await otp.Counts("parts"));
        Assert.Equal(Partitions, await parts.CountPartitions());
        foreach (var key in new[] { "x", "y", "another key" })
        {
            var grain = await grains.GetPartition<ISecondActorGrain>($"{otp.Path}/parts", key);
            Assert.Equal($"{otp.Path}/parts/{SupervisorPartitions.Of(key, Partitions)}", grain.GetPrimaryKeyString());
            await grain.Serve();
        }

        Assert.Equal(1, await parts.ResizePartitions(1));
        Assert.Equal("0=Running 1=Undefined 2=Undefined 3=Undefined", await otp.Which("parts"));
        Assert.Equal(3, await parts.ResizePartitions(3));
        Assert.Equal((4, 3, 0, 4), await otp.Counts("parts"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => parts.ResizePartitions(5));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => parts.ResizePartitions(-1));
        Assert.Equal(0, await parts.ResizePartitions(0));
        await Assert.ThrowsAsync<InvalidOperationException>(() => grains.GetPartition<ISecondActorGrain>($"{otp.Path}/parts", "x"));
        Assert.Equal(4, await parts.ResizePartitions(4));

        await Assert.ThrowsAsync<InvalidOperationException>(() => otp.Supervisor().CountPartitions());
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Stop()).Kind);
        Assert.Equal(ChildRun.Undefined, await otp.Run());
    }

    [Fact]
    public void A_partition_supervisor_has_one_to_ten_thousand_partitions_and_no_significant_ones()
    {
        foreach (var partitions in new[] { -1, 0, 10_001 })
        {
            var tree = new SupervisionTreeBuilder().Supervisor("s", RestartStrategy.OneForOne, s => s.Partitions<ISecondActorGrain>("parts", partitions));
            Assert.Contains($"has {partitions} partitions", Assert.Single(TreeRules.FindMistakes(tree.Build(), tree.Settings)), StringComparison.Ordinal);
        }
    }
}
