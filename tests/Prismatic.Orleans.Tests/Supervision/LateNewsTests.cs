using Orleans.Runtime;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Supervision;

/// <summary>Under OTP's rules each start has a number. What a silo tells late of an earlier one ends nothing that runs now, as OTP passes over the exit of an unknown pid.</summary>
public sealed class LateNewsTests
{
    private const string Child = "app/s/a";

    private readonly SupervisorState _state = new();
    private readonly SupervisorCore _core;
    private readonly SupervisorJudge _judge;

    public LateNewsTests()
    {
        var worker = new WorkerSpec { Id = "a", Path = Child, Kind = ChildKind.Worker, Interface = typeof(IGrain) };
        var spec = new SupervisorSpec { Id = "s", Path = "app/s", Strategy = RestartStrategy.OneForOne, Children = [worker], Budget = new Budget(2, TimeSpan.FromHours(1)) };
        var options = new SupervisionOptions { TopPolicy = TopPolicy.Otp };
        _core = new SupervisorCore(CoreSetup.FlagsOf(spec, options), _state.Core);
        CoreSetup.Reconcile(spec, options, _core);
        var running = _core.Find("a")!;
        (running.Run, running.Incarnation) = (ChildRun.Running, 2);
        _judge = new SupervisorJudge(spec, options, _state, _core, path => path == Child ? worker : null);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(0, 1)] // a silo that was told no number tells of what runs now
    public void A_crash_is_counted_and_only_one_of_the_last_start_restarts(long start, int restarts)
    {
        _judge.Crash(Crash(start), TimeSpan.Zero, default, new Judgement());

        Assert.Equal((1L, restarts), (_state.Children[Child].Crashes, _core.State.Mail.Count));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    public void An_end_that_is_no_crash_counts_for_the_start_that_ended(long start, int restarts)
    {
        _judge.Exited(Exit(start, ignored: false), TimeSpan.Zero, new Judgement());

        Assert.Equal(restarts, _core.State.Mail.Count);
    }

    [Theory]
    [InlineData(1, ChildRun.Running)]
    [InlineData(2, ChildRun.Undefined)]
    public void A_start_that_was_declined_stops_the_child_only_when_it_was_the_last(long start, ChildRun run)
    {
        _judge.Exited(Exit(start, ignored: true), TimeSpan.Zero, new Judgement());

        Assert.Equal(run, _core.Find("a")!.Run);
    }

    private static ExitReport Exit(long start, bool ignored) => new()
    {
        Child = Child,
        GrainId = GrainId.Create("a", "a").ToString(),
        ActivationId = "@1",
        Reason = ExitReason.Normal,
        Sequence = 1,
        Silo = "one",
        Ignored = ignored,
        Incarnation = start,
    };

    private static CrashReport Crash(long start) => Reports.Crash(Child, activation: "@1") with { Trigger = CrashTriggerKind.Activation, Incarnation = start };
}
