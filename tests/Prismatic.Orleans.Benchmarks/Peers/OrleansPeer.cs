using Microsoft.Extensions.DependencyInjection;
using Prismatic.Measuring;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Peers;

/// <summary>Who ends the activation of a grain that crashes.</summary>
internal enum OrleansArm
{
    /// <summary>Supervision.</summary>
    Supervised,

    /// <summary>The grain itself; nothing stands in the way of its calls.</summary>
    Bare,

    /// <summary>The smallest call filter that does it for any grain.</summary>
    Filtered,
}

/// <summary>
/// Orleans in this process: supervised, or not, where nobody counts, judges or learns. A storm under one supervisor is one of a family; one under
/// many supervisors is one of workers that the tree names.
/// </summary>
internal sealed class OrleansPeer(OrleansArm arm) : IPeer
{
    private const int Callers = 64;
    private const int Sups = 100;
    private const int Kids = 100;

    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeProvider Time = TimeProvider.System;

    private readonly bool _supervised = arm == OrleansArm.Supervised;
    private BenchmarkSilo? _silo;
    private int _storms;

    public string Name => arm switch
    {
        OrleansArm.Supervised => "Prismatic",
        OrleansArm.Bare => "bare Orleans",
        _ => "Orleans + filter",
    };

    /// <summary>How many crashes there were.</summary>
    public int Crashed { get; private set; }

    public async Task<IReadOnlyList<double>> Restarts(int count)
    {
        await Ready();
        var worker = Worker("one", 0);
        var times = new double[count];
        for (var i = -300; i < count; i++)
        {
            var start = Time.GetTimestamp();
            await CrashAndServe(worker, i);
            if (i >= 0)
            {
                times[i] = Time.GetElapsedTime(start).TotalMicroseconds;
            }
        }

        Crashed += count + 300;
        await Quiet();
        return times;
    }

    public async Task<IReadOnlyList<StormTime>> Storm(int supervisors, int children, int runs)
    {
        await Ready();
        if (supervisors is not (1 or Sups) || (supervisors == Sups && children != Kids))
        {
            throw new ArgumentException($"The tree has one family and {Sups} supervisors of {Kids} workers.", nameof(supervisors));
        }

        var times = new List<StormTime>();
        for (var run = 0; run < runs; run++)
        {
            var storm = ++_storms;
            var grains = Enumerable.Range(0, supervisors * children)
                .Select(i => supervisors == 1 ? Member($"{storm}-{i}") : Worker($"s{i / Kids}", i % Kids))
                .ToArray();
            await ByCallers(grains.Length, async i => _ = await grains[i].Serve());
            await Quiet();
            var (allocated, paused) = (GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration());
            var start = Time.GetTimestamp();
            await ByCallers(grains.Length, i => CrashAndServe(grains[i], storm));
            var answered = Time.GetElapsedTime(start).TotalMilliseconds;
            (allocated, paused) = (GC.GetTotalAllocatedBytes() - allocated, GC.GetTotalPauseDuration() - paused);
            await Reported();
            times.Add(new StormTime(answered, _supervised ? Time.GetElapsedTime(start).TotalMilliseconds : null, allocated, paused.TotalMilliseconds));
            Crashed += grains.Length;
            await Quiet();
        }

        return times;
    }

    public async Task<double> Calls(int clients, TimeSpan duration)
    {
        await Ready();
        var grains = Enumerable.Range(0, clients).Select(i => Member($"calls-{i}")).ToArray();
        await Drive(grains, duration / 4);
        return await Drive(grains, duration);
    }

