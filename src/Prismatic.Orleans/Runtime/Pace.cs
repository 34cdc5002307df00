namespace Prismatic.Runtime;

/// <summary>
/// How long the outboxes of a silo gather before they send again. A report that comes alone is sent at once, whatever storm is on elsewhere.
/// After a batch of n reports the next one gathers for n milliseconds, and while many wait in all outboxes together for as long as it may: in a
/// storm each batch then costs one call, one write of the supervisor's state and one round of directives for many crashes. What takes its time to be
/// taken in is told less often: after a batch that was not small, gathering takes at least twice as long as that batch took, up to a second, so that
/// a receiver with a large state or a slow store spends a third of its time on the batches of one silo and not all of it. This paces work and
/// decides nothing, so it runs on the machine's own time.
/// </summary>
internal sealed class Pace
{
    private const int SmallBatch = 16;
    private const int ManyWaiting = 256;
    private static readonly TimeSpan LongestForTheSlow = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(25);

    /// <summary>The machine's own.</summary>
    public static TimeProvider Time => TimeProvider.System;

    private long _waiting;
    private int _hurried;

    /// <summary>The length of the next gathering, after a batch that was taken in within <paramref name="lastTook"/>.</summary>
    /// <param name="lastBatch">How many reports that batch had.</param>
    /// <param name="lastTook">How long it took.</param>
    /// <param name="here">How many wait in this outbox.</param>
    /// <param name="everywhere">How many wait in all.</param>
    /// <param name="longest">How long this outbox gathers at most because of the number.</param>
    public static TimeSpan After(int lastBatch, TimeSpan lastTook, int here, long everywhere, TimeSpan longest)
    {
        var byNumber = here > 1 && everywhere >= ManyWaiting ? longest : lastBatch < SmallBatch ? TimeSpan.Zero : Shorter(longest, TimeSpan.FromMilliseconds(lastBatch));
        var byTime = lastBatch < SmallBatch ? TimeSpan.Zero : Shorter(LongestForTheSlow, lastTook * 2);
        return byNumber > byTime ? byNumber : byTime;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    public void Added() => Interlocked.Increment(ref _waiting);

    public void Finished(int reports) => Interlocked.Add(ref _waiting, -reports);

    /// <summary>Until it is disposed, nothing gathers.</summary>
    public IDisposable Hurry() => new Hurried(this);

    /// <summary>Waits in short steps, so that neither a queue that fills up nor somebody in a hurry waits to the end.</summary>
    public async Task Gather(int lastBatch, TimeSpan lastTook, TimeSpan longest, Func<int> here, int enough, CancellationToken stopped)
    {
        var left = After(lastBatch, lastTook, here(), Volatile.Read(ref _waiting), longest);
        while (left > TimeSpan.Zero && Volatile.Read(ref _hurried) == 0 && here() < enough)
        {
            var step = left < Step ? left : Step;
            await Task.Delay(step, Time, stopped);
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
