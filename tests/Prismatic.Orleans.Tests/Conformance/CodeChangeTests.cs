using Prismatic.Runtime;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>
/// OTP's cases about code changes. A tree is changed by deploying another one: the fixture runs one cluster, leaves it, and starts a second one with another
/// tree on what the first has stored.
/// </summary>
public sealed class CodeChangeTests(CodeChangeTests.Tree tree) : IClassFixture<CodeChangeTests.Tree>
{
    private static readonly AutoShutdown[] Modes = Enum.GetValues<AutoShutdown>();

    public sealed class Tree : CaseTree
    {
        /// <summary>What the cases saw in the first cluster.</summary>
        internal Dictionary<string, long> Before { get; } = [];

        public override async ValueTask InitializeAsync()
        {
            await base.InitializeAsync();
            foreach (var (from, to) in Upgrades())
            {
                // Ends under the old rules, which is not to be judged again under the new ones.
                var otp = Case(NameOf(from, to));
                await otp.Exit("early", ExitReason.Normal);
                Before[NameOf(from, to)] = (await otp.Run()) == ChildRun.Running ? 1 : 0;
            }

            var change = Case(nameof(code_change));
            await change.Exit("kept");
            await change.Supervisor().TerminateChild("stopped");
            await change.Add("added");
            Before["kept"] = await change.Incarnation("kept");
            await Case(nameof(code_change_map)).Exit("kept");
            var pool = Case(nameof(code_change_simple));
            await pool.Add("a", to: "pool");
            await pool.Add("b", RestartType.Transient, "pool", Shutdown.Infinity);
            var limited = Case(nameof(code_change_simple_map));
            await limited.Add("a", to: "pool");
            await limited.Add("b", to: "pool");
            await Restart(Changed);
        }

        internal static IEnumerable<(AutoShutdown From, AutoShutdown To)> Upgrades() =>
            from before in Modes from after in Modes where before != after select (before, after);

        internal static string NameOf(AutoShutdown before, AutoShutdown after) => $"significant_upgrade_{Word(before)}_{Word(after)}";

        internal override void Declare(SupervisionTreeBuilder tree)
        {
            foreach (var (from, to) in Upgrades())
            {
                Upgrade(tree, NameOf(from, to), from);
            }

            tree.Case(nameof(significant_upgrade_child), supervisor => supervisor
                .AutoShutdown(AutoShutdown.AnySignificant)
                .Child(nameof(significant_upgrade_child), "a", RestartType.Transient)
                .Child(nameof(significant_upgrade_child), "b"));
            tree.Case(nameof(code_change), supervisor => supervisor
                .Child(nameof(code_change), "kept")
                .Child(nameof(code_change), "removed")
                .Child(nameof(code_change), "stopped")
                .Accepts<ICaseGrain>());
            tree.Case(nameof(code_change_map), supervisor => supervisor.Child(nameof(code_change_map), "kept").Child(nameof(code_change_map), "other"), RestartStrategy.OneForOne, 3);
            tree.Pool(nameof(code_change_simple));
            tree.Pool(nameof(code_change_simple_map), maxChildren: 2);
        }

        private static void Changed(SupervisionTreeBuilder tree)
        {
            foreach (var (from, to) in Upgrades())
            {
                Upgrade(tree, NameOf(from, to), to);
            }

            tree.Case(nameof(significant_upgrade_child), supervisor => supervisor
                .AutoShutdown(AutoShutdown.AnySignificant)
                .Child(nameof(significant_upgrade_child), "a", RestartType.Transient, significant: true)
                .Child(nameof(significant_upgrade_child), "b"));
            tree.Case(nameof(code_change), supervisor => supervisor
                .Child(nameof(code_change), "new")
                .Child(nameof(code_change), "stopped")
                .Child(nameof(code_change), "kept", RestartType.Transient, Shutdown.Infinity)
                .Accepts<ICaseGrain>());
            tree.Case(nameof(code_change_map), supervisor => supervisor.Child(nameof(code_change_map), "kept").Child(nameof(code_change_map), "other"), RestartStrategy.OneForAll, 1);
            tree.Pool(nameof(code_change_simple), intensity: 7);
            tree.Pool(nameof(code_change_simple_map), maxChildren: 1);
        }

        /// <summary>Significant only where it may be: under Never it is not, and gone before the change.</summary>
        private static void Upgrade(SupervisionTreeBuilder tree, string name, AutoShutdown mode) => tree.Case(name, supervisor => supervisor
            .AutoShutdown(mode)
            .Child(name, "sibling")
            .Child(name, "early", RestartType.Transient)
            .Child(name, "a", RestartType.Transient, significant: mode != AutoShutdown.Never)
            .Child(name, "b", RestartType.Transient, significant: mode != AutoShutdown.Never));

        private static string Word(AutoShutdown mode) => mode switch
        {
            AutoShutdown.AnySignificant => "any",
            AutoShutdown.AllSignificant => "all",
            _ => "never",
        };
    }

    [Fact]
    public Task significant_upgrade_never_any() => TakesEffectOnLaterEnds(tree.Case(), AutoShutdown.AnySignificant);

