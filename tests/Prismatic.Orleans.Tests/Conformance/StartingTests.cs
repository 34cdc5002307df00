using Prismatic.Events;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>OTP's cases about starts: those that succeed, are declined, and fail.</summary>
public sealed class StartingTests(StartingTests.Tree tree) : IClassFixture<StartingTests.Tree>
{
    public sealed class Tree : CaseTree
    {
        internal override void Declare(SupervisionTreeBuilder tree)
        {
            Starts.Always("sup_start_ignore_temporary_child.a", StartOutcome.Ignored);
            foreach (var name in new[]
            {
                nameof(sup_start_normal), nameof(sup_start_ignore_child), nameof(sup_start_ignore_temporary_child_start_child),
                nameof(sup_start_child_returns_error), nameof(sup_start_restart_child_returns_error), nameof(extra_return),
            })
            {
                tree.Case(name, supervisor => supervisor.Accepts<ICaseGrain>());
            }

            tree.Case(nameof(sup_start_ignore_temporary_child), supervisor => supervisor
                .Child(nameof(sup_start_ignore_temporary_child), "a", RestartType.Temporary)
                .Child(nameof(sup_start_ignore_temporary_child), "b"));
            tree.Case(nameof(sup_start_map), supervisor => supervisor.Child(nameof(sup_start_map), "a"));
            tree.Case(nameof(already_started_outside_supervisor), supervisor => supervisor
                .Child(nameof(already_started_outside_supervisor), "a")
                .Supervisor("other", RestartStrategy.OneForOne, other => other.Accepts<ICaseGrain>()));
            tree.Case(nameof(simple_global_supervisor), supervisor => supervisor.Child(nameof(simple_global_supervisor), "a"), intensity: 10);
            foreach (var name in new[]
            {
                nameof(sup_start_ignore_temporary_child_start_child_simple), nameof(sup_start_ignore_permanent_child_start_child_simple),
                nameof(sup_start_child_returns_error_simple), nameof(sup_start_map_simple), nameof(simple_one_for_one_extra),
            })
            {
                tree.Pool(name);
            }
        }
    }

    [Fact]
    public async Task sup_start_normal()
    {
        var otp = tree.Case();
        Assert.Equal((0, 0, 0, 0), await otp.Counts());

        Assert.Equal(ChildAnswerKind.Ok, (await otp.Stop()).Kind);

        await otp.AssertEnded("");
    }

    [Fact]
    public async Task sup_start_ignore_init()
    {
        var wanted = false;
        await using var otp = await OtpCluster.Start(declared =>
        {
            declared.Supervisor("other", RestartStrategy.OneForOne, other => other.Accepts<ICaseGrain>());
            if (wanted)
            {
                declared.Supervisor("ignored", RestartStrategy.OneForOne, ignored => ignored.Accepts<ISecondActorGrain>());
            }
        });

        Assert.Equal("other", Assert.Single(await otp.Supervisor().WhichChildren()).Id);
        await Assert.ThrowsAnyAsync<Exception>(() => otp.Supervisor("app/ignored").CountChildren());
    }

