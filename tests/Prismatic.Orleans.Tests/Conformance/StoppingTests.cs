using Prismatic.Events;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>OTP's cases about the end of supervisors and children.</summary>
public sealed class StoppingTests(StoppingTests.Tree tree) : IClassFixture<StoppingTests.Tree>
{
    private static readonly string[] Kinds = [.. from restart in Enum.GetNames<RestartType>() from reason in new[] { "Normal", "Shutdown", "Error", "asked" } select $"{restart}-{reason}"];

    private static readonly Shutdown Soon = Shutdown.After(TimeSpan.FromMilliseconds(100));

    public sealed class Tree : CaseTree
    {
        internal override void Declare(SupervisionTreeBuilder tree)
        {
            tree.Case(nameof(sup_stop_infinity), supervisor => supervisor
                .Child(nameof(sup_stop_infinity), "a", shutdown: Shutdown.Infinity)
                .Supervisor("below", RestartStrategy.OneForOne, below => below.StopWithin(Shutdown.Infinity).Child(nameof(sup_stop_infinity), "b")));
            tree.Case(nameof(sup_stop_race), supervisor =>
            {
                foreach (var kind in Kinds)
                {
                    supervisor.Child(nameof(sup_stop_race), kind, Enum.Parse<RestartType>(kind.Split('-')[0]));
                }
            });
            tree.Case(nameof(order_of_children), supervisor => supervisor
                .Child(nameof(order_of_children), "a").Child(nameof(order_of_children), "b").Child(nameof(order_of_children), "c").Child(nameof(order_of_children), "d"), RestartStrategy.RestForOne);
            foreach (var (name, shutdown) in new[] { (nameof(sup_stop_timeout), Soon), (nameof(sup_stop_brutal_kill), Shutdown.BrutalKill), (nameof(child_unlink), Soon) })
            {
                tree.Case(name, supervisor => supervisor.Child(name, "stuck", shutdown: shutdown).Child(name, "sibling"));
            }

            tree.Pool(nameof(sup_stop_timeout_dynamic));
            tree.Pool(nameof(sup_stop_brutal_kill_dynamic));
            tree.Pool(nameof(sup_stop_non_shutdown_exit_dynamic));
            tree.Pool(nameof(simple_one_for_one_shutdown));
        }
    }

    [Fact]
    public async Task sup_stop_infinity()
    {
        var otp = tree.Case();
        otp.Journal();
        var held = otp.Actor("b").HoldThenEnd("infinity", null);
        await otp.Otp.Cluster.Stage.Arrival("infinity");

        var stopping = otp.Stop();
        await OtpCase.Until(async () => await otp.Run("below") != ChildRun.Undefined && !stopping.IsCompleted);
        otp.Otp.Cluster.Stage.Open("infinity");
        await held;

        Assert.Equal(ChildAnswerKind.Ok, (await stopping).Kind);
        Assert.Equal("stop b, stop a", otp.Journal());
        Assert.Empty(otp.ReportsOf(SupervisorReportContext.ShutdownError));
        await otp.AssertEnded("", "a", "b");
    }

    [Fact]
    public async Task sup_stop_timeout()
    {
        var otp = tree.Case();
        var stuck = await Stick(otp, "stuck");

        Assert.Equal(ChildAnswerKind.Ok, (await otp.Stop()).Kind);

        Assert.Equal(["stuck Killed"], otp.ReportsOf(SupervisorReportContext.ShutdownError));
        Assert.Equal("stop sibling", otp.Journal());
        await Unstick(otp, stuck);
        await otp.AssertEnded("", "stuck", "sibling");
    }

    [Fact]
    public async Task sup_stop_timeout_dynamic()
    {
        var otp = tree.Case();
        await otp.Add("stuck", to: "pool", shutdown: Soon);
        await otp.Add("sibling", to: "pool", shutdown: Soon);
        var stuck = await Stick(otp, "stuck");

        Assert.Equal(ChildAnswerKind.Ok, (await otp.Stop()).Kind);

        Assert.Equal(["stuck Killed"], otp.ReportsOf(SupervisorReportContext.ShutdownError));
        await Unstick(otp, stuck);
        await otp.AssertEnded("", "stuck", "sibling");
    }

    [Fact]
    public async Task sup_stop_brutal_kill()
    {
        var otp = tree.Case();
        var stuck = await Stick(otp, "stuck");

        Assert.Equal(ChildAnswerKind.Ok, (await otp.Stop()).Kind);

        Assert.Empty(otp.ReportsOf(SupervisorReportContext.ShutdownError));
        Assert.Contains("killed", (await otp.Otp.Cluster.Events.WaitFor(SupervisionEventKind.Exited, $"{otp.Path}/stuck")).Text, StringComparison.Ordinal);
        Assert.Equal("stop sibling", otp.Journal());
        await Unstick(otp, stuck);
        await otp.AssertEnded("", "stuck", "sibling");
    }

    [Fact]
    public async Task sup_stop_brutal_kill_dynamic()
    {
        var otp = tree.Case();
        var turns = new List<Task>();
        foreach (var id in new[] { "a", "b", "c" })
        {
            await otp.Add(id, to: "pool", shutdown: Shutdown.BrutalKill);
            turns.Add(await Stick(otp, id));
        }

        Assert.Equal(ChildAnswerKind.Ok, (await otp.Stop()).Kind);

        Assert.Empty(otp.ReportsOf(SupervisorReportContext.ShutdownError));
        foreach (var id in new[] { "a", "b", "c" })
        {
            Assert.Contains("killed", (await otp.Otp.Cluster.Events.WaitFor(SupervisionEventKind.Exited, $"{otp.Path}/pool/{otp.Key(id)}")).Text, StringComparison.Ordinal);
        }

        await Unstick(otp, [.. turns]);
        await otp.AssertEnded("", "a", "b", "c");
    }

