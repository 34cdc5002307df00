using Prismatic.Events;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>OTP's cases about strategies, the restart intensity and what a supervisor's end does to those around it.</summary>
public sealed class StrategyTests(StrategyTests.Tree tree) : IClassFixture<StrategyTests.Tree>
{
    public sealed class Tree : CaseTree
    {
        internal override void Declare(SupervisionTreeBuilder tree)
        {
            Declare(tree, nameof(one_for_one), RestartStrategy.OneForOne, 2, "a", "b");
            Declare(tree, nameof(one_for_one_escalation), RestartStrategy.OneForOne, 4, "a", "b");
            Declare(tree, nameof(one_for_all), RestartStrategy.OneForAll, 2, "a", "b");
            Declare(tree, nameof(one_for_all_escalation), RestartStrategy.OneForAll, 4, "a", "b");
            Declare(tree, nameof(one_for_all_other_child_fails_restart), RestartStrategy.OneForAll, 3, "a", "b");
            Declare(tree, nameof(rest_for_one), RestartStrategy.RestForOne, 2, "a", "b", "c");
            Declare(tree, nameof(rest_for_one_escalation), RestartStrategy.RestForOne, 4, "a", "b");
            Declare(tree, nameof(rest_for_one_other_child_fails_restart), RestartStrategy.RestForOne, 3, "a", "b");
            tree.Pool(nameof(simple_one_for_one));
            tree.Pool(nameof(simple_one_for_one_escalation), intensity: 4);
            tree.Pool(nameof(simple_one_for_one_restart_ignore));
            tree.Case(nameof(temporary_bystander), supervisor =>
            {
                foreach (var strategy in new[] { RestartStrategy.OneForAll, RestartStrategy.RestForOne })
                {
                    supervisor.Supervisor(strategy.ToString(), strategy, below => below
                        .Child(nameof(temporary_bystander), $"{strategy}-permanent")
                        .Child(nameof(temporary_bystander), $"{strategy}-temporary", RestartType.Temporary));
                }
            });
            tree.Case(nameof(tree), supervisor => supervisor
                .Child(nameof(tree), "top")
                .Supervisor("left", RestartStrategy.OneForOne, left => left.Intensity(1, LongPeriod).Child(nameof(tree), "l1").Child(nameof(tree), "l2").Accepts<ICaseGrain>())
                .Supervisor("right", RestartStrategy.RestForOne, right => right.Intensity(1, LongPeriod).Child(nameof(tree), "r1").Child(nameof(tree), "r2")));
        }

        private static void Declare(SupervisionTreeBuilder tree, string name, RestartStrategy strategy, int intensity, params string[] children) => tree.Case(
            name,
            supervisor =>
            {
                foreach (var child in children)
                {
                    supervisor.Child(name, child);
                }
            },
            strategy,
            intensity);
    }

    [Fact]
    public async Task one_for_one()
    {
        var otp = tree.Case();
        otp.Journal();
        await otp.Exit("a");
        await otp.Exit("b", ExitReason.Normal);
        Assert.Equal("stop a, start a, stop b, start b", otp.Journal());
        Assert.Equal((2, 2, 0, 2), await otp.Counts());
        await otp.Exit("a");
        Assert.Equal("stop a, stop b", otp.Journal());
        await otp.AssertEnded("", "a", "b");
    }

    [Fact]
    public async Task one_for_one_escalation()
    {
        var otp = tree.Case();
        otp.Journal();
        otp.Break("a");
        await otp.Exit("a");
        Assert.Equal("stop a, fail a, fail a, fail a, fail a, stop b", otp.Journal());
        await otp.AssertEnded("", "a", "b");
    }

    [Fact]
    public async Task one_for_all()
    {
        var otp = tree.Case();
        otp.Journal();
        await otp.Exit("a");
        Assert.Equal("stop a, stop b, start a, start b", otp.Journal());
        Assert.Equal((2L, 2L), (await otp.Incarnation("a"), await otp.Incarnation("b")));
        await otp.Exit("b");
        Assert.Equal("stop b, stop a, start a, start b", otp.Journal());
        await otp.Exit("a");
        Assert.Equal("stop a, stop b", otp.Journal());
        await otp.AssertEnded("", "a", "b");
    }

    [Fact]
    public async Task one_for_all_escalation()
    {
        var otp = tree.Case();
        otp.Journal();
        otp.Break("b");
        await otp.Exit("a");
        Assert.Equal("stop a, stop b, start a, fail b, stop a, start a, fail b, stop a, start a, fail b, stop a, start a, fail b, stop a", otp.Journal());
        await otp.AssertEnded("", "a", "b");
    }

    [Fact]
    public async Task one_for_all_other_child_fails_restart()
    {
        var otp = tree.Case();
        otp.Journal();
        otp.NextStarts("b", StartOutcome.Failed);
        await otp.Exit("a");
        Assert.Equal("stop a, stop b, start a, fail b, stop a, start a, start b", otp.Journal());
        Assert.Equal("a=Running b=Running", await otp.Which());
    }

