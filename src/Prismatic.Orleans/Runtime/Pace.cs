namespace Prismatic.Runtime;

/// <summary>
/// How long the outboxes of a silo gather before they send again. A report that comes alone is sent at once. After a batch of n reports the
/// next one gathers for n milliseconds, and while many wait in all outboxes together for as long as it may: in a storm each batch then
/// costs one call, one write of the supervisor's state and one round of directives for many crashes. This paces work and decides nothing, so it runs
/// on the machine's own time.
/// </summary>
internal sealed class Pace
{
    private const int SmallBatch = 16;
    private const int ManyWaiting = 256;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(25);

    private long _waiting;
    private int _hurried;

    /// <summary>The length of the next gathering.</summary>
    public static TimeSpan After(int lastBatch, long waiting, TimeSpan longest) =>
        waiting >= ManyWaiting ? longest
        : lastBatch < SmallBatch ? TimeSpan.Zero
        : TimeSpan.FromTicks(Math.Min(longest.Ticks, TimeSpan.FromMilliseconds(lastBatch).Ticks));

    public void Added() => Interlocked.Increment(ref _waiting);

    public void Finished(int reports) => Interlocked.Add(ref _waiting, -reports);

    /// <summary>Until it is disposed, nothing gathers.</summary>
    public IDisposable Hurry() => new Hurried(this);

    /// <summary>Waits in short steps, so that neither a queue that fills up nor somebody in a hurry waits to the end.</summary>
    public async Task Gather(int lastBatch, TimeSpan longest, Func<bool> filling, CancellationToken stopped)
    {
        var left = After(lastBatch, Volatile.Read(ref _waiting), longest);
        while (left > TimeSpan.Zero && Volatile.Read(ref _hurried) == 0 && !filling())
        {
            var step = left < Step ? left : Step;
            await Task.Delay(step, TimeProvider.System, stopped);
            left -= step;
        }
    }

    private sealed class Hurried : IDisposable
    {
        private Pace? _pace;

        public Hurried(Pace pace)
        {
            _pace = pace;
            Interlocked.Increment(ref pace._hurried);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _pace, null) is { } pace)
            {
                Interlocked.Decrement(ref pace._hurried);
            }
        }
    }
}
