using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;
using Prismatic.Events;
using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Mailbox;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Tests.Cluster;

/// <summary>Real silos in this process, with the tree of a test, a recorder of events and, where a test asks for it, a clock that the test moves.</summary>
internal sealed class SupervisedCluster : IAsyncDisposable
{
    /// <summary>How long a test waits for what must come before it fails.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly InProcessTestCluster _cluster;

    private SupervisedCluster(InProcessTestCluster cluster, EventRecorder events, Stage stage, FakeTimeProvider? time)
    {
        _cluster = cluster;
        Events = events;
        Stage = stage;
        Time = time;
    }

    /// <summary>A client outside the silos.</summary>
    public IClusterClient Client => _cluster.Client;

    /// <summary>A grain factory inside the first silo, which may control.</summary>
    public IGrainFactory Inside => Services(0).GetRequiredService<IGrainFactory>();

    public EventRecorder Events { get; }

    public Stage Stage { get; }

    public FakeTimeProvider? Time { get; }

    public IReadOnlyList<InProcessSiloHandle> Silos => [.. _cluster.Silos];

    public static async Task<SupervisedCluster> Start(
        Action<SupervisionTreeBuilder> tree,
        int silos = 2,
        Mutant mutant = Mutant.None,
        FakeTimeProvider? time = null,
        Action<ISiloBuilder>? configure = null,
        byte[]? controlKey = null)
    {
        var events = new EventRecorder();
        var stage = new Stage();
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddSupervision(declared =>
            {
                // Who is activated when is the test's to say, unless it asks for the eager start.
                declared.Configure(options =>
                {
                    options.StartEagerly = false;
                    options.ControlKey = controlKey;
                });
                tree(declared);
            });
            silo.AddMemoryGrainStorage(StorageNames.Provider);
            silo.UseInMemoryReminderService();
            silo.Services.AddSingleton<ISupervisionObserver>(events);
            silo.Services.AddSingleton(stage);
            silo.Services.Replace(ServiceDescriptor.Singleton(new Mutants(mutant)));
            silo.Services.AddLogging(log => log.SetMinimumLevel(LogLevel.Warning).AddFilter("Orleans", LogLevel.Error).AddFilter("Prismatic.Events", LogLevel.None));
            if (time is not null)
            {
                silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
                silo.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time));
            }

            configure?.Invoke(silo);
        });
        builder.ConfigureClient(client => client.AddSupervision(controlKey: controlKey));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new SupervisedCluster(cluster, events, stage, time);
    }

    public IServiceProvider Services(int silo) => _cluster.GetSiloServiceProvider(Silos[silo].SiloAddress);

    /// <summary>The agents of all silos, as the first silo reaches them.</summary>
    public SiloAgents Agents => Services(0).GetRequiredService<SiloAgents>();

    /// <summary>Whether a supervised grain has an activation on that silo.</summary>
    public bool Houses(int silo, IAddressable grain) =>
        Services(silo).GetRequiredService<LiveActivations>().All.Any(live => live.Context.GrainId == grain.GetGrainId());

    /// <summary>A further silo joins.</summary>
    public Task Join() => _cluster.StartAdditionalSiloAsync();

    /// <summary>A silo stops in order.</summary>
    public Task Stop(int silo) => _cluster.StopSiloAsync(Silos[silo]);

    public Task Kill(int silo) => _cluster.KillSiloAsync(Silos[silo]);

    public Task<SupervisorView> Supervisor(string path) => Client.GetGrain<ISupervisorGrain>(path).GetState();

    public async Task<ChildView> Child(string path) =>
        (await Supervisor(ChildPath.Parent(path)!)).Children.Single(child => child.Path == path);

    public Task<TreeHealth> Health() => Client.GetGrain<ISupervisionIntrospectorGrain>(ISupervisionIntrospectorGrain.Key).GetTreeHealth();

    public Task<LessonStatistics> Statistics() => Client.GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key).GetStatistics();

    /// <summary>Makes a call whose grain, when it is not active yet, is placed on that silo.</summary>
    public async Task<T> On<T>(int silo, Func<Task<T>> call)
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, Silos[silo].SiloAddress);
        try
        {
            return await call();
        }
        finally
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }

    /// <summary>Returns when every silo's reports have been taken in by supervisors and lessons.</summary>
    public async Task Reported()
    {
        for (var i = 0; i < Silos.Count; i++)
        {
            await Services(i).GetRequiredService<ReportOutbox>().Drained().WaitAsync(Patience);
        }
    }

    /// <summary>Returns when the other silos know that so many workers live on one.</summary>
    public async Task Housed(int silo, int workers)
    {
        for (var other = 0; other < Silos.Count; other++)
        {
            var inventories = Services(other).GetRequiredService<SiloInventories>();
            await Until(() => other == silo || inventories.Of(Silos[silo].SiloAddress)?.Workers.Length == workers);
        }
    }

    /// <summary>Returns when that many calls wait behind the running turn of a grain.</summary>
    public Task Waiting(IAddressable grain, int calls) =>
        Until(() => _cluster.TryGetGrainContext(grain.GetGrainId(), out var context) && WaitingCount.Of(context) >= calls);

    /// <summary>Returns when a grain's activation has been told to end.</summary>
    public Task Ending(IAddressable grain) =>
        Until(() => _cluster.TryGetGrainContext(grain.GetGrainId(), out var context) && context.ToString()!.Contains("Deactivating", StringComparison.Ordinal));

    /// <summary>Returns when something that another silo is being told has become true.</summary>
    public static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>Ends a grain's activation as an operator of Orleans would; its next call activates it again.</summary>
    public async Task Deactivate<TGrain>(string key)
        where TGrain : IGrainWithStringKey => await _cluster.DeactivateAsync(Client.GetGrain<TGrain>(key));

    /// <summary>Moves the clock and lets what became due run.</summary>
    public void Advance(TimeSpan by) => Time!.Advance(by);

    public int Gates() => Enumerable.Range(0, Silos.Count).Sum(silo => Services(silo).GetRequiredService<GateTable>().Count);

    public async ValueTask DisposeAsync()
    {
        Stage.ReleaseAll();
        var stopped = _cluster.DisposeAsync().AsTask();

        // What Orleans waits for while it stops, it waits for on the clock of the test.
        while (Time is not null && !stopped.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(stopped, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System));
        }

        await stopped;
    }
}

