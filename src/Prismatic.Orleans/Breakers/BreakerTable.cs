using System.Collections.Immutable;

namespace Prismatic.Breakers;

/// <summary>
/// The breakers that are not closed, as this silo knows them. Reading takes no lock, and while nothing is open costs one volatile
/// read. What arrives late or twice is recognised: a newer epoch wins, and within one epoch open comes before half open before closed.
/// </summary>
internal sealed class BreakerTable(TimeProvider time)
{
    // Only so many epochs of closed breakers are remembered. Forgetting one can let a late message reopen it until the owner is asked.
    private const int MaxClosed = 10_000;

    private readonly Lock _change = new();
    private readonly Dictionary<string, long> _closed = new(StringComparer.Ordinal);

    // Replaced, never changed; null while nothing is open.
    private Dictionary<string, BreakerEntry>? _open;

    /// <summary>
    /// Whether <paramref name="target"/> is not to be called just so. <paramref name="retryAfter"/> is zero when its break is over and
    /// the next call through <see cref="ICircuitBreakers"/> may be the probe.
    /// </summary>
    public bool IsOpen(string target, out TimeSpan retryAfter)
    {
        if (Find(target) is { } entry)
        {
            retryAfter = entry.Remaining;
            return true;
        }

        retryAfter = TimeSpan.Zero;
        return false;
    }

    public BreakerEntry? Find(string target) =>
        Volatile.Read(ref _open) is { } open && open.TryGetValue(target, out var entry) ? entry : null;

    /// <summary>All breakers that are not closed, by target.</summary>
    public ImmutableArray<BreakerView> All() =>
        Volatile.Read(ref _open) is { } open
            ? [.. open.Values.Select(Now).OrderBy(view => view.Target, StringComparer.Ordinal)]
            : [];

    public BreakerView Get(string target) =>
        Find(target) is { } entry ? Now(entry) : new BreakerView { Target = target, State = BreakerState.Closed };

    /// <summary>Takes what the owner says; false when it is old news.</summary>
    public bool Apply(BreakerView view)
    {
        lock (_change)
        {
            if (!IsNews(view))
            {
                return false;
            }

            if (view.State == BreakerState.Closed)
            {
                Remove(view);
            }
            else
            {
                Put(view, view.State == BreakerState.Open ? view.ProbeIn ?? TimeSpan.Zero : BreakerEntry.AskEvery);
            }

            return true;
        }
    }

    /// <summary>
    /// Opens a breaker on this silo at once, before its owner has heard of it; false when it is open about that long already. The epoch stays
    /// the last known one, so that whatever the owner answers is newer.
    /// </summary>
    public bool OpenHere(string target, TimeSpan duration, string reason)
    {
        lock (_change)
        {
            var known = Find(target);
            if (known is { View.State: BreakerState.Open } && known.Remaining + BreakerEntry.AskEvery >= duration)
            {
                return false;
            }

            var epoch = known?.View.Epoch ?? _closed.GetValueOrDefault(target);
            Put(new BreakerView { Target = target, State = BreakerState.Open, Epoch = epoch, ProbeIn = duration, Break = duration, Reason = reason }, duration);
            return true;
        }
    }

    /// <summary>Opens here what another silo opened before the owner has heard of it; false when this silo knows better.</summary>
    public bool OpenEarly(BreakerView view)
    {
        lock (_change)
        {
            return (Find(view.Target)?.View.Epoch ?? _closed.GetValueOrDefault(view.Target)) <= view.Epoch
                && OpenHere(view.Target, view.Break, view.Reason);
        }
    }

    private bool IsNews(BreakerView view)
    {
        if (Find(view.Target) is { } known)
        {
            return view.Epoch != known.View.Epoch
                ? view.Epoch > known.View.Epoch
                : Order(view.State) > Order(known.View.State)
                    || (view.State == BreakerState.Open && known.View.State == BreakerState.Open && view.ProbeIn > known.Remaining);
        }

        return view.Epoch > _closed.GetValueOrDefault(view.Target);
    }

    private static int Order(BreakerState state) => state switch
    {
        BreakerState.Open => 0,
        BreakerState.HalfOpen => 1,
        _ => 2,
    };

    private void Put(BreakerView view, TimeSpan askIn)
    {
        var next = Copy();
        next[view.Target] = new BreakerEntry(view, askIn, time);
        Volatile.Write(ref _open, next);
    }

    private void Remove(BreakerView view)
    {
        if (_closed.Count >= MaxClosed)
        {
            _closed.Clear();
        }

        _closed[view.Target] = view.Epoch;
        var next = Copy();
        next.Remove(view.Target);
        Volatile.Write(ref _open, next.Count == 0 ? null : next);
    }

    private Dictionary<string, BreakerEntry> Copy() =>
        _open is null ? new(StringComparer.Ordinal) : new(_open, StringComparer.Ordinal);

    private static BreakerView Now(BreakerEntry entry) =>
        entry.View.State == BreakerState.Open ? entry.View with { ProbeIn = entry.Remaining } : entry.View;
}
