using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.TestingHost;
using Prismatic.Breakers;
using Prismatic.Drills;
using Prismatic.Events;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Silo;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Healing;

/// <summary>What stands between a crash and the next call.</summary>
internal enum HealingArm
{
    /// <summary>Nothing: the exception goes to the caller, the activation stays.</summary>
    None,

    /// <summary>A filter of ten lines that ends the activation after every exception.</summary>
    AlwaysRestart,

    /// <summary>The library, with the rules it is built with and nothing learned.</summary>
    Rules,

    /// <summary>The library.</summary>
    Lessons,
}

/// <summary>A real silo in this process with the platform's tree and its real workers, on a clock that the driver moves.</summary>
internal sealed class HealingSilo : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly IServiceProvider _services;

    private HealingSilo(InProcessTestCluster cluster, HealingArm arm, SteppedTime time, EventLog events)
    {
        _cluster = cluster;
        _services = cluster.GetSiloServiceProvider(cluster.Silos[0].SiloAddress);
        (Arm, Time, Events) = (arm, time, events);
    }

    public HealingArm Arm { get; }

    public SteppedTime Time { get; }

    public EventLog Events { get; }

    public bool Supervised => Arm is HealingArm.Rules or HealingArm.Lessons;

    public IGrainFactory Grains => _services.GetRequiredService<IGrainFactory>();

    public FaultTable Faults => _services.GetRequiredService<FaultTable>();

    public SupervisedTypes Types => _services.GetRequiredService<SupervisedTypes>();

    public static async Task<HealingSilo> Start(HealingArm arm, int seed)
    {
        var time = new SteppedTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var events = new EventLog();
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorage(StorageNames.Provider);
            silo.UseInMemoryReminderService();
            silo.Services.AddPrismaticDomains(domains => domains.DataDirectory = Directory.CreateTempSubdirectory("prismatic-healing-").FullName);
            silo.Services.AddLogging(log => Quieten(log));
            if (arm is HealingArm.Rules or HealingArm.Lessons)
            {
                silo.AddSupervision(PlatformTree.Declare + (Action<SupervisionTreeBuilder>)(tree => tree.Configure(options => options.Seed = seed)));
                silo.Services.AddSingleton<ISupervisionObserver>(events);
            }
            else
            {
                AddBare(silo, restarts: arm == HealingArm.AlwaysRestart);
            }

            silo.Services.AddFaultInjection();
            silo.AddGrainExtension<IDrillProbe, DrillProbe>();
            silo.AddGrainExtension<IDrillHand, DrillHand>();
            silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
            silo.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time));
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        var healing = new HealingSilo(cluster, arm, time, events);
        if (!healing.Supervised)
        {
            healing._services.GetRequiredService<TreeResolver>().Resolve();
        }
        else
        {
            // For as long as the silo lives: time moves as soon as nothing runs, and a report that gathers does not run.
            _ = healing._services.GetRequiredService<ReportOutbox>().Hurry();
        }

        if (arm == HealingArm.Rules)
        {
            // A table that is newer than any other stays: what is learned or answered later reaches nobody.
            healing._services.GetRequiredService<LocalRules>().Apply(new RuleTable { Version = long.MaxValue, Rules = BuiltInRules.All });
        }

        return healing;
    }

    /// <summary>Whether a call to the child would wait at its gate now.</summary>
    public bool Waits(string child) =>
        Supervised && Types.GrainAt(child) is { } grain && Types.Find(child) is { } found
        && _services.GetRequiredService<GateTable>().Ask(grain, found).Admission == Admission.Wait;

    /// <summary>Returns when all that can happen before the clock moves has happened.</summary>
    public static void Quiet() => DriverThread.WaitForIdle();

    public async ValueTask DisposeAsync()
    {
        var stopped = _cluster.DisposeAsync().AsTask();
        while (!stopped.IsCompleted)
        {
            DriverThread.Apart(() => Time.AdvanceTo(TimeSpan.FromTicks(Time.GetTimestamp()) + TimeSpan.FromSeconds(1)));
            await Task.WhenAny(stopped, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System));
        }

        await stopped;
    }

    /// <summary>Silent, unless PRISMATIC_HEALING_LOG is set: then what the library warns of goes to standard error.</summary>
    private static void Quieten(ILoggingBuilder log)
    {
        log.ClearProviders();
        if (Environment.GetEnvironmentVariable("PRISMATIC_HEALING_LOG") is not null)
        {
            log.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning).AddFilter("Prismatic.Events", LogLevel.None);
        }
    }

    /// <summary>What the platform's workers need to live without the library, and the hooks by which the world strikes them.</summary>
    private static void AddBare(ISiloBuilder silo, bool restarts)
    {
        var tree = new SupervisionTreeBuilder();
        PlatformTree.Declare(tree);
        silo.Services.AddSingleton(tree.Settings);
        silo.Services.AddSingleton(_ => tree.Build());
        silo.Services.AddSingleton<SupervisedTypes>();
        silo.Services.AddSingleton<TreeResolver>();
        silo.Services.AddSupervisedStates();
        silo.Services.AddSingleton<ICircuitBreakers, NoBreakers>();
        if (restarts)
        {
            silo.Services.AddSingleton<IIncomingGrainCallFilter, RestartFilter>();
        }
    }

    /// <summary>What people write by hand: whatever was thrown, the next call gets a fresh activation.</summary>
    private sealed class RestartFilter(SupervisedTypes types) : IIncomingGrainCallFilter
    {
        public async Task Invoke(IIncomingGrainCallContext context)
        {
            try
            {
                await context.Invoke();
            }
            catch when (types.TryGet(context.TargetId.Type, out _))
            {
                context.TargetContext.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, "It crashed."));
                throw;
            }
        }
    }

    private sealed class NoBreakers : ICircuitBreakers
    {
        public Task<T> Execute<T>(string target, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken = default) => call(cancellationToken);

        public BreakerView Get(string target) => new() { Target = target, State = BreakerState.Closed };
    }
}

/// <summary>Supervision's events since the last look.</summary>
internal sealed class EventLog : ISupervisionObserver
{
    private readonly Lock _lock = new();
    private List<SupervisionEvent> _events = [];

    /// <summary>Told at once when a reset of a child's state is ordered, which its next activation carries out.</summary>
    public Action<string>? ResetOrdered { get; set; }

    public void OnEvent(SupervisionEvent supervisionEvent)
    {
        if (supervisionEvent is { Kind: SupervisionEventKind.Crashed, Remediation: nameof(RestartWithStateReset) })
        {
            ResetOrdered?.Invoke(supervisionEvent.Subject);
        }

        lock (_lock)
        {
            _events.Add(supervisionEvent);
        }
    }

    public List<SupervisionEvent> Take()
    {
        lock (_lock)
        {
            var taken = _events;
            _events = [];
            return taken;
        }
    }
}