/// <summary>Keeps all events of all silos and lets a test wait for one.</summary>
internal sealed class EventRecorder : ISupervisionObserver
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<SupervisionEvent> _events = [];
    private readonly List<(Func<SupervisionEvent, bool> Wanted, TaskCompletionSource<SupervisionEvent> Seen)> _waiting = [];

    public IReadOnlyList<SupervisionEvent> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _events.Clear();
        }
    }

    public int Count(SupervisionEventKind kind, string? subject = null) =>
        All.Count(happened => happened.Kind == kind && (subject is null || happened.Subject == subject));

    public void OnEvent(SupervisionEvent supervisionEvent)
    {
        lock (_lock)
        {
            _events.Add(supervisionEvent);
            foreach (var (_, seen) in _waiting.Where(waiter => waiter.Wanted(supervisionEvent)))
            {
                seen.TrySetResult(supervisionEvent);
            }
        }
    }

    /// <summary>The first event of that kind, past or to come.</summary>
    public async Task<SupervisionEvent> WaitFor(SupervisionEventKind kind, string subject, int nth = 1)
    {
        var left = nth;
        var waiter = new TaskCompletionSource<SupervisionEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool Wanted(SupervisionEvent happened) => happened.Kind == kind && happened.Subject == subject && --left == 0;
        lock (_lock)
        {
            if (_events.FirstOrDefault(Wanted) is { } known)
            {
                return known;
            }

            _waiting.Add((Wanted, waiter));
        }

        try
        {
            return await waiter.Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"No event {kind} of {subject} (number {nth}) came. Seen: {string.Join("; ", All.Select(happened => $"{happened.Kind} {happened.Subject}: {happened.Text}"))}");
        }
    }
}

/// <summary>Where test grains and tests meet: doors that a grain's turn waits at until the test opens them, and what grains did.</summary>
internal sealed class Stage
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _doors = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _arrivals = new();
    private int _activations;

    public ConcurrentQueue<string> Journal { get; } = new();

    /// <summary>How many activations of a key are still to fail.</summary>
    public ConcurrentDictionary<string, int> FailingActivations { get; } = new();

    public bool TakeActivationFailure(string key)
    {
        while (FailingActivations.TryGetValue(key, out var left) && left > 0)
        {
            if (FailingActivations.TryUpdate(key, left - 1, left))
            {
                return true;
            }
        }

        return false;
    }

    public int NextActivation() => Interlocked.Increment(ref _activations);

    /// <summary>Called in a grain: says that it is here, and waits.</summary>
    public Task At(string door)
    {
        _arrivals.GetOrAdd(door, _ => NewSource()).TrySetResult();
        return _doors.GetOrAdd(door, _ => NewSource()).Task;
    }

    /// <summary>Waits until a turn is at the door.</summary>
    public Task Arrival(string door) => _arrivals.GetOrAdd(door, _ => NewSource()).Task.WaitAsync(TimeSpan.FromSeconds(30));

    public void Open(string door) => _doors.GetOrAdd(door, _ => NewSource()).TrySetResult();

    public void ReleaseAll()
    {
        foreach (var door in _doors.Values)
        {
            door.TrySetResult();
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
