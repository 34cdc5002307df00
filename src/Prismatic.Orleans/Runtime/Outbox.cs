using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;

namespace Prismatic.Runtime;

/// <summary>How many items of a kind an outbox had no room for.</summary>
/// <param name="Kind">What they were, as their plural: <c>crashes</c>.</param>
/// <param name="Count">How many.</param>
[GenerateSerializer, Immutable, Alias("prismatic.DroppedItems")]
internal readonly record struct DroppedItems([property: Id(0)] string Kind, [property: Id(1)] long Count);

/// <summary>A bounded queue and the loop that sends from it. Where there is no room the oldest goes, and is counted by its kind.</summary>
internal sealed class Outbox<T>
{
    private const int LargestBatch = 4_000;

    private readonly Channel<T> _queue;
    private readonly int _capacity;
    private readonly Pace _pace;
    private readonly TimeSpan _longestGather;
    private readonly Func<IReadOnlyList<T>, long, ImmutableArray<DroppedItems>, Task> _send;
    private readonly Func<Exception, int, int, Task> _retry;
    private readonly Lock _idleLock = new();
    private TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, long> _dropped = new();
    private long _added;
    private long _finished;

    public Outbox(
        int capacity,
        Pace pace,
        TimeSpan longestGather,
        Func<T, string> kindOf,
        Func<IReadOnlyList<T>, long, ImmutableArray<DroppedItems>, Task> send,
        Func<Exception, int, int, Task> retry,
        CancellationToken stopped)
    {
        _queue = Channel.CreateBounded<T>(
            new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest },
            dropped =>
            {
                _dropped.AddOrUpdate(kindOf(dropped), 1, (_, count) => count + 1);
                Finish(1);
            });
        _capacity = capacity;
        _pace = pace;
        _longestGather = longestGather;
        _send = send;
        _retry = retry;

        // Outside any grain: the loop must not inherit a grain's scheduler or call context.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => Run(stopped), CancellationToken.None);
        }
    }

    public long Waiting => Volatile.Read(ref _added) - Volatile.Read(ref _finished);

    /// <summary>What was dropped since the start, in the order of the kinds' names.</summary>
    public ImmutableArray<DroppedItems> Dropped =>
        _dropped.IsEmpty ? [] : [.. _dropped.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => new DroppedItems(entry.Key, entry.Value))];

    public void Add(T item)
    {
        Interlocked.Increment(ref _added);
        _pace.Added();
        _queue.Writer.TryWrite(item);
    }

    public async Task Drained()
    {
        while (true)
        {
            Task idle;
            lock (_idleLock)
            {
                if (Waiting == 0)
                {
                    return;
                }

                idle = _idle.Task;
            }

            await idle;
        }
    }

    private async Task Run(CancellationToken stopped)
    {
        var batch = new List<T>();
        var sequence = 0L;
        ImmutableArray<DroppedItems> told = [];
        var (lastBatch, lastTook, lastEnded) = (0, TimeSpan.Zero, 0L);
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stopped))
            {
                if (_pace.Time.GetElapsedTime(lastEnded) > Pace.LongestForTheSlow)
                {
                    lastBatch = 0;
                }

                await _pace.Gather(lastBatch, lastTook, _longestGather, () => _queue.Reader.Count, _capacity / 2, stopped);
                while (batch.Count < LargestBatch && _queue.Reader.TryRead(out var item))
                {
                    batch.Add(item);
                }

                var dropped = Dropped;
                var sent = _pace.Time.GetTimestamp();
                await SendUntilTaken(batch, ++sequence, Since(told, dropped), stopped);
                told = dropped;
                lastEnded = _pace.Time.GetTimestamp();
                (lastBatch, lastTook) = (batch.Count, _pace.Time.GetElapsedTime(sent, lastEnded));
                Finish(batch.Count);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested)
        {
            // The silo has stopped; what is left goes with it.
        }
    }

    private static ImmutableArray<DroppedItems> Since(ImmutableArray<DroppedItems> before, ImmutableArray<DroppedItems> now) =>
        [.. now
            .Select(item => item with { Count = item.Count - before.FirstOrDefault(earlier => earlier.Kind == item.Kind).Count })
            .Where(item => item.Count > 0)];

    private async Task SendUntilTaken(List<T> batch, long sequence, ImmutableArray<DroppedItems> dropped, CancellationToken stopped)
    {
        for (var attempt = 0; ; attempt++)
        {
            stopped.ThrowIfCancellationRequested();
            try
            {
                await _send(batch, sequence, dropped);
                return;
            }
            catch (Exception failure) when (!stopped.IsCancellationRequested)
            {
                await _retry(failure, attempt, batch.Count);
            }
        }
    }

    private void Finish(int items)
    {
        Interlocked.Add(ref _finished, items);
        _pace.Finished(items);
        lock (_idleLock)
        {
            if (Waiting == 0)
            {
                _idle.TrySetResult();
                _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
