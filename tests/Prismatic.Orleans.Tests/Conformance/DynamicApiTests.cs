using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>OTP's cases about requests to a running supervisor, specifications and what is kept of children.</summary>
public sealed class DynamicApiTests(DynamicApiTests.Tree tree) : IClassFixture<DynamicApiTests.Tree>
{
    public sealed class Tree : CaseTree
    {
        internal override void Declare(SupervisionTreeBuilder tree)
        {
            tree.Case(nameof(child_adm), supervisor => supervisor.Accepts<ICaseGrain>());
            tree.Case(nameof(child_specs), supervisor => supervisor.Accepts<ICaseGrain>());
            tree.Case(nameof(child_specs_map), supervisor => supervisor
                .Supervisor("never", RestartStrategy.OneForOne, never => never.Accepts<ICaseGrain>())
                .Supervisor("any", RestartStrategy.OneForOne, any => any.AutoShutdown(AutoShutdown.AnySignificant).Accepts<ICaseGrain>())
                .Supervisor("all", RestartStrategy.OneForOne, all => all.AutoShutdown(AutoShutdown.AllSignificant).Accepts<ICaseGrain>()));
            tree.Case(
                nameof(do_not_save_child_specs_for_temporary_children),
                supervisor => supervisor.Accepts<ICaseGrain>(),
                intensity: 10);
            tree.Case(nameof(do_not_save_start_parameters_for_temporary_children), supervisor =>
            {
                foreach (var strategy in Enum.GetValues<RestartStrategy>())
                {
                    supervisor.Supervisor(strategy.ToString(), strategy, below => below.Accepts<ICaseGrain>());
                }

                supervisor.DynamicSupervisor<ICaseGrain>("Simple");
            });
            tree.Pool(nameof(child_adm_simple));
            tree.Pool(nameof(simple_one_for_one_corruption));
            tree.Case(nameof(count_children_supervisor), supervisor =>
            {
                for (var i = 0; i < 40; i++)
                {
                    supervisor.Supervisor($"s{i}", RestartStrategy.OneForOne, below => below.Accepts<ICaseGrain>());
                }
            });
        }
    }

