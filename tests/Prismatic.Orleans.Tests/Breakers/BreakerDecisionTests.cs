using Prismatic.Breakers;
using Xunit;

namespace Prismatic.Tests.Breakers;

public sealed class BreakerDecisionTests
{
    private static readonly Breaker Closed = Breaker.New with { Epoch = 3 };
    private static readonly Breaker Open = new(BreakerState.Open, 4, Seconds(30), Until: Seconds(100), "refused");
    private static readonly Breaker HalfOpen = new(BreakerState.HalfOpen, 4, Seconds(30), Until: Seconds(130), "refused");

    [Fact]
    public void A_failure_opens_a_closed_breaker_in_a_new_epoch() =>
        Assert.Equal(new Breaker(BreakerState.Open, 4, Seconds(30), Seconds(40), "why"), BreakerDecision.Open(Closed, Seconds(10), Seconds(30), "why"));

    [Theory]
    [InlineData(60, 40, 100)]
    [InlineData(60, 41, 101)]
    [InlineData(60, 10, 100)]
    [InlineData(99, 30, 129)]
    public void A_failure_within_a_break_can_only_lengthen_it_and_keeps_the_epoch(int now, int duration, int until)
    {
        var next = BreakerDecision.Open(Open, Seconds(now), Seconds(duration), "why");

        Assert.Equal((BreakerState.Open, 4L, Seconds(until)), (next.State, next.Epoch, next.Until));
    }

    [Fact]
    public void A_failure_once_the_break_is_over_begins_a_new_epoch() =>
        Assert.Equal(new Breaker(BreakerState.Open, 5, Seconds(10), Seconds(110), "why"), BreakerDecision.Open(Open, Seconds(100), Seconds(10), "why"));

    [Theory]
    [InlineData(30, 30, 60)]
    [InlineData(149, 30, 298)]
    [InlineData(150, 30, 300)]
    [InlineData(300, 30, 300)]
    [InlineData(30, 90, 90)]
    [InlineData(30, 3600, 3600)]
    [InlineData(3600, 30, 300)]
    public void A_failed_probe_doubles_the_break_up_to_five_minutes_unless_a_longer_one_is_asked_for(int before, int asked, int after)
    {
        var next = BreakerDecision.Open(HalfOpen with { Break = Seconds(before) }, Seconds(101), Seconds(asked), "why");

        Assert.Equal((BreakerState.Open, 5L, Seconds(after), Seconds(101 + after)), (next.State, next.Epoch, next.Break, next.Until));
    }

    public static TheoryData<string, BreakerState, long, BreakerState> Closings => new()
    {
        { "the probe succeeded", BreakerState.HalfOpen, 4, BreakerState.Closed },
        { "an operator closes what he saw", BreakerState.Open, 4, BreakerState.Closed },
        { "an older probe succeeded", BreakerState.HalfOpen, 3, BreakerState.HalfOpen },
        { "an epoch that never was", BreakerState.Open, 5, BreakerState.Open },
        { "already closed", BreakerState.Closed, 4, BreakerState.Closed },
    };

    [Theory]
    [MemberData(nameof(Closings))]
    public void Only_the_current_epoch_can_be_closed(string story, BreakerState state, long epoch, BreakerState expected)
    {
        var next = BreakerDecision.Close(HalfOpen with { State = state }, epoch);

        Assert.Equal((story, expected, 4L), (story, next.State, next.Epoch));
    }

    public static TheoryData<string, BreakerState, int, long, bool, BreakerState, long> Probes => new()
    {
        { "right at the end of the break", BreakerState.Open, 100, 4, true, BreakerState.HalfOpen, 4 },
        { "a moment before", BreakerState.Open, 99, 4, false, BreakerState.Open, 4 },
        { "of an older epoch", BreakerState.Open, 100, 3, false, BreakerState.Open, 4 },
        { "while the granted one may report", BreakerState.HalfOpen, 129, 4, false, BreakerState.HalfOpen, 4 },
        { "when the granted one never reported", BreakerState.HalfOpen, 130, 4, false, BreakerState.Open, 5 },
        { "of an older epoch, when the granted one never reported", BreakerState.HalfOpen, 130, 3, false, BreakerState.HalfOpen, 4 },
        { "of a closed breaker", BreakerState.Closed, 200, 4, false, BreakerState.Closed, 4 },
    };

    [Theory]
    [MemberData(nameof(Probes))]
    public void A_probe_is_granted_once_per_epoch(string story, BreakerState state, int now, long epoch, bool granted, BreakerState after, long epochAfter)
    {
        var breaker = (state == BreakerState.HalfOpen ? HalfOpen : Open) with { State = state };

        var decision = BreakerDecision.TryProbe(breaker, Seconds(now), epoch);

        Assert.Equal((story, granted, after, epochAfter), (story, decision.Granted, decision.Next.State, decision.Next.Epoch));
    }

    [Fact]
    public void A_granted_probe_may_take_as_long_as_the_break_was()
    {
        var (next, _) = BreakerDecision.TryProbe(Open, Seconds(105), 4);

        Assert.Equal(Seconds(135), next.Until);
    }

    [Fact]
    public void After_a_probe_that_never_reported_the_next_epoch_grants_at_once()
    {
        var (lapsed, _) = BreakerDecision.TryProbe(HalfOpen, Seconds(140), 4);
        var (next, granted) = BreakerDecision.TryProbe(lapsed, Seconds(140), 5);

        Assert.True(granted);
        Assert.Equal(Seconds(170), next.Until);
    }

    [Fact]
    public void Only_an_open_breaker_tells_when_it_probes()
    {
        Assert.Equal(Seconds(60), BreakerDecision.View(Open, Seconds(40), "t").ProbeIn);
        Assert.Equal(TimeSpan.Zero, BreakerDecision.View(Open, Seconds(140), "t").ProbeIn);
        Assert.Null(BreakerDecision.View(HalfOpen, Seconds(40), "t").ProbeIn);
        Assert.Null(BreakerDecision.View(Closed, Seconds(40), "t").ProbeIn);
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
}
