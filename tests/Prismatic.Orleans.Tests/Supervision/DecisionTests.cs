using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Supervision;

public sealed class ChildStatesTests
{
    [Fact]
    public void Every_state_has_exactly_one_row() =>
        Assert.Equal(Enum.GetValues<ChildStatus>().Order(), ChildStates.All.Select(row => row.Status).Order());

    [Theory]
    [InlineData(ChildStatus.Idle, Admission.Run)]
    [InlineData(ChildStatus.Starting, Admission.Wait)]
    [InlineData(ChildStatus.Up, Admission.Run)]
    [InlineData(ChildStatus.Restarting, Admission.Run)]
    [InlineData(ChildStatus.BackingOff, Admission.Wait)]
    [InlineData(ChildStatus.Resetting, Admission.Run)]
    [InlineData(ChildStatus.Fallback, Admission.Redirect)]
    [InlineData(ChildStatus.Hung, Admission.Refuse)]
    [InlineData(ChildStatus.Quarantined, Admission.Refuse)]
    [InlineData(ChildStatus.Stopped, Admission.RefuseForGood)]
    internal void A_call_meets(ChildStatus status, Admission admission) => Assert.Equal(admission, ChildStates.Of(status).Caller);

    [Theory]
    [InlineData(ChildStatus.Idle, CrashEffect.Decide, CrashEffect.Decide)]
    [InlineData(ChildStatus.Starting, CrashEffect.FailedStart, CrashEffect.FailedStart)]
    [InlineData(ChildStatus.Up, CrashEffect.Join, CrashEffect.Decide)]
    [InlineData(ChildStatus.Restarting, CrashEffect.Join, CrashEffect.FailedStart)]
    [InlineData(ChildStatus.BackingOff, CrashEffect.Join, CrashEffect.Join)]
    [InlineData(ChildStatus.Resetting, CrashEffect.Join, CrashEffect.ResumeResetOnce)]
    [InlineData(ChildStatus.Fallback, CrashEffect.Join, CrashEffect.Fallback)]
    [InlineData(ChildStatus.Hung, CrashEffect.LateEnd, CrashEffect.Join)]
    [InlineData(ChildStatus.Quarantined, CrashEffect.Join, CrashEffect.CountApart)]
    [InlineData(ChildStatus.Stopped, CrashEffect.Ignore, CrashEffect.Ignore)]
    internal void Another_crash_means(ChildStatus status, CrashEffect same, CrashEffect other) =>
        Assert.Equal((same, other), (ChildStates.Of(status).SameActivation, ChildStates.Of(status).OtherActivation));

    [Theory]
    [InlineData(ChildStatus.Idle, false)]
    [InlineData(ChildStatus.Starting, false)]
    [InlineData(ChildStatus.Up, false)]
    [InlineData(ChildStatus.Restarting, true)]
    [InlineData(ChildStatus.BackingOff, true)]
    [InlineData(ChildStatus.Resetting, true)]
    [InlineData(ChildStatus.Fallback, true)]
    [InlineData(ChildStatus.Hung, true)]
    [InlineData(ChildStatus.Quarantined, true)]
    [InlineData(ChildStatus.Stopped, true)]
    public void Someone_who_looks_for_trouble_sees(ChildStatus status, bool ill) => Assert.Equal(ill, ChildStates.Of(status).Ill);
}

public sealed class RestartWindowTests
{
    private static readonly Budget ThreeInFive = new(3, TimeSpan.FromSeconds(5));

    [Fact]
    public void The_restart_beyond_the_intensity_is_refused()
    {
        var times = new List<TimeSpan>();
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => RestartWindow.Allow(times, TimeSpan.Zero, ThreeInFive)));
    }

    [Fact]
    public void Intensity_zero_refuses_the_first() => Assert.False(RestartWindow.Allow([], TimeSpan.Zero, new Budget(0, TimeSpan.FromSeconds(5))));

    [Theory]
    [InlineData(5_000, false)]
    [InlineData(5_001, true)]
    public void A_restart_exactly_one_period_ago_still_counts(int milliseconds, bool allowed) =>
        Assert.Equal(allowed, RestartWindow.Allow([TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero], TimeSpan.FromMilliseconds(milliseconds), ThreeInFive));
}