    [Fact]
    public async Task child_adm()
    {
        var otp = tree.Case();
        var supervisor = otp.Supervisor();
        Assert.Equal("", await otp.Which());
        Assert.Equal((0, 0, 0, 0), await otp.Counts());
        foreach (var answer in new[] { await supervisor.TerminateChild("a"), await supervisor.RestartChild("a"), await supervisor.DeleteChild("a") })
        {
            Assert.Equal(ChildAnswerKind.NotFound, answer.Kind);
        }

        Assert.Equal(ChildAnswerKind.Ok, (await otp.Add("a")).Kind);
        Assert.Equal("a=Running", await otp.Which());
        Assert.Equal((1, 1, 0, 1), await otp.Counts());
        Assert.Equal(ChildAnswerKind.AlreadyStarted, (await otp.Add("a")).Kind);
        Assert.Equal(ChildAnswerKind.Running, (await supervisor.RestartChild("a")).Kind);
        Assert.Equal(ChildAnswerKind.Running, (await supervisor.DeleteChild("a")).Kind);

        Assert.Equal(ChildAnswerKind.Ok, (await supervisor.TerminateChild("a")).Kind);
        Assert.Equal("a=Undefined", await otp.Which());
        Assert.Equal((1, 0, 0, 1), await otp.Counts());
        Assert.Equal(ChildAnswerKind.Ok, (await supervisor.TerminateChild("a")).Kind);
        Assert.Equal(ChildAnswerKind.AlreadyPresent, (await otp.Add("a")).Kind);

        Assert.Equal(ChildAnswerKind.Ok, (await supervisor.RestartChild("a")).Kind);
        Assert.Equal("a=Running", await otp.Which());
        Assert.Equal((1, 1, 0, 1), await otp.Counts());

        Assert.Equal(ChildAnswerKind.Ok, (await supervisor.TerminateChild("a")).Kind);
        Assert.Equal(ChildAnswerKind.Ok, (await supervisor.DeleteChild("a")).Kind);
        Assert.Equal(ChildAnswerKind.NotFound, (await supervisor.RestartChild("a")).Kind);
        Assert.Equal((0, 0, 0, 0), await otp.Counts());

        // Only an id names a child, and only a supervisor of the tree answers.
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Add("a")).Kind);
        Assert.Equal(ChildAnswerKind.NotFound, (await supervisor.TerminateChild(otp.Key("a"))).Kind);
        await Assert.ThrowsAnyAsync<Exception>(() => otp.Supervisor("nobody").TerminateChild("a"));
    }

    [Fact]
    public async Task child_adm_simple()
    {
        var otp = tree.Case();
        var pool = otp.Supervisor("pool");
        Assert.Equal((1, 0, 0, 0), await otp.Counts("pool"));
        await otp.Add("a", to: "pool");
        await otp.Add("b", to: "pool");
        Assert.Equal("a=Running b=Running", await otp.Which("pool"));
        Assert.Equal((1, 2, 0, 2), await otp.Counts("pool"));

        Assert.Equal(ChildAnswerKind.SimpleOneForOne, (await pool.RestartChild(otp.Key("a"))).Kind);
        Assert.Equal(ChildAnswerKind.SimpleOneForOne, (await pool.DeleteChild(otp.Key("a"))).Kind);
        Assert.Equal(ChildAnswerKind.NotFound, (await pool.TerminateChild("a")).Kind);

        Assert.Equal(ChildAnswerKind.Ok, (await pool.TerminateChild(otp.Key("a"))).Kind);
        Assert.Equal("b=Running", await otp.Which("pool"));
        Assert.Equal((1, 1, 0, 1), await otp.Counts("pool"));
        Assert.Equal(ChildAnswerKind.NotFound, (await pool.TerminateChild(otp.Key("a"))).Kind);
        await otp.AssertStopped("a");
        await otp.Actor("b").Serve();
    }

    [Fact]
    public async Task child_specs()
    {
        var otp = tree.Case();
        var good = otp.Spec("a");
        foreach (var (bad, said) in new (ChildSpec Spec, string Said)[]
        {
            (good with { Id = "" }, "has the id ''"),
            (good with { Id = new string('x', 101) }, "an id has 1 to 100 characters"),
            (good with { Id = "a/b" }, "has the id 'a/b'"),
            (good with { Grain = default }, "names no grain"),
            (good with { Grain = otp.Otp.Supervisor().GetGrainId() }, "does not accept"),
            (good with { Restart = (RestartType)9 }, "has lifetime 9"),
            (good with { Shutdown = Shutdown.After(TimeSpan.FromSeconds(-1)) }, "may take -00:00:01 to stop"),
            (good with { Shutdown = Shutdown.After(TimeSpan.FromDays(2)) }, "to stop"),
        })
        {
            var answer = await otp.Supervisor().StartChild(bad);
            Assert.Equal(ChildAnswerKind.BadSpec, answer.Kind);
            Assert.Contains(said, answer.Error, StringComparison.Ordinal);
        }

        var all = await otp.Supervisor().StartChild(good with { Id = "", Restart = (RestartType)9, Shutdown = Shutdown.After(TimeSpan.FromSeconds(-1)), Significant = true });
        Assert.Equal(4, all.Error!.Split(". ").Length);

        foreach (var restart in Enum.GetValues<RestartType>())
        {
            foreach (var (shutdown, name) in new[] { (Shutdown.BrutalKill, "brutal"), (Shutdown.Infinity, "infinity"), (Shutdown.After(TimeSpan.FromSeconds(1)), "second") })
            {
                var id = $"{restart}-{name}";
                Assert.Equal(ChildAnswerKind.Ok, (await otp.Add(id, restart, shutdown: shutdown)).Kind);
                var info = await otp.Info(id);
                Assert.Equal((restart, shutdown), (info.Restart, info.Shutdown));
            }
        }

        Assert.Equal((9, 9, 0, 9), await otp.Counts());
        Assert.Equal(ChildAnswerKind.AlreadyStarted, (await otp.Add("Permanent-brutal")).Kind);
        Assert.Contains(
            "2 children with the id 'twice'",
            Assert.Single(MistakesOf(supervisor => supervisor.Worker<ICaseGrain>("twice").Worker<IActorGrain>("twice"))),
            StringComparison.Ordinal);
        Assert.Contains(
            "has the one type that it was made for",
            Assert.Single(MistakesOf(supervisor => supervisor.DynamicSupervisor<ICaseGrain>("pool", configure: pool => pool.Worker<IActorGrain>("second")))),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task child_specs_map()
    {
        var otp = tree.Case();
        foreach (var supervisor in new[] { "never", "any", "all" })
        {
            foreach (var restart in Enum.GetValues<RestartType>())
            {
                var answer = await otp.Add($"{supervisor}-{restart}", restart, supervisor, significant: true);
                var valid = supervisor != "never" && restart != RestartType.Permanent;
                Assert.Equal(valid ? ChildAnswerKind.Ok : ChildAnswerKind.BadSpec, answer.Kind);
                Assert.Equal(ChildAnswerKind.Ok, (await otp.Add($"{supervisor}-{restart}-not", restart, supervisor)).Kind);
            }
        }

        Assert.Equal(
            2,
            MistakesOf(supervisor => supervisor
                .Worker<ICaseGrain>("a", worker => worker.Significant().Lifetime(RestartType.Temporary))
                .Supervisor("s", RestartStrategy.OneForOne, s => s.AutoShutdown(AutoShutdown.AllSignificant).Worker<IActorGrain>("b", worker => worker.Significant()))).Count);
    }

    [Fact]
    public void sup_flags()
    {
        (Action<SupervisorBuilder> Children, RestartStrategy Strategy, string Said)[] wrong =
        [
            (_ => { }, (RestartStrategy)9, "has strategy 9"),
            (supervisor => supervisor.Intensity(-1, TimeSpan.FromSeconds(1)), RestartStrategy.OneForOne, "has intensity -1"),
            (supervisor => supervisor.Intensity(1, TimeSpan.Zero), RestartStrategy.OneForOne, "has the period 00:00:00"),
            (supervisor => supervisor.Intensity(1, TimeSpan.FromSeconds(-1)), RestartStrategy.OneForOne, "has the period -00:00:01"),
            (supervisor => supervisor.AutoShutdown((AutoShutdown)9), RestartStrategy.OneForOne, "has AutoShutdown 9"),
            (supervisor => supervisor.Lifetime((RestartType)9), RestartStrategy.OneForOne, "has lifetime 9"),
        ];
        Assert.All(wrong, flags => Assert.Contains(
            flags.Said,
            Assert.Single(MistakesOf(
                supervisor =>
                {
                    supervisor.Worker<ICaseGrain>("a");
                    flags.Children(supervisor);
                },
                flags.Strategy)),
            StringComparison.Ordinal));
        Assert.Empty(MistakesOf(supervisor => supervisor.Intensity(0, TimeSpan.FromTicks(1)).Worker<ICaseGrain>("a"), RestartStrategy.OneForAll));
    }

    [Fact]
    public async Task do_not_save_child_specs_for_temporary_children()
    {
        var otp = tree.Case();
        foreach (var (end, name) in new (Func<string, Task>, string)[]
        {
            (id => otp.Exit(id, ExitReason.Normal), "normal"),
            (id => otp.Exit(id, ExitReason.Shutdown), "shutdown"),
            (id => otp.Exit(id), "abnormal"),
            (id => otp.Supervisor().TerminateChild(id), "terminated"),
        })
        {
            foreach (var restart in Enum.GetValues<RestartType>())
            {
                var id = $"{restart}-{name}";
                Assert.Equal(ChildAnswerKind.Ok, (await otp.Add(id, restart)).Kind);
                await end(id);
                var again = (await otp.Add(id, restart)).Kind;
                var runs = restart == RestartType.Permanent ? name != "terminated" : name == "abnormal";
                Assert.Equal(
                    restart == RestartType.Temporary ? ChildAnswerKind.Ok : runs ? ChildAnswerKind.AlreadyStarted : ChildAnswerKind.AlreadyPresent,
                    again);
            }
        }
    }

    [Fact]
    public async Task do_not_save_start_parameters_for_temporary_children()
    {
        var otp = tree.Case();
        foreach (var supervisor in new[] { "OneForOne", "OneForAll", "RestForOne", "Simple" })
        {
            await otp.Add($"{supervisor}-first", RestartType.Temporary, supervisor);
            await otp.Exit($"{supervisor}-first", ExitReason.Normal);
            var empty = tree.Storage.SizeOf($"{otp.Path}/{supervisor}");
            for (var i = 0; i < 10; i++)
            {
                await otp.Add($"{supervisor}-{i}", RestartType.Temporary, supervisor);
            }

            var full = tree.Storage.SizeOf($"{otp.Path}/{supervisor}");
            for (var i = 0; i < 10; i++)
            {
                await otp.ExitUnsettled($"{supervisor}-{i}", ExitReason.Normal);
            }

            await otp.Settled();
            Assert.Equal("", await otp.Which(supervisor));
            Assert.InRange(tree.Storage.SizeOf($"{otp.Path}/{supervisor}"), 0, empty + ((full - empty) / 10));
        }
    }

    [Fact]
    public async Task simple_one_for_one_corruption()
    {
        var otp = tree.Case();
        await otp.Add("first", RestartType.Temporary, "pool");
        await otp.Exit("first", ExitReason.Normal);
        var before = tree.Storage.SizeOf($"{otp.Path}/pool");
        var large = Enumerable.Range(0, 10).Select(i => new string((char)('a' + i), 60)).ToList();
        foreach (var id in large)
        {
            await otp.Add(id, RestartType.Temporary, "pool");
        }

        Assert.True(tree.Storage.SizeOf($"{otp.Path}/pool") > before + large.Sum(id => id.Length));
        foreach (var id in large)
        {
            await otp.ExitUnsettled(id, ExitReason.Normal);
        }

        await otp.Settled();
        Assert.InRange(tree.Storage.SizeOf($"{otp.Path}/pool"), 0, before + 100);
    }

    [Fact]
    public async Task count_children_supervisor()
    {
        var otp = tree.Case();
        Assert.Equal((40, 40, 40, 0), await otp.Counts());
        Assert.Equal((40, 40, 40, 0), await otp.Counts());
        for (var i = 0; i < 40; i += 2)
        {
            await otp.Supervisor().TerminateChild($"s{i}");
        }

        Assert.Equal((40, 20, 40, 0), await otp.Counts());
    }

    private static IReadOnlyList<string> MistakesOf(Action<SupervisorBuilder> children, RestartStrategy strategy = RestartStrategy.OneForOne)
    {
        var tree = new SupervisionTreeBuilder().Supervisor("s", strategy, children);
        return TreeRules.FindMistakes(tree.Build(), tree.Settings);
    }
}