    [Fact]
    public async Task child_unlink()
    {
        var otp = tree.Case();
        var stuck = await Stick(otp, "stuck");

        Assert.Equal(ChildAnswerKind.Ok, (await otp.Supervisor().TerminateChild("stuck")).Kind);

        Assert.Equal("stuck=Undefined sibling=Running", await otp.Which());
        Assert.Equal(["stuck Killed"], otp.ReportsOf(SupervisorReportContext.ShutdownError));
        await otp.Actor("sibling").Serve();
        await Unstick(otp, stuck);
    }

    /// <summary>A turn that does not end until the test lets it.</summary>
    private static async Task<Task> Stick(OtpCase otp, string id)
    {
        otp.Journal();
        var turn = otp.Actor(id).HoldThenEnd($"stuck {otp.Key(id)}", null);
        await otp.Otp.Cluster.Stage.Arrival($"stuck {otp.Key(id)}");
        return turn;
    }

    private static async Task Unstick(OtpCase otp, params Task[] turns)
    {
        foreach (var id in new[] { "stuck", "a", "b", "c" })
        {
            otp.Otp.Cluster.Stage.Open($"stuck {otp.Key(id)}");
        }

        await Task.WhenAll(turns);
    }

    [Fact]
    public async Task sup_stop_race()
    {
        var otp = tree.Case();
        otp.Journal();
        var reasons = Kinds.ToDictionary(kind => kind, kind => Enum.TryParse<ExitReason>(kind.Split('-')[1], out var reason) ? reason : (ExitReason?)null);
        var turns = Kinds.Select(kind => otp.Actor(kind).HoldThenEnd("race", reasons[kind])).ToArray();
        await Task.WhenAll(Kinds.Select(kind => otp.Actor(kind)).Select(_ => otp.Otp.Cluster.Stage.Arrival("race")));

        var stopping = otp.Stop();
        await otp.IsBeingStopped(Kinds[^1]);
        otp.Otp.Cluster.Stage.Open("race");

        Assert.Equal(ChildAnswerKind.Ok, (await stopping).Kind);
        await Task.WhenAll(turns.Select(turn => turn.ContinueWith(_ => { }, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default)));
        Assert.Equal(3, turns.Count(turn => turn.IsFaulted));
        await otp.Settled();
        Assert.Equal(Kinds.Select(kind => $"stop {kind}").Order(StringComparer.Ordinal), otp.Journal().Split(", ").Order(StringComparer.Ordinal));
        await otp.AssertEnded("", Kinds);
        foreach (var kind in Kinds.Where(kind => reasons[kind] is ExitReason.Normal or ExitReason.Shutdown))
        {
            var exit = await otp.Otp.Cluster.Events.WaitFor(SupervisionEventKind.Exited, $"{otp.Path}/{kind}");
            Assert.Contains(reasons[kind].ToString()!, exit.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task sup_stop_non_shutdown_exit_dynamic()
    {
        var otp = tree.Case();
        ExitReason?[] reasons = [ExitReason.Normal, ExitReason.Error, null];
        var turns = new List<Task>();
        foreach (var (reason, id) in reasons.Zip(["a", "b", "c"]))
        {
            await otp.Add(id, to: "pool");
            turns.Add(otp.Actor(id).HoldThenEnd($"dynamic {id}", reason));
            await otp.Otp.Cluster.Stage.Arrival($"dynamic {id}");
        }

        otp.Journal();
        var stopping = otp.Stop();
        await Task.WhenAll(new[] { "a", "b", "c" }.Select(otp.IsBeingStopped));
        foreach (var id in new[] { "a", "b", "c" })
        {
            otp.Otp.Cluster.Stage.Open($"dynamic {id}");
        }

        Assert.Equal(ChildAnswerKind.Ok, (await stopping).Kind);
        await Assert.ThrowsAsync<InvalidOperationException>(() => turns[1]);
        await otp.Settled();
        Assert.Equal(["stop a", "stop b", "stop c"], otp.Journal().Split(", ").Order(StringComparer.Ordinal));
        await otp.AssertEnded("", "a", "b", "c");
    }

    [Fact]
    public async Task simple_one_for_one_shutdown()
    {
        var otp = tree.Case();
        foreach (var id in new[] { "a", "b", "c" })
        {
            await otp.Add(id, to: "pool");
        }

        var held = otp.Actor("c").HoldThenEnd("slow", null);
        await otp.Otp.Cluster.Stage.Arrival("slow");
        otp.Journal();

        var stopping = otp.Stop();
        await SupervisedCluster.Until(() => otp.Otp.Journal.Contains($"stop {otp.Key("a")}") && otp.Otp.Journal.Contains($"stop {otp.Key("b")}"));
        Assert.False(stopping.IsCompleted);
        otp.Otp.Cluster.Stage.Open("slow");

        await Task.WhenAll(held, stopping);
        Assert.EndsWith("stop c", otp.Journal(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task order_of_children()
    {
        var otp = tree.Case();
        Assert.Equal("start a, start b, start c, start d", otp.Journal());
        await otp.Exit("b");
        Assert.Equal("stop b, stop d, stop c, start b, start c, start d", otp.Journal());
        await otp.Stop();
        Assert.Equal("stop d, stop c, stop b, stop a", otp.Journal());
    }
}
