using Microsoft.Extensions.Time.Testing;
using Prismatic.Events;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>OTP's cases about permanent, transient and temporary children, and the window of restarts.</summary>
public sealed class RestartTypeTests(RestartTypeTests.Tree tree) : IClassFixture<RestartTypeTests.Tree>
{
    public sealed class Tree : CaseTree
    {
        internal override void Declare(SupervisionTreeBuilder tree)
        {
            foreach (var reason in new[] { "normal", "shutdown", "abnormal" })
            {
                foreach (var restart in Enum.GetValues<RestartType>())
                {
                    var name = $"{restart.ToString().ToLowerInvariant()}_{reason}";
                    tree.Case(name, supervisor => supervisor.Child(name, "a", restart).Accepts<ICaseGrain>());
                }
            }
        }
    }

    [Fact]
    public Task permanent_normal() => IsRestarted(tree.Case(), ExitReason.Normal);

    [Fact]
    public Task permanent_shutdown() => IsRestarted(tree.Case(), ExitReason.Shutdown);

    [Fact]
    public Task permanent_abnormal() => IsRestarted(tree.Case(), ExitReason.Error);

    [Fact]
    public Task transient_normal() => StaysWithItsSpecification(tree.Case(), ExitReason.Normal);

    [Fact]
    public Task transient_shutdown() => StaysWithItsSpecification(tree.Case(), ExitReason.Shutdown);

    [Fact]
    public Task transient_abnormal() => IsRestarted(tree.Case(), ExitReason.Error);

    [Fact]
    public Task temporary_normal() => IsGone(tree.Case(), ExitReason.Normal);

    [Fact]
    public Task temporary_shutdown() => IsGone(tree.Case(), ExitReason.Shutdown);

    [Fact]
    public Task temporary_abnormal() => IsGone(tree.Case(), ExitReason.Error);

    [Fact]
    public async Task multiple_restarts()
    {
        var time = new FakeTimeProvider();
        await using var otp = await OtpCluster.Start(
            declared => declared.Supervisor("s", RestartStrategy.OneForOne, s => s.Lifetime(RestartType.Transient).Intensity(1, TimeSpan.FromSeconds(1)).Worker<IActorGrain>("a")),
            time: time);
        for (var i = 0; i < 4; i++)
        {
            await otp.Exit("a", ExitReason.Error);
            time.Advance(TimeSpan.FromSeconds(2.1));
            await otp.Settled();
        }

        Assert.Equal(ChildRun.Running, (await otp.Supervisor().GetChildSpec("s"))!.Run);
        Assert.Equal(5, Assert.Single(await otp.Supervisor("app/s").WhichChildren()).Incarnation);
    }

    private static async Task IsRestarted(OtpCase otp, ExitReason reason)
    {
        var before = await otp.Actor("a").Serve();
        await otp.Exit("a", reason);
        Assert.Equal("a=Running", await otp.Which());
        Assert.Equal((1, 1, 0, 1), await otp.Counts());
        Assert.Equal(2, await otp.Incarnation("a"));
        Assert.Equal("start a, stop a, start a", otp.Journal());
        Assert.NotEqual(before, await otp.Actor("a").Serve());
        Assert.Equal([$"a {reason}"], otp.ReportsOf(SupervisorReportContext.ChildTerminated));
    }

    private static async Task StaysWithItsSpecification(OtpCase otp, ExitReason reason)
    {
        await otp.Exit("a", reason);
        Assert.Equal("a=Undefined", await otp.Which());
        Assert.Equal((1, 0, 0, 1), await otp.Counts());
        await otp.AssertStopped("a");
        Assert.Empty(otp.ReportsOf(SupervisorReportContext.ChildTerminated));
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Supervisor().RestartChild("a")).Kind);
        await otp.Actor("a").Serve();
        Assert.Equal("start a, stop a, start a", otp.Journal());
    }

    private static async Task IsGone(OtpCase otp, ExitReason reason)
    {
        await otp.Exit("a", reason);
        Assert.Equal("", await otp.Which());
        Assert.Equal((0, 0, 0, 0), await otp.Counts());
        await otp.AssertStopped("a");
        Assert.Equal("start a, stop a", otp.Journal());
        Assert.Equal(reason == ExitReason.Error ? ["a Error"] : [], otp.ReportsOf(SupervisorReportContext.ChildTerminated));
        Assert.Equal(ChildAnswerKind.NotFound, (await otp.Supervisor().RestartChild("a")).Kind);

        // Its id is free.
        Assert.Equal(ChildAnswerKind.Ok, (await otp.Add("a")).Kind);
        await otp.Actor("a").Serve();
    }
}