    [Fact]
    public async Task sup_start_ignore_child()
    {
        var otp = tree.Case();
        otp.NextStarts("a", StartOutcome.Ignored);

        Assert.Equal(new ChildAnswer(ChildAnswerKind.Ignored), await otp.Add("a"));
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Add("b")).Kind);

        Assert.Equal("a=Undefined b=Running", await otp.Which());
        Assert.Equal((2, 1, 0, 2), await otp.Counts());
        await otp.Settled();
        await otp.AssertStopped("a");
    }

    [Fact]
    public async Task sup_start_ignore_temporary_child()
    {
        var otp = tree.Case();
        Assert.Equal("b=Running", await otp.Which());
        Assert.Equal((1, 1, 0, 1), await otp.Counts());
        await otp.AssertStopped("a");
    }

    [Fact]
    public async Task sup_start_ignore_temporary_child_start_child()
    {
        var otp = tree.Case();
        otp.NextStarts("a", StartOutcome.Ignored);

        Assert.Equal(ChildAnswerKind.Ignored, (await otp.Add("a", RestartType.Temporary)).Kind);
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Add("b")).Kind);

        Assert.Equal("b=Running", await otp.Which());
        Assert.Equal((1, 1, 0, 1), await otp.Counts());
    }

    [Fact]
    public Task sup_start_ignore_temporary_child_start_child_simple() => IgnoredInPool(tree.Case(), RestartType.Temporary);

    [Fact]
    public async Task sup_start_ignore_permanent_child_start_child_simple()
    {
        var otp = tree.Case();
        await IgnoredInPool(otp, RestartType.Permanent);
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Stop()).Kind);
        await otp.AssertEnded("", "a", "b");
    }

    private static async Task IgnoredInPool(OtpCase otp, RestartType restart)
    {
        otp.NextStarts("a", StartOutcome.Ignored);
        Assert.Equal(ChildAnswerKind.Ignored, (await otp.Add("a", restart, "pool")).Kind);
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Add("b", restart, "pool")).Kind);
        Assert.Equal("b=Running", await otp.Which("pool"));
        Assert.Equal((1, 1, 0, 1), await otp.Counts("pool"));
    }

    [Fact]
    public async Task sup_start_error_return()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => OtpCluster.Start(
            declared => declared.Supervisor("s", (RestartStrategy)7, s => s.Intensity(-1, TimeSpan.Zero).Accepts<ICaseGrain>())));

        var mistakes = Causes(failure).OfType<SupervisionTreeException>().First().Mistakes;
        Assert.Equal(3, mistakes.Count);
        Assert.All(mistakes, mistake => Assert.Contains("app/s", mistake, StringComparison.Ordinal));
    }

    [Fact]
    public async Task sup_start_fail()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => OtpCluster.Start(
            declared => declared.Supervisor("s", RestartStrategy.OneForOne, _ => throw new InvalidOperationException("no supervisor today"))));

        Assert.Contains(Causes(failure), cause => cause.Message.Contains("no supervisor today", StringComparison.Ordinal));
    }

    [Fact]
    public async Task sup_start_child_returns_error()
    {
        var otp = tree.Case();
        otp.NextStarts("a", StartOutcome.Failed);

        var failed = await otp.Add("a");

        Assert.Equal(ChildAnswerKind.StartFailed, failed.Kind);
        Assert.Contains("InvalidDataException", failed.Error, StringComparison.Ordinal);
        await otp.Settled();
        Assert.Equal("", await otp.Which());
        Assert.Equal((0, 0, 0, 0), await otp.Counts());
        await otp.AssertStopped("a");
        Assert.Equal("fail a", otp.Journal());
    }

    [Fact]
    public async Task sup_start_restart_child_returns_error()
    {
        var otp = tree.Case();
        await otp.Add("a");
        await otp.Supervisor().TerminateChild("a");
        otp.Journal();
        otp.NextStarts("a", StartOutcome.Failed);

        var failed = await otp.Supervisor().RestartChild("a");

        Assert.Equal(ChildAnswerKind.StartFailed, failed.Kind);
        await otp.Settled();
        Assert.Equal("a=Undefined", await otp.Which());
        await otp.AssertStopped("a");
        Assert.Equal("fail a", otp.Journal());
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Supervisor().RestartChild("a")).Kind);
        await otp.Actor("a").Serve();
    }

    [Fact]
    public async Task sup_start_child_returns_error_simple()
    {
        var otp = tree.Case();
        otp.NextStarts("a", StartOutcome.Failed);
        Assert.Equal(ChildAnswerKind.StartFailed, (await otp.Add("a", to: "pool")).Kind);
        await otp.Settled();
        Assert.Equal("", await otp.Which("pool"));
        Assert.Equal((1, 0, 0, 0), await otp.Counts("pool"));
    }

    [Fact]
    public async Task sup_start_map()
    {
        var otp = tree.Case();
        var spec = await otp.Info("a");
        Assert.Equal(
            (RestartType.Permanent, Shutdown.After(TimeSpan.FromSeconds(5)), false, false),
            (spec.Restart, spec.Shutdown, spec.Significant, spec.IsSupervisor));
        Assert.Null(await otp.Supervisor().GetChildSpec("nobody"));
    }

    [Fact]
    public async Task sup_start_map_simple()
    {
        var otp = tree.Case();
        await otp.Add("a", RestartType.Transient, "pool", Shutdown.Infinity);
        var spec = await otp.Info(otp.Key("a"), "pool");
        Assert.Equal((RestartType.Transient, Shutdown.Infinity, false), (spec.Restart, spec.Shutdown, spec.IsSupervisor));
        Assert.Null(await otp.Supervisor("pool").GetChildSpec(otp.Key("nobody")));
    }

    [Fact]
    public void sup_start_map_faulty_specs()
    {
        Assert.Contains("has the id ''", Mistake(supervisor => supervisor.Worker<ICaseGrain>("", worker => worker.Key("a"))), StringComparison.Ordinal);
        Assert.Contains("has an empty key", Mistake(supervisor => supervisor.Worker<ICaseGrain>("a", worker => worker.Key(""))), StringComparison.Ordinal);
        Assert.Contains("not a grain interface", Mistake(supervisor => supervisor.Worker<CaseGrain>("a")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task extra_return()
    {
        var otp = tree.Case();
        Assert.Equal(new ChildAnswer(ChildAnswerKind.Ok, 1), await otp.Add("a"));
        await otp.Exit("a");
        Assert.Equal(2, await otp.Incarnation("a"));
        await otp.Supervisor().TerminateChild("a");
        Assert.Equal(new ChildAnswer(ChildAnswerKind.Ok, 3), await otp.Supervisor().RestartChild("a"));
        Assert.Equal(new ChildAnswer(ChildAnswerKind.AlreadyStarted, 3), await otp.Add("a"));
    }

    [Fact]
    public async Task simple_one_for_one_extra()
    {
        var otp = tree.Case();
        Assert.Equal(new ChildAnswer(ChildAnswerKind.Ok, 1), await otp.Add("a", to: "pool"));
        await otp.Add("b", to: "pool");
        await otp.Exit("a");
        Assert.Equal((2L, 1L), (await otp.Incarnation(otp.Key("a"), "pool"), await otp.Incarnation(otp.Key("b"), "pool")));
    }

    [Fact]
    public async Task already_started_outside_supervisor()
    {
        var otp = tree.Case();
        await otp.Actor("a").Serve();

        var refused = await otp.Add("a", to: "other");

        Assert.Equal(ChildAnswerKind.BadSpec, refused.Kind);
        Assert.Contains($"already the child {otp.Path}/a", refused.Error, StringComparison.Ordinal);
        Assert.Equal("", await otp.Which("other"));
        await otp.Actor("a").Serve();
    }

    [Fact]
    public async Task simple_global_supervisor()
    {
        var otp = tree.Case();
        var first = await otp.Actor("a").Serve();

        await otp.Otp.Cluster.Deactivate<ISupervisorGrain>(otp.Path);
        Assert.Equal("a=Running", await otp.Which());
        Assert.Equal(first, await otp.Actor("a").Serve());

        await otp.Exit("a");
        var second = await otp.Actor("a").Serve();
        await otp.Exit("a", ExitReason.Shutdown);
        var third = await otp.Actor("a").Serve();
        await otp.Supervisor().TerminateChild("a");
        await otp.Supervisor().RestartChild("a");
        Assert.Equal(4, new[] { first, second, third, await otp.Actor("a").Serve() }.Distinct().Count());
    }

    [Fact]
    public async Task faulty_application_shutdown()
    {
        var starts = new StartScripts();
        starts.Always("b", StartOutcome.Failed);
        await using var otp = await OtpCluster.Start(
            declared => declared.Supervisor("s", RestartStrategy.OneForOne, s => s.Worker<IActorGrain>("a").Worker<IActorGrain>("b").Worker<IActorGrain>("c")),
            starts: starts);

        Assert.Equal("start a, fail b, stop a", otp.TakeJournal());
        var ended = await otp.Cluster.Events.WaitFor(SupervisionEventKind.GaveUp, "app");
        Assert.Contains("s failed to start: b failed to start: System.IO.InvalidDataException: b cannot start", ended.Text, StringComparison.Ordinal);
        foreach (var child in new[] { "a", "b", "c" })
        {
            await Assert.ThrowsAsync<ChildUnavailableException>(() => otp.Actor(child).Serve());
        }
    }

    private static string Mistake(Action<SupervisorBuilder> children)
    {
        var tree = new SupervisionTreeBuilder().Supervisor("s", RestartStrategy.OneForOne, children);
        return Assert.Single(TreeRules.FindMistakes(tree.Build(), tree.Settings));
    }

    private static IEnumerable<Exception> Causes(Exception failure) =>
        failure is AggregateException several ? several.InnerExceptions.SelectMany(Causes).Append(failure)
        : failure.InnerException is { } inner ? Causes(inner).Prepend(failure)
        : [failure];
}