    [Fact]
    public async Task simple_one_for_one()
    {
        var otp = tree.Case();
        await otp.Add("a", to: "pool");
        await otp.Add("b", to: "pool");
        otp.Journal();
        await otp.Exit("a");
        Assert.Equal("stop a, start a", otp.Journal());
        Assert.Equal("a=Running b=Running", await otp.Which("pool"));
        await otp.Exit("b");
        await otp.Exit("a");
        await otp.AssertEnded("pool", "a", "b");
        Assert.Equal(ExitReason.Shutdown.ToString(), EndOf(otp, "pool"));
    }

    [Fact]
    public async Task simple_one_for_one_escalation()
    {
        var otp = tree.Case();
        await otp.Add("a", to: "pool");
        await otp.Add("b", to: "pool");
        otp.Journal();
        otp.Break("a");
        await otp.Exit("a");
        Assert.Equal("stop a, fail a, fail a, fail a, fail a, stop b", otp.Journal());
        await otp.AssertEnded("pool", "a", "b");
    }

    [Fact]
    public async Task simple_one_for_one_restart_ignore()
    {
        var otp = tree.Case();
        await otp.Add("a", to: "pool");
        await otp.Add("b", to: "pool");
        otp.NextStarts("a", StartOutcome.Ignored);
        await otp.Exit("a");
        Assert.Equal("b=Running", await otp.Which("pool"));
        Assert.Equal(ChildRun.Running, await otp.Run("pool"));
        await otp.AssertStopped("a");
    }

    [Fact]
    public async Task rest_for_one()
    {
        var otp = tree.Case();
        otp.Journal();
        await otp.Exit("b");
        Assert.Equal("stop b, stop c, start b, start c", otp.Journal());
        Assert.Equal((3, 3, 0, 3), await otp.Counts());
        Assert.Equal((1L, 2L, 2L), (await otp.Incarnation("a"), await otp.Incarnation("b"), await otp.Incarnation("c")));
        await otp.Exit("c");
        Assert.Equal("stop c, start c", otp.Journal());
        await otp.Exit("b");
        Assert.Equal("stop b, stop c, stop a", otp.Journal());
        await otp.AssertEnded("", "a", "b", "c");
    }

    [Fact]
    public async Task rest_for_one_escalation()
    {
        var otp = tree.Case();
        otp.Journal();
        otp.Break("b");
        await otp.Exit("a");
        Assert.Equal("stop a, stop b, start a, fail b, fail b, fail b, fail b, stop a", otp.Journal());
        await otp.AssertEnded("", "a", "b");
    }

    [Fact]
    public async Task rest_for_one_other_child_fails_restart()
    {
        var otp = tree.Case();
        otp.Journal();
        otp.NextStarts("b", StartOutcome.Failed, StartOutcome.Failed);
        await otp.Exit("a");
        Assert.Equal("stop a, stop b, start a, fail b, fail b, start b", otp.Journal());
        Assert.Equal((2L, 4L), (await otp.Incarnation("a"), await otp.Incarnation("b")));
    }

    [Fact]
    public async Task temporary_bystander()
    {
        var otp = tree.Case();
        otp.Journal();
        foreach (var strategy in new[] { "OneForAll", "RestForOne" })
        {
            await otp.Exit($"{strategy}-permanent");
            Assert.Equal($"{strategy}-permanent=Running", await otp.Which(strategy));
            Assert.Equal($"stop {strategy}-permanent, stop {strategy}-temporary, start {strategy}-permanent", otp.Journal());
            Assert.Equal(ChildRun.Running, await otp.Run(strategy));
            await otp.AssertStopped($"{strategy}-temporary");
        }
    }

    [Fact(DisplayName = "tree")]
    public async Task tree_()
    {
        var otp = tree.Case(nameof(tree));
        Assert.Equal("start top, start l1, start l2, start r1, start r2", otp.Journal());
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Add("added", to: "left")).Kind);
        otp.Journal();

        // Within the intensity only the own subtree notices.
        await otp.Exit("l1");
        await otp.Exit("r1");
        Assert.Equal("stop l1, start l1, stop r1, stop r2, start r1, start r2", otp.Journal());

        // Beyond it the subtree is ended and started again as it was declared.
        await otp.Exit("l2");
        Assert.Equal("stop l2, stop added, stop l1, start l1, start l2", otp.Journal());
        Assert.Equal("l1=Running l2=Running", await otp.Which("left"));
        await otp.AssertStopped("added");
        Assert.Equal((3, 3, 2, 1), await otp.Counts());
        Assert.Equal((1L, 2L, 1L), (await otp.Incarnation("top"), await otp.Incarnation("left"), await otp.Incarnation("right")));
    }

    private static string EndOf(OtpCase otp, string below) => otp.Events
        .Where(happened => happened.Kind == SupervisionEventKind.GaveUp && happened.Subject == $"{otp.Path}/{below}")
        .Select(happened => happened.Text.Split('(', ')')[1])
        .Single();
}
