using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Prismatic.Breakers;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// Supervision's part in the silo's life: the tree is checked before anything can be called, the rules and the gates in force are fetched
/// when grains can be reached, and what is still to be told is told before the silo leaves.
/// </summary>
internal sealed partial class SupervisionStartup(
    SupervisionOptions options,
    TreeResolver tree,
    ActivationObserver activations,
    SupervisorSpecs specs,
    IGrainFactory grains,
    LocalRules rules,
    BreakerTable breakers,
    GateTable gates,
    FirstTable firstTable,
    ReportOutbox outbox,
    SiloInventories inventories,
    HookStatus hooks,
    MonotonicClock clock,
    Mutants mutants,
    IServiceProvider services,
    ILogger<SupervisionStartup> log) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SyncEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long a silo that stops waits until its reports are taken in. What the host leaves for stopping can be less, and then ends it.</summary>
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _siloDied = new(0);
    private ITimer? _sweep;
    private Task _sync = Task.CompletedTask;
    private Task _start = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(SupervisionStartup), ServiceLifecycleStage.RuntimeServices, _ => CheckTree());
        lifecycle.Subscribe(nameof(SupervisionStartup), ServiceLifecycleStage.Active, Start, Stop);

        // Stopped when the silo's activations have ended: a turn that was still running may have crashed.
        lifecycle.Subscribe(nameof(SupervisionStartup), ServiceLifecycleStage.ApplicationServices, _ => Task.CompletedTask, StopReports);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _siloDied.Dispose();
    }

    private Task CheckTree()
    {
        tree.Resolve();
        services.GetRequiredService<SiloGauges>();
        activations.Start();
        return Task.CompletedTask;
    }

    private async Task Start(CancellationToken cancellation)
    {
        inventories.SiloDied += () => _siloDied.Release();
        inventories.Start();
        _sweep = clock.TimeProvider.CreateTimer(_ => gates.Sweep(), null, SweepEvery, SweepEvery);
        await Sync();
        firstTable.Arrived();
        _sync = KeepInSync();

        // Not waited for: a worker that is slow to start must not keep the silo from starting.
        _start = StartTree();
    }

    /// <summary>Has what is to run started: the whole tree under OTP's rules, else the permanent workers.</summary>
    private Task StartTree() => options.TopPolicy == TopPolicy.Otp || (options.StartEagerly && options.Mode == SupervisionMode.Enforce)
        ? Ask("the tree to start", () => grains.GetGrain<ISupervisorReportsGrain>(specs.Root.Path).EnsureStarted())
        : Task.CompletedTask;

    private async Task Stop(CancellationToken cancellation)
    {
        hooks.Stopping = true;
        await _stopping.CancelAsync();
        await _sync;
        await inventories.Stop(inOrder: !cancellation.IsCancellationRequested && !mutants.Has(Mutant.LeavingIsLoss));
        await Task.WhenAny(_start, Task.Delay(StartLimit, TimeProvider.System, cancellation));
        if (_sweep is not null)
        {
            await _sweep.DisposeAsync();
        }

        activations.Dispose();
        await Task.WhenAny(outbox.Drained(), Task.Delay(FlushLimit, TimeProvider.System, cancellation));
    }

    private Task StopReports(CancellationToken cancellation)
    {
        if (outbox.Waiting is > 0 and var left)
        {
            NotFlushed(log, left);
        }

        outbox.Stop();
        return Task.CompletedTask;
    }

    /// <summary>Pushes reach a silo that is there; a silo that was away, or whose registry was, asks.</summary>
    private async Task KeepInSync()
    {
        try
        {
            while (true)
            {
                var died = await WaitForSync();
                await Sync();
                if (died)
                {
                    // Asking has activated the supervisors that lived there; now they look after their children.
                    await StartTree();
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The silo is stopping.
        }
    }

    /// <summary>Waits until it is time to ask again, or until a silo has died. True for the latter.</summary>
    private async Task<bool> WaitForSync()
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var died = _siloDied.WaitAsync(waiting.Token);
        var first = await Task.WhenAny(died, Task.Delay(SyncEvery, clock.TimeProvider, waiting.Token));
        await waiting.CancelAsync();
        _stopping.Token.ThrowIfCancellationRequested();
        return first == died;
    }

    private async Task Sync()
    {
        await Ask("the rules", async () => rules.Apply(await grains.GetGrain<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key).GetRules()));
        await Ask("the open breakers", async () =>
        {
            foreach (var view in await grains.GetGrain<IBreakerDirectoryGrain>(IBreakerDirectoryGrain.Key).GetOpen())
            {
                breakers.Apply(view);
            }
        });
        foreach (var supervisor in specs.All)
        {
            await Ask($"the directives of {supervisor.Path}", async () =>
            {
                var askedAt = clock.Now;
                gates.ApplyAll(supervisor.Path, await grains.GetGrain<ISupervisorReportsGrain>(supervisor.Path).GetDirectives(), askedAt);
            });
        }
    }

    private async Task Ask(string what, Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (Exception failure) when (!_stopping.IsCancellationRequested)
        {
            // Workers go on without the control plane; this silo asks again.
            NotAnswered(log, what, failure);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Supervision could not get {What}; this silo decides from what it has and asks again.")]
    private static partial void NotAnswered(ILogger log, string what, Exception exception);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "The silo stopped with {Reports} supervision reports that no supervisor had taken in.")]
    private static partial void NotFlushed(ILogger log, long reports);
}
