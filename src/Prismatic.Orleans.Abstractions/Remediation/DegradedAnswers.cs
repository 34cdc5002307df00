using Orleans.Runtime;

namespace Prismatic.Remediation;

/// <summary>
/// Tells a caller which of its answers came from a fallback. Watching is asked for, so that a call that nobody watches costs nothing:
/// <code>
/// using var watch = DegradedAnswers.Watch();
/// var prices = await priceList.Get();
/// if (watch.Any) { /* the stand-in answered: show it as possibly old */ }
/// </code>
/// Sees the calls that this flow of control makes itself, one-way calls and asynchronous enumerations aside; a grain that is called says in its own answer whether it
/// rests on somebody's fallback. On clients it needs <c>AddSupervision</c> on the client builder.
/// </summary>
public static class DegradedAnswers
{
    private static readonly AsyncLocal<DegradedWatch?> Current = new();
    private static int s_watching;

    /// <summary>Watches the calls made from here on in this flow of control, until the watch is disposed of. Watches nest; the inner one sees.</summary>
    public static DegradedWatch Watch()
    {
        Interlocked.Increment(ref s_watching);
        return Current.Value = new DegradedWatch(Current.Value);
    }

    /// <summary>Whether anybody in this process watches.</summary>
    internal static bool Watching => Volatile.Read(ref s_watching) > 0;

    /// <summary>The watch of this flow of control.</summary>
    internal static DegradedWatch? OfThisFlow => Current.Value is { Ended: false } watch ? watch : null;

    internal static void End(DegradedWatch watch, DegradedWatch? outer)
    {
        Interlocked.Decrement(ref s_watching);
        if (Current.Value == watch)
        {
            Current.Value = outer;
        }
    }
}

/// <summary>Counts the degraded answers that one flow of control was given.</summary>
public sealed class DegradedWatch : IDisposable
{
    private readonly DegradedWatch? _outer;
    private int _count;
    private int _ended;

    internal DegradedWatch(DegradedWatch? outer) => _outer = outer;

    /// <summary>How many answers came from a fallback so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether at least one did.</summary>
    public bool Any => Count > 0;

    internal bool Ended => Volatile.Read(ref _ended) == 1;

    internal void Saw() => Interlocked.Increment(ref _count);

    /// <summary>Ends the watch.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            DegradedAnswers.End(this, _outer);
        }
    }
}
