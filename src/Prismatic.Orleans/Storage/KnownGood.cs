namespace Prismatic.Storage;

/// <summary>
/// Decides which payload deserves to be kept as known-good. A payload is good once the activation came through the turn that wrote it (or
/// through its own start, for one that was read): a state that makes its worker crash in the same turn never gets here.
/// </summary>
internal sealed class KnownGood(TimeProvider time, TimeSpan? interval = null)
{
    /// <summary>An activation stores at most one snapshot in this time, the one at its clean end aside.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _interval = interval ?? Interval;

    private StateEnvelope? _current;
    private object? _turn;
    private bool _written;
    private long? _savedAt;

    /// <summary><paramref name="envelope"/> was read in <paramref name="turn"/>.</summary>
    public void WasRead(StateEnvelope envelope, object turn) => (_current, _turn, _written) = (envelope, turn, false);

    /// <summary><paramref name="envelope"/> was stored in <paramref name="turn"/>.</summary>
    public void WasWritten(StateEnvelope envelope, object turn) => (_current, _turn, _written) = (envelope, turn, true);

    /// <summary>The record is gone; nothing is known of what comes.</summary>
    public void WasCleared() => (_current, _turn, _written) = (null, null, false);

    /// <summary>What <paramref name="turn"/>, which is about to write, proves good and due; null when nothing is.</summary>
    public StateEnvelope? ProvenBy(object turn) =>
        _current is not null && !ReferenceEquals(_turn, turn) && IsDue() ? _current : null;

    /// <summary>What a clean end proves good: what this activation wrote last, unless a snapshot of it is stored.</summary>
    public StateEnvelope? ProvenByCleanEnd() => _written ? _current : null;

    /// <summary>A snapshot was stored, or tried; the next is due after <see cref="Interval"/>.</summary>
    public void WasSaved() => _savedAt = time.GetTimestamp();

    private bool IsDue() => _savedAt is not { } savedAt || time.GetElapsedTime(savedAt) >= _interval;
}