    /// <summary>What supervision counted: crashes of the supervisors' children, restarts, and crashes in the lessons.</summary>
    public async Task<(long Crashes, long Restarts, long Lessons, long Dropped)> Count()
    {
        var domains = Enumerable.Range(0, Sups).Select(i => $"app/s{i}").Append("app/one").Append("app/family");
        var views = await Task.WhenAll(domains.Select(domain => _silo!.Grains.GetGrain<ISupervisorGrain>(domain).GetState()));
        var children = views.SelectMany(view => view.Children).Where(child => child.Kind != "member").ToList();
        var lessons = await _silo!.Grains.GetGrain<Prismatic.Lessons.ILessonsLearnedGrain>(Prismatic.Lessons.ILessonsLearnedGrain.Key).GetStatistics();
        return (
            children.Sum(child => child.Crashes),
            children.Sum(child => child.Restarts),
            lessons.TotalCrashes,
            _silo.Services.GetRequiredService<ReportOutbox>().Dropped.Sum(item => item.Count));
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }
    }

    private IPeerGrain Worker(string supervisor, int number) => _silo!.Grains.GetGrain<IPeerGrain>($"{supervisor}-w{number}", typeof(PeerGrain).FullName);

    private IPeerGrain Member(string key) => _silo!.Grains.GetGrain<IPeerMemberGrain>(key);

    private async Task Ready() => _silo ??= await BenchmarkSilo.Start(builder =>
    {
        builder.AddMemoryGrainStorage(StorageNames.Provider, storage => storage.Configure<TimeProvider>((settings, time) => settings.GrainStorageSerializer = new EnvelopeSerializer(time)));
        if (_supervised)
        {
            builder.AddSupervision(Tree);
        }
        else if (arm == OrleansArm.Filtered)
        {
            builder.AddIncomingGrainCallFilter<EndingCallFilter>();
        }
    });

    private Task Reported() => _supervised ? _silo!.Services.GetRequiredService<ReportOutbox>().Drained() : Task.CompletedTask;

    /// <summary>Nothing of what was measured before goes on in the background, and its garbage is gone.</summary>
    private async Task Quiet()
    {
        await Reported();
        var start = Time.GetTimestamp();
        while (_supervised && _silo!.Services.GetRequiredService<GateTable>().Count > 0)
        {
            if (Time.GetElapsedTime(start) > SettleLimit)
            {
                throw new TimeoutException($"{_silo.Services.GetRequiredService<GateTable>().Count} gates were left {SettleLimit.TotalSeconds:0} s after a storm.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), Time);
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private async Task CrashAndServe(IPeerGrain grain, int number)
    {
        try
        {
            await grain.Crash(number, arm == OrleansArm.Bare);
        }
        catch (InvalidOperationException)
        {
            if (await grain.Serve() is not 1)
            {
                throw new NotSupportedException($"After crash {number} the old activation of {grain.GetPrimaryKeyString()} served.");
            }

            return;
        }

        throw new NotSupportedException("A call that had to crash did not.");
    }

    private static Task ByCallers(int count, Func<int, Task> act) => Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
    {
        for (var at = caller; at < count; at += Callers)
        {
            await act(at);
        }
    })));

    private static async Task<double> Drive(IPeerGrain[] grains, TimeSpan duration)
    {
        var start = Time.GetTimestamp();
        var calls = await Task.WhenAll(grains.Select(grain => Task.Run(async () =>
        {
            var made = 0L;
            while (made % 64 != 0 || Time.GetElapsedTime(start) < duration)
            {
                await grain.Serve();
                made++;
            }

            return made;
        })));
        return calls.Sum() / Time.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>What one would write first: whatever grain throws, its activation ends.</summary>
    private sealed class EndingCallFilter : IIncomingGrainCallFilter
    {
        public async Task Invoke(IIncomingGrainCallContext context)
        {
            try
            {
                await context.Invoke();
            }
            catch (Exception) when (context.Grain is IPeerGrain)
            {
                context.TargetContext.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, "It crashed."));
                throw;
            }
        }
    }

    /// <summary>Budgets that nothing here uses up, restarts without a delay, and a short verification, so that storms soon leave nothing behind.</summary>
    private static void Tree(SupervisionTreeBuilder tree)
    {
        const int NoLimit = 10_000_000;
        var period = TimeSpan.FromSeconds(1);
        tree.Enforce().Configure(options =>
        {
            options.DefaultRestart = new RestartWithBackoff { First = TimeSpan.Zero, Initial = TimeSpan.Zero, Max = TimeSpan.Zero };
            options.VerificationWindow = TimeSpan.FromSeconds(1);
        });
        tree.Supervisor("one", RestartStrategy.OneForOne, one => one.Intensity(NoLimit, period)
            .Worker<IPeerGrain>("worker", worker => worker.Key("one-w0").Intensity(NoLimit, period)));
        tree.Supervisor("family", RestartStrategy.OneForOne, family => family.Intensity(NoLimit, period)
            .Workers<IPeerMemberGrain>("members", members => members.Intensity(NoLimit, period)));
        for (var s = 0; s < Sups; s++)
        {
            var name = $"s{s}";
            tree.Supervisor(name, RestartStrategy.OneForOne, domain =>
            {
                domain.Intensity(NoLimit, period);
                for (var w = 0; w < Kids; w++)
                {
                    var id = $"w{w}";
                    domain.Worker<IPeerGrain>(id, worker => worker.Key($"{name}-{id}").Intensity(NoLimit, period));
                }
            });
        }
    }
}
