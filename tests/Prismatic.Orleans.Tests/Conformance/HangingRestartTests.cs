using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>OTP's cases about children whose restarts fail again and again: the supervisor goes on answering.</summary>
public sealed class HangingRestartTests(HangingRestartTests.Tree tree) : IClassFixture<HangingRestartTests.Tree>
{
    private const int Endless = 1_000_000;

    public sealed class Tree : CaseTree
    {
        internal override void Declare(SupervisionTreeBuilder tree)
        {
            tree.Case(
                nameof(hanging_restart_loop),
                supervisor => supervisor.Child(nameof(hanging_restart_loop), "a").Child(nameof(hanging_restart_loop), "b").Accepts<ICaseGrain>(),
                intensity: Endless);
            tree.Case(
                nameof(hanging_restart_loop_rest_for_one),
                supervisor => supervisor
                    .Child(nameof(hanging_restart_loop_rest_for_one), "first")
                    .Child(nameof(hanging_restart_loop_rest_for_one), "a")
                    .Child(nameof(hanging_restart_loop_rest_for_one), "later")
                    .Accepts<ICaseGrain>(),
                RestartStrategy.RestForOne,
                Endless);
            tree.Pool(nameof(hanging_restart_loop_simple), Endless);
            tree.Case(
                nameof(count_restarting_children),
                supervisor => supervisor
                    .Child(nameof(count_restarting_children), "a")
                    .Child(nameof(count_restarting_children), "b")
                    .Child(nameof(count_restarting_children), "c"),
                intensity: Endless);
        }
    }

    [Fact]
    public async Task hanging_restart_loop()
    {
        var otp = tree.Case();
        var supervisor = otp.Supervisor();
        await Loop(otp, "a");
        Assert.Equal("a=Restarting b=Running", await otp.Which());
        Assert.Equal((2, 1, 0, 2), await otp.Counts());
        Assert.Equal(ChildAnswerKind.AlreadyPresent, (await otp.Add("a")).Kind);
        Assert.Equal(ChildAnswerKind.Restarting, (await supervisor.RestartChild("a")).Kind);
        Assert.Equal(ChildAnswerKind.Restarting, (await supervisor.DeleteChild("a")).Kind);

        Assert.Equal(ChildAnswerKind.Ok, (await supervisor.TerminateChild("a")).Kind);
        await otp.Settled();
        Assert.Equal("a=Undefined b=Running", await otp.Which());
        await otp.AssertStopped("a");

        otp.Heal("a");
        Assert.Equal(ChildAnswerKind.Ok, (await supervisor.RestartChild("a")).Kind);
        await Loop(otp, "a");
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Stop()).Kind);
        await otp.Settled();
        await otp.AssertEnded("", "a", "b");
    }

    [Fact]
    public async Task hanging_restart_loop_rest_for_one()
    {
        var otp = tree.Case();
        await Loop(otp, "a");
        Assert.Equal("first=Running a=Restarting later=Undefined", await otp.Which());
        Assert.Equal((3, 1, 0, 3), await otp.Counts());
        Assert.Equal(ChildAnswerKind.Restarting, (await otp.Supervisor().RestartChild("a")).Kind);
        Assert.Equal(ChildAnswerKind.AlreadyPresent, (await otp.Add("a")).Kind);
        await otp.Actor("first").Serve();

        Assert.Equal(ChildAnswerKind.Ok, (await otp.Supervisor().TerminateChild("a")).Kind);
        await otp.Settled();
        Assert.Equal("first=Running a=Undefined later=Undefined", await otp.Which());
        await otp.AssertStopped("later");

        otp.Heal("a");
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Supervisor().RestartChild("a")).Kind);
        await Loop(otp, "a");
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Stop()).Kind);
        await otp.Settled();
        await otp.AssertEnded("", "first", "a", "later");
    }

    [Fact]
    public async Task hanging_restart_loop_simple()
    {
        var otp = tree.Case();
        var pool = otp.Supervisor("pool");
        await otp.Add("a", to: "pool");
        await otp.Add("b", to: "pool");
        await Loop(otp, "a", "pool");
        Assert.Equal("a=Restarting b=Running", await otp.Which("pool"));
        Assert.Equal((1, 1, 0, 2), await otp.Counts("pool"));
        Assert.Equal(ChildAnswerKind.SimpleOneForOne, (await pool.RestartChild(otp.Key("a"))).Kind);

        Assert.Equal(ChildAnswerKind.Ok, (await pool.TerminateChild(otp.Key("a"))).Kind);
        await otp.Settled();
        Assert.Equal("b=Running", await otp.Which("pool"));

        await Loop(otp, "b", "pool");
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Stop()).Kind);
        await otp.Settled();
        await otp.AssertEnded("", "a", "b");
    }

    [Fact]
    public async Task count_restarting_children()
    {
        var otp = tree.Case();
        Assert.Equal((3, 3, 0, 3), await otp.Counts());
        await Loop(otp, "a");
        Assert.Equal((3, 2, 0, 3), await otp.Counts());
        await Loop(otp, "b");
        Assert.Equal((3, 1, 0, 3), await otp.Counts());

        otp.Heal("a");
        await OtpCase.Until(async () => await otp.Counts() == (3, 2, 0, 3));
        otp.Heal("b");
        await OtpCase.Until(async () => await otp.Counts() == (3, 3, 0, 3));
        await otp.Settled();
        await otp.Actor("a").Serve();
    }

    /// <summary>The child ends, and returns when its restart has failed several times.</summary>
    private static async Task Loop(OtpCase otp, string id, string below = "")
    {
        otp.Break(id);
        var key = below.Length == 0 ? id : otp.Key(id);
        var failed = $"fail {otp.Key(id)}";
        var before = otp.Otp.Journal.Count(entry => entry == failed);
        await otp.ExitUnsettled(id);
        await SupervisedCluster.Until(() => otp.Otp.Journal.Count(entry => entry == failed) > before + 3);
        await OtpCase.Until(async () => (await otp.Info(key, below)).Run == ChildRun.Restarting);
    }
}
