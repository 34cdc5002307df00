using System.Collections.Concurrent;
using System.Collections.Immutable;
using Prismatic.Domains.Core;
using Prismatic.Domains.DueDiligence;
using Prismatic.Domains.Osint;
using Prismatic.Supervision;
using Prismatic.SystemTests.Harness;

namespace Prismatic.SystemTests.Faults;

/// <summary>
/// Sends the calls of a schedule when they are due, whether earlier ones have been answered or not, through one Orleans client, and keeps what became of
/// each.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    public const string Collection = "load";
    private const int SharedDocuments = 5;

    /// <summary>Seconds without a failure after which all is taken to be well.</summary>
    private const double Settled = 1;

    /// <summary>A list of another format: reading it fails, for whoever loads it.</summary>
    private const string WrongList = "entities.ftm.jsonl";

    /// <summary>Beyond the numbers of the schedule and of the operator.</summary>
    private const int FirstStormNumber = 20_000_000;

    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 256 };

    private readonly PlatformClient _client;
    private readonly int _seed;
    private readonly IReadOnlyList<(CallKind Kind, double PerSecond)> _rates;
    private readonly ConcurrentDictionary<int, CallRecord> _calls = new();
    private readonly ConcurrentDictionary<string, long> _acknowledged = new();
    private readonly ConcurrentBag<Task> _sent = [];
    private readonly List<string> _documents = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private int _stormCalls = FirstStormNumber;
    private Task _sending = Task.CompletedTask;

    public Load(PlatformClient client, int seed, IReadOnlyList<(CallKind Kind, double PerSecond)> rates)
    {
        (_client, _seed, _rates) = (client, seed, rates);
        BeganAt = TimeProvider.System.GetUtcNow();
    }

    public DateTimeOffset BeganAt { get; }

    /// <summary>Seconds since the load began.</summary>
    public double Now => TimeProvider.System.GetElapsedTime(_began).TotalSeconds;

    public int Sent => _calls.Count;

    public int Acknowledged => _calls.Values.Count(call => call.Outcome == CallOutcome.Acknowledged);

    public void Begin() => _sending = Task.Run(Send);

    /// <summary>Keeps a call that was made outside the schedule.</summary>
    public void Add(CallRecord call) => _calls[call.Number] = call;

    /// <summary>Activates the children of the storm: nobody crashes who was never there.</summary>
    public Task BeforeStorm(int children) =>
        Parallel.ForEachAsync(Enumerable.Range(0, children), AtOnce, async (child, _) => await _client.Get<IStormChild>($"{child}").Serve());

    /// <summary>Crashes children of the storm at once, and calls each until it is served again, for as long as <paramref name="patience"/>.</summary>
    public async Task Storm(int children, TimeSpan patience)
    {
        var all = Enumerable.Range(0, children).Select(child => $"{child}").ToList();
        await Parallel.ForEachAsync(all, AtOnce, async (child, _) => await Send(OfStorm(CallKind.Storm, child), call => Nothing(_client.Get<IStormChild>(call.Key).Crash())));
        var until = Now + patience.TotalSeconds;
        await Parallel.ForEachAsync(all, AtOnce, async (child, _) =>
        {
            while (await Send(OfStorm(CallKind.AfterStorm, child), call => Nothing(_client.Get<IStormChild>(call.Key).Serve())) is { Outcome: not CallOutcome.Acknowledged } && Now < until)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, CancellationToken.None);
            }
        });
    }

    private CallRecord OfStorm(CallKind kind, string child) => new(Interlocked.Increment(ref _stormCalls), kind, child, Now, Now);

    private static async Task<long?> Nothing(Task call)
    {
        await call;
        return null;
    }

    /// <summary>Whether every kind of call that was due since <paramref name="at"/> is served again, and none has failed lately.</summary>
    public bool IsServedSince(double at)
    {
        var now = Now;

        // A call that is under way says nothing yet, unless it has been for long.
        var calls = _calls.Values.Where(call => call.Ended is not null || call.Due < now - Settled).ToList();
        var wanted = _rates.Select(rate => rate.Kind).Where(Figures.IsCritical);
        return Figures.Recovery(calls, at, double.PositiveInfinity) is not null
            && wanted.All(kind => calls.Any(call => call.Kind == kind && call.Due >= at && call.Outcome == CallOutcome.Acknowledged))
            && !calls.Any(call => Figures.IsCritical(call.Kind) && call.Due >= at && call.Outcome != CallOutcome.Acknowledged && (call.Ended ?? now) > now - Settled);
    }

    /// <summary>Sends no more, waits for the answers that are under way, and returns all calls.</summary>
    public async Task<ImmutableArray<CallRecord>> End(TimeSpan patience)
    {
        await _stop.CancelAsync();
        await _sending;
        await Task.WhenAny(Task.WhenAll(_sent), Task.Delay(patience, TimeProvider.System));
        return [.. _calls.Values.OrderBy(call => call.Number)];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        _stop.Dispose();
    }

    private async Task Send()
    {
        foreach (var arrival in ArrivalSchedule.Draw(_seed, _rates))
        {
            if (arrival.Due - Now is var wait and > 0.001)
            {
                await Task.Delay(TimeSpan.FromSeconds(wait), TimeProvider.System, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }

            if (_stop.IsCancellationRequested)
            {
                return;
            }

            _sent.Add(Task.Run(() => Send(arrival)));
        }
    }

    private Task<CallRecord> Send(Arrival arrival) => Send(Prepare(arrival), Make);

    private async Task<CallRecord> Send(CallRecord call, Func<CallRecord, Task<long?>> make)
    {
        _calls[call.Number] = call;
        try
        {
            var version = await make(call);
            call = call with { Ended = Now, Outcome = CallOutcome.Acknowledged, Version = version };
            Remember(call);
        }
        catch (Exception failure)
        {
            // Whatever a call can end with is what the history is about.
            call = call with { Ended = Now, Outcome = OutcomeOf(failure), Detail = $"{failure.GetType().Name}: {failure.Message}", Crash = CrashOf(failure) };
        }

        _calls[call.Number] = call;
        return call;
    }

    private CallRecord Prepare(Arrival arrival)
    {
        var call = new CallRecord(arrival.Number, arrival.Kind, "", arrival.Due, Now);
        if (arrival.Kind == CallKind.Read)
        {
            var document = Known(arrival.Draw);
            return call with { Key = document, Known = _acknowledged.GetValueOrDefault(document) };
        }

        return call with
        {
            Key = arrival.Kind switch
            {
                CallKind.Put => $"own-{arrival.Number}",
                CallKind.Update => $"shared-{arrival.Draw % SharedDocuments}",
                CallKind.Open => $"subject-{arrival.Number}",
                CallKind.Crash => Checker.CrashedChild,
                _ => "claims",
            },
        };
    }

    private async Task<long?> Make(CallRecord call)
    {
        var storage = _client.Get<IStorageCoordinatorGrain>(IStorageCoordinatorGrain.Key);
        switch (call.Kind)
        {
            case CallKind.Put or CallKind.Update:
                return await storage.Put(Collection, call.Key, $$"""{"call":{{call.Number}}}""", null);
            case CallKind.Read:
                return (await storage.Get(Collection, call.Key))?.Version ?? 0;
            case CallKind.Open:
                await _client.Get<ICaseManagerGrain>(ICaseManagerGrain.Key).Open(new CaseRequest
                {
                    Subject = new EntityRecord { Id = call.Key, Name = $"Company {call.Key}", Kind = EntityKind.Company },
                    OpenedBy = "load",
                });
                return null;
            case CallKind.Crash:
                // Another list each time: of one request that crashes again and again the request would be blamed.
                await _client.Get<IEntityResolverGrain>(IEntityResolverGrain.Key).LoadList($"list-{call.Number}", ListFormat.OfacCsv, WrongList);
                return null;
            default:
                await _client.Sources.Assess([new SourceClaim { Source = "register", Value = $"{call.Number}", Confidence = 0.7 }]);
                return null;
        }
    }

    private void Remember(CallRecord call)
    {
        if (call.Kind is CallKind.Put or CallKind.Update)
        {
            _acknowledged.AddOrUpdate(call.Key, call.Version!.Value, (_, before) => Math.Max(before, call.Version.Value));
            lock (_documents)
            {
                _documents.Add(call.Key);
            }
        }
    }

    private string Known(int draw)
    {
        lock (_documents)
        {
            return _documents.Count == 0 ? "nothing-yet" : _documents[draw % _documents.Count];
        }
    }

    private static CallOutcome OutcomeOf(Exception failure) =>
        CrashOf(failure) is not null ? CallOutcome.Crashed
        : failure is SupervisionRefusedException ? CallOutcome.Refused
        : CallOutcome.Failed;

    private static string? CrashOf(Exception failure) => failure.Data["prismatic.crash"] as string;
}
