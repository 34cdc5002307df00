namespace Prismatic.Breakers;

/// <summary>
/// What a silo knows of one breaker that is not closed. The facts never change; another entry takes this one's place. What does
/// change is who of this silo's callers is asking for the probe.
/// </summary>
/// <param name="view">The breaker as it was heard of.</param>
/// <param name="askIn">How long after that the probe may be asked for.</param>
/// <param name="time">The silo's clock.</param>
internal sealed class BreakerEntry(BreakerView view, TimeSpan askIn, TimeProvider time)
{
    /// <summary>How often a silo asks again for a probe that somebody else was granted or that could not be asked for.</summary>
    public static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    private const long Nobody = long.MinValue;

    private readonly long _heardAt = time.GetTimestamp();
    private long _notBefore = time.GetTimestamp();
    private long _askingSince = Nobody;
    private long _ownerGoneSince = Nobody;

    public BreakerView View { get; } = view;

    /// <summary>How long until the probe may be asked for; zero when it may.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var now = time.GetTimestamp();
            var remaining = askIn - time.GetElapsedTime(_heardAt, now);
            var pause = time.GetElapsedTime(now, Volatile.Read(ref _notBefore));
            var longer = remaining > pause ? remaining : pause;
            return longer > TimeSpan.Zero ? longer : TimeSpan.Zero;
        }
    }

    /// <summary>Lets one caller ask. One who has been at it for a break and longer is taken to hang, and the next may ask.</summary>
    public bool TryBeginAsking()
    {
        var since = Volatile.Read(ref _askingSince);
        var now = time.GetTimestamp();
        return (since == Nobody || time.GetElapsedTime(since, now) > View.Break + BreakerOwner.AnswerLimit)
            && Interlocked.CompareExchange(ref _askingSince, now, since) == since;
    }

    public void EndAsking() => Volatile.Write(ref _askingSince, Nobody);

    /// <summary>Nobody of this silo asks again before <paramref name="pause"/> has passed.</summary>
    public void PauseAsking(TimeSpan pause) =>
        Volatile.Write(ref _notBefore, time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency));

    /// <summary>The owner did not answer. True once in each break interval from then on: this silo may probe by itself.</summary>
    public bool MayProbeAlone()
    {
        var now = time.GetTimestamp();
        if (_ownerGoneSince == Nobody)
        {
            _ownerGoneSince = now;
        }

        if (time.GetElapsedTime(_ownerGoneSince, now) < View.Break)
        {
            return false;
        }

        _ownerGoneSince = now;
        return true;
    }
}