    [Fact]
    public Task significant_upgrade_any_never() => TakesEffectOnLaterEnds(tree.Case(), AutoShutdown.Never);

    [Fact]
    public Task significant_upgrade_never_all() => TakesEffectOnLaterEnds(tree.Case(), AutoShutdown.AllSignificant);

    [Fact]
    public Task significant_upgrade_all_never() => TakesEffectOnLaterEnds(tree.Case(), AutoShutdown.Never);

    [Fact]
    public Task significant_upgrade_any_all() => TakesEffectOnLaterEnds(tree.Case(), AutoShutdown.AllSignificant);

    [Fact]
    public Task significant_upgrade_all_any() => TakesEffectOnLaterEnds(tree.Case(), AutoShutdown.AnySignificant);

    private static async Task TakesEffectOnLaterEnds(OtpCase otp, AutoShutdown now)
    {
        Assert.Equal("sibling=Running early=Undefined a=Running b=Running", await otp.Which());
        await otp.Actor("a").Serve();
        await otp.Exit("a", ExitReason.Normal);
        Assert.Equal(now == AutoShutdown.AnySignificant ? ChildRun.Undefined : ChildRun.Running, await otp.Run());
        if (now != AutoShutdown.AnySignificant)
        {
            await otp.Exit("b", ExitReason.Normal);
            Assert.Equal(now == AutoShutdown.AllSignificant ? ChildRun.Undefined : ChildRun.Running, await otp.Run());
        }
    }

    [Fact]
    public async Task significant_upgrade_child()
    {
        var otp = tree.Case();
        Assert.True((await otp.Info("a")).Significant);
        await otp.Exit("a", ExitReason.Normal);
        await otp.AssertEnded("", "a", "b");

        var refused = new SupervisionTreeBuilder().Supervisor("s", RestartStrategy.OneForOne, s => s.Worker<ICaseGrain>("a", a => a.Lifetime(RestartType.Transient).Significant()));
        Assert.Contains("is significant and its supervisor never ends by itself", Assert.Single(TreeRules.FindMistakes(refused.Build(), refused.Settings)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task code_change()
    {
        var otp = tree.Case();
        Assert.Equal("new=Undefined stopped=Undefined kept=Running added=Running", await otp.Which());
        var kept = await otp.Info("kept");
        Assert.Equal((tree.Before["kept"], RestartType.Transient, Shutdown.Infinity), (kept.Incarnation, kept.Restart, kept.Shutdown));
        await otp.Actor("kept").Serve();
        await otp.Actor("added").Serve();
        await otp.AssertStopped("new");
        await otp.AssertStopped("stopped");
        Assert.Equal(ChildAnswerKind.NotFound, (await otp.Supervisor().TerminateChild("removed")).Kind);
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Supervisor().RestartChild("new")).Kind);
        await otp.Actor("new").Serve();

        await otp.Exit("kept", ExitReason.Normal);
        Assert.Equal("new=Running stopped=Undefined kept=Undefined added=Running", await otp.Which());
    }

    [Fact]
    public async Task code_change_map()
    {
        var otp = tree.Case();
        await otp.Actor("kept").Serve();
        await otp.Actor("other").Serve();
        otp.Journal();

        // One restart was counted before the change; the strategy and the intensity are those of the new tree.
        await otp.Exit("other");
        Assert.Equal("stop other, stop kept", otp.Journal());
        await otp.AssertEnded("", "kept", "other");

        // A tree with mistakes is not taken, and what is stored stays as it is.
        var size = tree.Storage.SizeOf(otp.Path);
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => tree.Start(bad => bad.Supervisor(nameof(code_change_map), (RestartStrategy)9, s => s.Intensity(-1, TimeSpan.Zero).Worker<ICaseGrain>("kept"))));
        Assert.Contains("mistakes", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(size, tree.Storage.SizeOf(otp.Path));
    }

    [Fact]
    public async Task code_change_simple()
    {
        var otp = tree.Case();
        Assert.Equal("a=Running b=Running", await otp.Which("pool"));
        var b = await otp.Info(otp.Key("b"), "pool");
        Assert.Equal((RestartType.Transient, Shutdown.Infinity, true), (b.Restart, b.Shutdown, b.Added));
        await otp.Actor("a").Serve();
        Assert.Equal(7, (await otp.Supervisor("pool").GetState()).Intensity);
    }

    [Fact]
    public async Task code_change_simple_map()
    {
        var otp = tree.Case();
        Assert.Equal("a=Running b=Running", await otp.Which("pool"));
        Assert.Equal(ChildAnswerKind.MaxChildren, (await otp.Add("c", to: "pool")).Kind);
        await otp.Supervisor("pool").TerminateChild(otp.Key("a"));
        Assert.Equal(ChildAnswerKind.MaxChildren, (await otp.Add("c", to: "pool")).Kind);
        await otp.Supervisor("pool").TerminateChild(otp.Key("b"));
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Add("c", to: "pool")).Kind);
    }
}
