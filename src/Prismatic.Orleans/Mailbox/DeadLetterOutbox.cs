using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;
using Prismatic.Runtime;

namespace Prismatic.Mailbox;

/// <summary>
/// Takes down poisonous requests on the silo that recognised them and sends them to the records of their workers, on its own time. What is
/// here is lost with the silo, and beyond its capacity the oldest is dropped and counted.
/// </summary>
internal sealed partial class DeadLetterOutbox(
    IGrainFactory grains, Serializer serializer, SiloIdentity silo, MonotonicClock clock, ILogger<DeadLetterOutbox> log) : IDisposable
{
    private const int Capacity = 1_000;
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopped = new();
    private readonly Pace _pace = new();
    private Outbox<(string Worker, DeadLetterReport Report)>? _outbox;

    /// <summary>Takes a request down.</summary>
    /// <param name="worker">The path of the worker, or of its family.</param>
    /// <param name="child">The child's path.</param>
    /// <param name="grain">The grain.</param>
    /// <param name="name">The method's name in reports.</param>
    /// <param name="request">The request.</param>
    /// <param name="method">The interface's method, for the names of its parameters.</param>
    /// <param name="failure">What it ended with.</param>
    /// <param name="correlation">Its correlation id.</param>
    /// <param name="keep">Whether the worker asks for its requests to be kept.</param>
    public void Add(string worker, string child, GrainId grain, string name, IInvokable request, MethodInfo? method, Exception failure, string correlation, bool keep)
    {
        var arguments = DeadLetterText.Of(request, method);
        var (bytes, refusal) = keep ? Keep(request, method) : (null, "The worker does not ask for its dead letters' requests to be kept (ReplayDeadLetters).");
        var identity = SHA256.HashData([.. Encoding.UTF8.GetBytes($"{grain}\n{name}\n{(bytes is null ? string.Join('\n', arguments) : "")}"), .. bytes ?? []]);
        var letter = new DeadLetter
        {
            Id = $"{worker}:{Convert.ToHexStringLower(identity.AsSpan(0, 6))}",
            Child = child,
            Grain = grain.ToString(),
            Method = name,
            Arguments = arguments,
            Failure = DeadLetterText.Of(failure),
            CorrelationId = correlation,
            Count = 1,
            FirstSeen = clock.Wall,
            LastSeen = clock.Wall,
            NotReplayable = refusal,
        };
        LazyInitializer.EnsureInitialized(ref _outbox, () => new(Capacity, _pace, Gather, _ => "dead letters", Send, Retry, _stopped.Token))!.Add((worker, new DeadLetterReport(letter, bytes)));
    }

    /// <summary>Completes when all that was added before has been taken in.</summary>
    public Task Drained() => _outbox?.Drained() ?? Task.CompletedTask;

    public void Dispose()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private (byte[]? Bytes, string? Refusal) Keep(IInvokable request, MethodInfo? method)
    {
        try
        {
            if (KeptRequest.Refusal(request, method) is { } refusal)
            {
                return (null, refusal);
            }

            var bytes = serializer.SerializeToArray(request);
            return bytes.Length <= KeptRequest.MaxBytes
                ? (bytes, null)
                : (null, $"Its request was not kept: it has {bytes.Length:#,0} bytes, and at most {KeptRequest.MaxBytes:#,0} are kept.");
        }
        catch (Exception failure)
        {
            // What a caller sent may resist being looked at; that must not keep the crash from being handled.
            return (null, $"Its request was not kept: it could not be looked through or written ({failure.GetType().Name}).");
        }
    }

    private async Task Send(IReadOnlyList<(string Worker, DeadLetterReport Report)> items, long sequence, ImmutableArray<DroppedItems> dropped)
    {
        if (!dropped.IsEmpty)
        {
            NoRoom(log, dropped.Sum(item => item.Count));
        }

        foreach (var worker in items.GroupBy(item => item.Worker, item => item.Report))
        {
            await grains.GetGrain<IWorkerDeadLettersGrain>(worker.Key).Keep(silo.Name, sequence, [.. worker.GroupBy(report => report.Letter.Id).Select(Joined)]);
        }
    }

    private static DeadLetterReport Joined(IEnumerable<DeadLetterReport> same)
    {
        var all = same.ToList();
        return all[^1] with { Letter = all[^1].Letter with { Count = all.Count, FirstSeen = all[0].Letter.FirstSeen } };
    }

    private async Task Retry(Exception failure, int attempt, int items)
    {
        NotTakenIn(log, items, attempt, failure);
        await Task.Delay(TimeSpan.FromTicks(Math.Min(LastRetry.Ticks, FirstRetry.Ticks << Math.Min(attempt, 10))), clock.TimeProvider, _stopped.Token);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Items} dead letters were not taken in at attempt {Attempt}; they are kept and sent again.")]
    private static partial void NotTakenIn(ILogger log, int items, int attempt, Exception exception);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Dropped} dead letters were dropped: more came than could be stored.")]
    private static partial void NoRoom(ILogger log, long dropped);
}
