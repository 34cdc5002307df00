namespace Prismatic.Breakers;

/// <summary>
/// A breaker as it is stored: what remained when it was written. On load the time since then is subtracted as the clock tells it, but
/// never less than nothing and never more than what remained, so that a clock that jumped shifts one break by its own length at most.
/// </summary>
[GenerateSerializer, Alias("prismatic.BreakerRecord")]
internal sealed class BreakerRecord
{
    /// <summary>The version of this shape.</summary>
    [Id(0)] public int Schema { get; set; } = 1;

    [Id(1)] public BreakerState State { get; set; }

    [Id(2)] public long Epoch { get; set; }

    [Id(3)] public TimeSpan Break { get; set; }

    [Id(4)] public TimeSpan Remaining { get; set; }

    [Id(5)] public DateTimeOffset WrittenAt { get; set; }

    [Id(6)] public string Reason { get; set; } = "";

    public static BreakerRecord Of(Breaker breaker, TimeSpan now, DateTimeOffset clock) => new()
    {
        State = breaker.State,
        Epoch = breaker.Epoch,
        Break = breaker.Break,
        Remaining = breaker.Until > now ? breaker.Until - now : TimeSpan.Zero,
        WrittenAt = clock,
        Reason = breaker.Reason,
    };

    /// <summary>The breaker on the axis of <paramref name="now"/>.</summary>
    public Breaker Rebase(TimeSpan now, DateTimeOffset clock)
    {
        var gone = clock - WrittenAt;
        var remaining = gone <= TimeSpan.Zero ? Remaining : gone >= Remaining ? TimeSpan.Zero : Remaining - gone;
        return new Breaker(State, Epoch, Break, now + remaining, Reason ?? "");
    }
}
