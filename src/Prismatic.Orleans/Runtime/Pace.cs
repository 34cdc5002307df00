namespace Prismatic.Runtime;

/// <summary>
/// How long the outboxes of a silo gather before they send again. A report that comes when none has been sent for 10 ms is sent at once. The next one waits a moment, 1 ms, to
/// see whether others come with it, and on while more than a few come in each: so a storm is known before more than its first reports are told. After a
/// batch of n reports the next one gathers for n milliseconds. While many wait in all outboxes together, what has more than a few to tell gathers until no more
/// come, or as long as it may: a storm then costs few calls, few writes of the supervisor's state and few rounds of directives for many crashes, most of
/// them when those who crashed have already been served again. What has few to tell waits 10 ms for each outbox that has something to tell: a storm in one
/// place hardly delays what is told of another, and one that is everywhere costs about one small batch in 10 ms. What takes its time to be taken in is told less often: after a batch that was not small, gathering
/// takes at least twice as long as that batch took, up to a second, so that a receiver with a large state or a slow store spends a third of its time on the batches
/// of one silo and not all of it. This paces work and decides nothing, so it runs on the machine's own time.
/// </summary>
internal sealed class Pace(TimeProvider? time = null)
{
    private const int SmallBatch = 16;
    private const int ManyWaiting = 64;

    /// <summary>A storm is over when in each of so many steps fewer came than <see cref="Few"/>: one step may be a collection of the heap.</summary>
    private const int CalmSteps = 4;

    private const int Few = 8;

    /// <summary>The longest wait that a batch before asks for: what was taken in longer ago says nothing about now.</summary>
    public static readonly TimeSpan LongestForTheSlow = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    /// <summary>The machine's own, but for tests.</summary>
    public TimeProvider Time { get; } = time ?? TimeProvider.System;

    private long _added;
    private long _finished;
    private long _sentAt;
    private int _gathering;
    private int _hurried;

    /// <summary>How long the next batch gathers: at least, and at most while a storm goes on.</summary>
    /// <param name="lastBatch">How many reports the batch before had.</param>
    /// <param name="lastTook">How long it took.</param>
    /// <param name="here">How many wait in this outbox.</param>
    /// <param name="everywhere">How many wait in all.</param>
    /// <param name="outboxes">How many outboxes gather.</param>
    /// <param name="longest">How long this outbox gathers at most because of the number.</param>
    public static (TimeSpan AtLeast, TimeSpan AtMost) After(int lastBatch, TimeSpan lastTook, int here, long everywhere, int outboxes, TimeSpan longest)
    {
        var small = lastBatch < SmallBatch;
        var storm = everywhere >= ManyWaiting;
        var byNumber = small ? TimeSpan.Zero : Shorter(longest, TimeSpan.FromMilliseconds(lastBatch));
        var byTime = small ? TimeSpan.Zero : Shorter(LongestForTheSlow, lastTook * 2);
        var atLeast = Longer(byTime, storm ? Step : byNumber);
        return (atLeast, storm ? Longer(atLeast, here < SmallBatch ? Shorter(longest, Step * outboxes) : longest) : atLeast);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    public void Added() => Interlocked.Increment(ref _added);

    public void Finished(int reports) => Interlocked.Add(ref _finished, reports);

    /// <summary>Until it is disposed, nothing gathers.</summary>
    public IDisposable Hurry() => new Hurried(this);

    /// <summary>Waits in short steps, so that neither a queue that fills up nor somebody in a hurry waits to the end.</summary>
    public async Task Gather(int lastBatch, TimeSpan lastTook, TimeSpan longest, Func<int> here, int enough, CancellationToken stopped)
    {
        Interlocked.Increment(ref _gathering);
        try
        {
            if (lastBatch < SmallBatch)
            {
                await SeeOthers(here, enough, stopped);
            }

            await GatherCounted(lastBatch, lastTook, longest, here, enough, stopped);
        }
        finally
        {
            Interlocked.Decrement(ref _gathering);
            Volatile.Write(ref _sentAt, Time.GetTimestamp());
        }
    }

    /// <summary>Waits a moment, and on while more than a few come in each, until it is a storm. What comes when nothing has been sent for a while waits for nothing.</summary>
    private async Task SeeOthers(Func<int> here, int enough, CancellationToken stopped)
    {
        if (Time.GetElapsedTime(Volatile.Read(ref _sentAt)) >= Step)
        {
            return;
        }

        long added;
        do
        {
            added = Volatile.Read(ref _added);
            if (Volatile.Read(ref _hurried) > 0 || here() >= enough || added - Volatile.Read(ref _finished) >= ManyWaiting)
            {
                return;
            }

            await Task.Delay(Moment, Time, stopped);
        }
        while (Volatile.Read(ref _added) - added >= Few);
    }

    private async Task GatherCounted(int lastBatch, TimeSpan lastTook, TimeSpan longest, Func<int> here, int enough, CancellationToken stopped)
    {
        var gathered = TimeSpan.Zero;
        var calm = 0;
        while (Volatile.Read(ref _hurried) == 0 && here() < enough)
        {
            var added = Volatile.Read(ref _added);
            var (atLeast, atMost) = After(lastBatch, lastTook, here(), added - Volatile.Read(ref _finished), Volatile.Read(ref _gathering), longest);
            var left = (calm < CalmSteps ? atMost : atLeast) - gathered;
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            var step = Shorter(left, Step);
            await Task.Delay(step, Time, stopped);
            gathered += step;
            calm = Volatile.Read(ref _added) - added < Few ? calm + 1 : 0;
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
