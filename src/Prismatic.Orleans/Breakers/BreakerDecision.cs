namespace Prismatic.Breakers;

/// <summary>
/// A breaker's facts. <see cref="Until"/> is on the axis of the decider's <c>now</c>: when open, the end of the break; when half open,
/// the end of the time in which the granted probe may report.
/// </summary>
internal readonly record struct Breaker(BreakerState State, long Epoch, TimeSpan Break, TimeSpan Until, string Reason)
{
    public static Breaker New { get; } = new(BreakerState.Closed, 0, TimeSpan.Zero, TimeSpan.Zero, "");
}

/// <summary>
/// The rules of one breaker. An epoch is one break and its one probe: it grows whenever the breaker opens, and what belongs to an
/// older epoch changes nothing.
/// </summary>
internal static class BreakerDecision
{
    /// <summary>Doubling stops here. A longer break is only what somebody asked for.</summary>
    public static readonly TimeSpan LongestDoubled = TimeSpan.FromMinutes(5);

    /// <summary>Something failed. A failed probe doubles the break; a failure within a break can only lengthen it.</summary>
    public static Breaker Open(Breaker breaker, TimeSpan now, TimeSpan duration, string reason) => breaker.State switch
    {
        BreakerState.Closed => NextEpoch(breaker, now, duration, reason),
        BreakerState.HalfOpen => NextEpoch(breaker, now, Longer(duration, Doubled(breaker.Break)), reason),
        _ when now >= breaker.Until => NextEpoch(breaker, now, duration, reason),
        _ when now + duration > breaker.Until => breaker with { Break = Longer(breaker.Break, duration), Until = now + duration, Reason = reason },
        _ => breaker,
    };

    /// <summary>The probe of <paramref name="epoch"/> succeeded, or an operator who saw that epoch closes it.</summary>
    public static Breaker Close(Breaker breaker, long epoch) =>
        breaker.State == BreakerState.Closed || breaker.Epoch != epoch
            ? breaker
            : Breaker.New with { Epoch = epoch };

    /// <summary>
    /// Grants the probe of <paramref name="epoch"/> once. When the one who got it did not report in time, the epoch is over: the next
    /// one begins with its break behind it, so that its probe can be asked for at once.
    /// </summary>
    public static (Breaker Next, bool Granted) TryProbe(Breaker breaker, TimeSpan now, long epoch)
    {
        var due = breaker.Epoch == epoch && now >= breaker.Until;
        return breaker.State switch
        {
            BreakerState.Open when due => (breaker with { State = BreakerState.HalfOpen, Until = now + breaker.Break }, true),
            BreakerState.HalfOpen when due => (breaker with { State = BreakerState.Open, Epoch = epoch + 1, Until = now }, false),
            _ => (breaker, false),
        };
    }

    /// <summary>The breaker as others see it.</summary>
    public static BreakerView View(Breaker breaker, TimeSpan now, string target) => new()
    {
        Target = target,
        State = breaker.State,
        Epoch = breaker.Epoch,
        ProbeIn = breaker.State == BreakerState.Open ? Longer(TimeSpan.Zero, breaker.Until - now) : null,
        Break = breaker.Break,
        Reason = breaker.Reason,
    };

    private static Breaker NextEpoch(Breaker breaker, TimeSpan now, TimeSpan duration, string reason) =>
        new(BreakerState.Open, breaker.Epoch + 1, duration, now + duration, reason);

    private static TimeSpan Doubled(TimeSpan duration) =>
        duration >= LongestDoubled / 2 ? LongestDoubled : duration * 2;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
