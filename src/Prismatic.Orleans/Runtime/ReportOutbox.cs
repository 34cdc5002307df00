using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// What this silo has to tell: one bounded queue for each supervisor, so that one that is away holds up no other, and one for the lessons.
/// While a batch is under way the next one gathers, and in a storm it gathers until that ebbs, a second at most, so that a storm costs few calls
/// and a single crash waits for nothing. A batch is sent until it is taken in; the receiver takes each in once. What is here is lost with
/// the silo, and beyond the capacity the oldest is dropped and counted.
/// </summary>
internal sealed partial class ReportOutbox(
    SupervisionOptions options,
    SiloIdentity silo,
    IGrainFactory grains,
    MonotonicClock clock,
    ILogger<ReportOutbox> log) : IDisposable
{
    private static readonly TimeSpan LongestGather = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Lazy<Outbox<object>>> _supervisors = new();
    private readonly CancellationTokenSource _stopped = new();
    private Outbox<(CrashReport Crash, bool Ticketed)>? _lessons;
    private readonly Pace _pace = new();
    private long _lessonSequence;

    public void Add(string supervisor, SeenCrash crash) => OutboxOf(supervisor).Add(crash);

    /// <summary>Tells the lessons alone that a request was proven to be at fault: no supervisor has anything to do about it.</summary>
    public void AddRequestFault(CrashReport proof) =>
        Lessons.Add((proof with { Sequence = Interlocked.Increment(ref _lessonSequence) }, false));

    public void Add(string supervisor, ServedReport served) => OutboxOf(supervisor).Add(served);

    public void Add(string supervisor, ExitReport exit) => OutboxOf(supervisor).Add(exit);

    public void Add(string supervisor, SiloLoss loss) => OutboxOf(supervisor).Add(loss);

    /// <summary>Reports that are not taken in yet.</summary>
    public long Waiting => _supervisors.Values.Sum(outbox => outbox.Value.Waiting) + (_lessons?.Waiting ?? 0);

    /// <summary>What was dropped since the start, by kind.</summary>
    public ImmutableArray<DroppedItems> Dropped =>
        [.. _supervisors.Values.SelectMany(outbox => outbox.Value.Dropped)
            .Concat(_lessons?.Dropped ?? [])
            .GroupBy(item => item.Kind, (kind, items) => new DroppedItems(kind, items.Sum(item => item.Count)))];

    /// <summary>Completes when all that was added before has been taken in. Nothing gathers meanwhile.</summary>
    public async Task Drained()
    {
        using (_pace.Hurry())
        {
            foreach (var outbox in _supervisors.Values)
            {
                await outbox.Value.Drained();
            }

            await Lessons.Drained();
        }
    }

    /// <summary>Until the result is disposed of, nothing gathers: for whoever moves the time himself, which reports, gathering on the machine's own, would let run on.</summary>
    public IDisposable Hurry() => _pace.Hurry();

    /// <summary>Ends the sending; what has not been taken in stays behind.</summary>
    public void Stop() => _stopped.Cancel();

    public void Dispose() => _stopped.Dispose();

    private Outbox<(CrashReport Crash, bool Ticketed)> Lessons =>
        LazyInitializer.EnsureInitialized(ref _lessons, () => new(options.ReportCapacity, _pace, LongestGather, _ => "crashes for the lessons", SendLessons, Retry, _stopped.Token))!;

    private Outbox<object> OutboxOf(string supervisor) =>
        _supervisors.GetOrAdd(supervisor, path => new(() => new Outbox<object>(options.ReportCapacity, _pace, LongestGather, KindOf, Sender(path), Retry, _stopped.Token))).Value;

    private static string KindOf(object report) => report switch
    {
        SeenCrash => "crashes",
        ServedReport => "first successes",
        ExitReport => "exits",
        _ => "losses of silos",
    };

    private Func<IReadOnlyList<object>, long, ImmutableArray<DroppedItems>, Task> Sender(string supervisor) => async (items, sequence, dropped) =>
    {
        var batch = BatchOf(items, sequence, dropped);
        var receipt = await grains.GetGrain<ISupervisorReportsGrain>(supervisor).Report(batch);
        var ticketed = receipt.Ticketed.ToHashSet();
        foreach (var crash in batch.Crashes)
        {
            // The lessons count each report by silo and sequence, in the order in which they are sent to them.
            Lessons.Add((crash with { Sequence = Interlocked.Increment(ref _lessonSequence) }, ticketed.Contains(crash.CrashId)));
        }
    };

    private ReportBatch BatchOf(IReadOnlyList<object> items, long sequence, ImmutableArray<DroppedItems> dropped)
    {
        var crashes = ImmutableArray.CreateBuilder<CrashReport>(items.Count);
        var served = ImmutableArray.CreateBuilder<ServedReport>(items.Count);
        foreach (var item in items)
        {
            if (item is SeenCrash seen)
            {
                crashes.Add(seen.Report);
            }

            if (((item as SeenCrash)?.Leave() ?? item as ServedReport) is { } success)
            {
                served.Add(success);
            }
        }

        return new ReportBatch
        {
            Silo = silo.Name,
            Sequence = sequence,
            Crashes = crashes.DrainToImmutable(),
            Served = served.DrainToImmutable(),
            Dropped = dropped.Sum(item => item.Count),
            DroppedKinds = dropped,
            Exits = [.. items.OfType<ExitReport>()],
            Losses = [.. items.OfType<SiloLoss>()],
        };
    }

    private Task SendLessons(IReadOnlyList<(CrashReport Crash, bool Ticketed)> items, long sequence, ImmutableArray<DroppedItems> dropped) =>
        grains.GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key).Capture(
            [.. items.Select(item => item.Crash)],
            [.. items.Where(item => item.Ticketed).Select(item => item.Crash.CrashId)]);

    private async Task Retry(Exception failure, int attempt, int items)
    {
        NotTakenIn(log, items, attempt, failure);
        var wait = TimeSpan.FromTicks(Math.Min(LastRetry.Ticks, FirstRetry.Ticks << Math.Min(attempt, 10)));
        await Task.Delay(wait, clock.TimeProvider, _stopped.Token);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "A batch of {Items} supervision reports was not taken in at attempt {Attempt}; it is kept and sent again.")]
    private static partial void NotTakenIn(ILogger log, int items, int attempt, Exception exception);
}
