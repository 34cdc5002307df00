namespace Prismatic.Runtime;

/// <summary>Time since this silo started, which no change of the wall clock can move. Intervals are measured with it and with nothing else.</summary>
internal sealed class MonotonicClock(TimeProvider timeProvider)
{
    private readonly long _start = timeProvider.GetTimestamp();

    public TimeProvider TimeProvider => timeProvider;

    public TimeSpan Now => timeProvider.GetElapsedTime(_start);

    /// <summary>The wall clock, for people.</summary>
    public DateTimeOffset Wall => timeProvider.GetUtcNow();
}