public sealed class RestartScopeTests
{
    [Theory]
    [InlineData(RestartStrategy.OneForOne, 1, "b")]
    [InlineData(RestartStrategy.RestForOne, 0, "abc")]
    [InlineData(RestartStrategy.RestForOne, 1, "bc")]
    [InlineData(RestartStrategy.RestForOne, 2, "c")]
    [InlineData(RestartStrategy.OneForAll, 1, "abc")]
    public void A_crash_restarts(RestartStrategy strategy, int failed, string restarted) => Assert.Equal(restarted, "abc"[RestartScope.Of(strategy, failed)]);
}

public sealed class BlameRuleTests
{
    private static Blame Of(Exception exception, bool came = false, bool cancelled = false, bool stopping = false) =>
        BlameRule.Of(exception, came, cancelled, stopping, [typeof(InvalidDataException)], _ => ["slug", "query"], "a call");

    [Fact]
    public void What_came_in_through_a_call_is_the_dependencys() => Assert.Equal(Blame.Dependency, Of(new InvalidOperationException(), came: true));

    [Fact]
    public void A_refusal_of_supervision_is_never_a_crash() =>
        Assert.Equal(Blame.Dependency, Of(new ChildUnavailableException("a/b", ChildStatus.BackingOff, null)));

    [Fact]
    public void A_cancellation_that_the_caller_asked_for_is_the_requests() => Assert.Equal(Blame.Request, Of(new TaskCanceledException(), cancelled: true));

    [Fact]
    public void A_cancellation_that_nobody_asked_for_is_the_workers() => Assert.Equal(Blame.Worker, Of(new TaskCanceledException()));

    [Fact]
    public void A_cancellation_while_the_silo_stops_is_the_hosts() => Assert.Equal(Blame.Host, Of(new OperationCanceledException(), stopping: true));

    [Fact]
    public void A_crash_while_the_silo_stops_is_still_the_workers() => Assert.Equal(Blame.Worker, Of(new InvalidOperationException(), stopping: true));

    [Fact]
    public void A_declared_exception_and_its_subtypes_are_the_requests() => Assert.Equal(Blame.Request, Of(new InvalidDataException()));

    [Theory]
    [InlineData("slug", Blame.Request)]
    [InlineData("index", Blame.Worker)]
    [InlineData(null, Blame.Worker)]
    public void An_argument_exception_is_the_requests_when_it_names_a_parameter_of_the_method(string? parameter, Blame blame) =>
        Assert.Equal(blame, Of(new ArgumentException("bad", parameter)));
}

public sealed class PoisonWatchTests
{
    [Fact]
    public void A_request_that_crashes_a_third_incarnation_while_others_were_served_is_at_fault_itself()
    {
        var watch = new PoisonWatch();
        Assert.Equal(Suspicion.None, watch.Crashed(1));
        watch.Served(2);
        Assert.Equal(Suspicion.None, watch.Crashed(1));
        Assert.Equal(Suspicion.JustProven, watch.Crashed(1));
        Assert.Equal(Suspicion.Proven, watch.Crashed(1));
    }

    [Fact]
    public void Different_requests_that_crash_with_nothing_served_in_between_speak_of_a_sick_worker()
    {
        var watch = new PoisonWatch();
        watch.Crashed(1);
        watch.Crashed(1);
        Assert.True(watch.OnlyOneLately);
        watch.Crashed(2);
        Assert.False(watch.OnlyOneLately);
        watch.Served(3);
        Assert.True(watch.OnlyOneLately);
    }

    [Fact]
    public void Without_others_being_served_the_worker_is_at_fault_however_often()
    {
        var watch = new PoisonWatch();
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal(Suspicion.None, watch.Crashed(1)));
    }

    [Fact]
    public void Of_more_than_eight_requests_the_one_that_crashed_first_is_forgotten()
    {
        var watch = new PoisonWatch();
        foreach (var request in Enumerable.Range(1, 9))
        {
            watch.Crashed(request);
            watch.Crashed(request);
        }

        watch.Served(10);

        Assert.Equal(Suspicion.JustProven, watch.Crashed(2));
        Assert.Equal(Suspicion.None, watch.Crashed(1));
    }

    [Fact]
    public void A_request_that_was_served_is_no_suspect_any_more()
    {
        var watch = new PoisonWatch();
        watch.Crashed(1);
        watch.Crashed(1);
        watch.Served(1);
        Assert.Equal(Suspicion.None, watch.Crashed(1));
    }
}

public sealed class LocalDecisionTests
{
    private static readonly RestartWithBackoff AtOnce = new() { Initial = TimeSpan.FromSeconds(1) };

    private static CrashFacts Facts(bool damaged = false, string? target = null) =>
        new() { Exceptions = [new ExceptionFact { Type = "T", Message = "m" }], StateDamaged = damaged, Target = target, Child = "a/b" };

    private static LocalVerdict Of(RemediationAction action, CrashFacts? facts = null, bool fallback = false, int crashes = 1) =>
        LocalDecision.Of(action, facts ?? Facts(), AtOnce, fallback, crashes, TimeSpan.Zero, new Random(1));

    [Fact]
    public void The_first_crash_of_a_stable_run_restarts_at_once() => Assert.Equal((ChildStatus.Restarting, TimeSpan.Zero), Key(Of(new Escalate())));

    [Fact]
    public void The_second_waits_the_initial_delay() => Assert.Equal((ChildStatus.BackingOff, TimeSpan.FromSeconds(1)), Key(Of(new Escalate(), crashes: 2)));

    [Fact]
    public void State_is_reset_on_evidence() => Assert.True(Of(new RestartWithStateReset(), Facts(damaged: true)).ResetState);

    [Fact]
    public void State_is_not_reset_without_evidence() => Assert.False(Of(new RestartWithStateReset()).ResetState);

    [Fact]
    public void A_break_opens_the_target_that_the_crash_names_and_the_child_restarts()
    {
        var verdict = Of(new CircuitBreak(), Facts(target: "source:x"));
        Assert.Equal(("source:x", ChildStatus.Restarting), (verdict.BreakTarget, verdict.Status));
    }

    [Fact]
    public void A_break_without_a_target_is_the_childs_own_restart_and_says_so()
    {
        var verdict = Of(new CircuitBreak());
        Assert.Equal((ChildStatus.Restarting, AtOnce), (verdict.Status, verdict.Applied));
    }

    [Fact]
    public void A_redirect_goes_to_the_fallback() => Assert.Equal(ChildStatus.Fallback, Of(new RedirectToFallback(), fallback: true).Status);

    [Fact]
    public void A_redirect_without_a_fallback_spares_the_target_that_the_crash_names()
    {
        var verdict = Of(new RedirectToFallback { Duration = TimeSpan.FromSeconds(20) }, Facts(target: "bank"));

        Assert.Equal(new CircuitBreak { Duration = TimeSpan.FromSeconds(20) }, verdict.Applied);
        Assert.Equal(("bank", TimeSpan.FromSeconds(20)), (verdict.BreakTarget, verdict.BreakFor));
    }

    [Fact]
    public void A_redirect_without_a_fallback_is_the_default_restart() => Assert.Equal(AtOnce, Of(new RedirectToFallback()).Applied);

    private static (ChildStatus, TimeSpan) Key(LocalVerdict verdict) => (verdict.Status, verdict.Delay);
}

public sealed class VerificationTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    [Fact]
    public void The_window_is_at_least_the_configured_one() => Assert.Equal(Minute, Verification.WindowFor(new Escalate(), TimeSpan.FromSeconds(29), Minute));

    [Fact]
    public void It_is_twice_the_delay_when_that_is_longer() => Assert.Equal(TimeSpan.FromSeconds(80), Verification.WindowFor(new Escalate(), TimeSpan.FromSeconds(40), Minute));

    [Fact]
    public void A_break_is_waited_out_first() =>
        Assert.Equal(TimeSpan.FromSeconds(90), Verification.WindowFor(new CircuitBreak { Duration = TimeSpan.FromSeconds(30) }, TimeSpan.Zero, Minute));
}

public sealed class HealthScoreTests
{
    private static readonly HealthFacts Well = new(15, 0, 0, 0, 0, 0, 0);

    [Fact]
    public void A_tree_with_nothing_wrong_has_100() => Assert.Equal(100, HealthScore.Of(Well));

    [Fact]
    public void A_tree_in_which_all_is_shut_has_0() => Assert.Equal(0, HealthScore.Of(Well with { Shut = 15 }));

    [Fact]
    public void No_further_failure_ever_raises_it()
    {
        var random = new Random(7);
        for (var i = 0; i < 10_000; i++)
        {
            var facts = new HealthFacts(15, random.Next(5), random.Next(5), random.Next(5), random.Next(3), random.Next(5), random.Next(3));
            foreach (var worse in new[]
            {
                facts with { Verifying = facts.Verifying + 1 },
                facts with { Waiting = facts.Waiting + 1 },
                facts with { Shut = facts.Shut + 1 },
                facts with { Verifying = Math.Max(0, facts.Verifying - 1), Waiting = facts.Waiting + 1 },
                facts with { Waiting = Math.Max(0, facts.Waiting - 1), Shut = facts.Shut + 1 },
                facts with { Hotspots = facts.Hotspots + 1 },
                facts with { OpenTickets = facts.OpenTickets + 1 },
                facts with { Unknown = facts.Unknown + 1 },
            })
            {
                Assert.InRange(HealthScore.Of(worse), 0, HealthScore.Of(facts));
            }
        }
    }
}

/// <summary>Invariant 12: a jump of the wall clock shifts a window by at most its own length.</summary>
public sealed class SupervisorClockTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_jump_of_the_wall_clock_by_an_hour_does_nothing_to_a_running_window(int hours) => WindowHolds(hours, trustWall: false);

    [Fact]
    public Task A_jump_of_the_wall_clock_breaks_a_window_that_is_kept_by_it() =>
        MutantTests.MustFail(() =>
        {
            WindowHolds(1, trustWall: true);
            return Task.CompletedTask;
        });

    [Fact]
    public void A_stored_moment_goes_on_by_the_time_that_passed()
    {
        var time = new JumpingTime();
        var clock = new SupervisorClock(time, TimeSpan.FromSeconds(100), time.GetUtcNow().AddSeconds(-7));
        Assert.Equal(TimeSpan.FromSeconds(107), clock.Now);
    }

    [Fact]
    public void A_wall_clock_that_went_back_while_nobody_was_here_stops_the_moment_and_does_not_turn_it_back()
    {
        var time = new JumpingTime();
        var clock = new SupervisorClock(time, TimeSpan.FromSeconds(100), time.GetUtcNow().AddHours(1));
        Assert.Equal(TimeSpan.FromSeconds(100), clock.Now);
    }

    private static void WindowHolds(int jumpHours, bool trustWall)
    {
        var time = new JumpingTime();
        var clock = new SupervisorClock(time, TimeSpan.Zero, default, trustWall);
        var budget = new Budget(3, TimeSpan.FromSeconds(5));
        var times = new List<TimeSpan>();
        for (var crash = 0; crash < 3; crash++)
        {
            Assert.True(RestartWindow.Allow(times, clock.Now, budget));
        }

        time.Jump(TimeSpan.FromHours(jumpHours));
        Assert.False(RestartWindow.Allow(times, clock.Now, budget));
        time.Pass(TimeSpan.FromSeconds(6));
        Assert.True(RestartWindow.Allow(times, clock.Now, budget));
    }

    /// <summary>A clock whose wall time jumps without time passing.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        private DateTimeOffset _wall = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _wall;

        public override long GetTimestamp() => _ticks;

        public void Jump(TimeSpan by) => _wall += by;

        public void Pass(TimeSpan by)
        {
            _wall += by;
            _ticks += by.Ticks;
        }
    }
}
