using System.Collections.Concurrent;
using Orleans.Runtime;
using Prismatic.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Drills;

/// <summary>
/// The faults of one drill on one silo. A call that the drill makes carries when it was due and its ordinal, so that which calls are struck
/// depends on the file alone; turns that others began are taken at the moment and the ordinal that this silo sees.
/// </summary>
/// <param name="drill">The drill.</param>
/// <param name="clock">The time.</param>
/// <param name="elsewhere">Takes a strike of a counted fault from the silo that runs the drill, which counts for all; null on that silo itself.</param>
internal sealed class ArmedDrill(DrillFile drill, MonotonicClock clock, Func<int, Task<bool>>? elsewhere = null) : IFaultSource
{
    private readonly TimeSpan _start = clock.Now;
    private readonly int[] _left = [.. drill.Faults.Select(fault => fault.Count ?? int.MaxValue)];
    private readonly ConcurrentDictionary<string, long> _ordinals = new();

    /// <summary>Time since the drill was armed here.</summary>
    public TimeSpan Now => clock.Now - _start;

    public FaultStrike? InTurn(in StruckTurn turn)
    {
        var isTimer = turn.Kind is CrashTriggerKind.Timer or CrashTriggerKind.Reminder;
        return Find(isTimer ? FaultPlace.Timer : FaultPlace.Call, turn.Child, turn.Context, turn.Call, turn.Request);
    }

    public FaultStrike? InActivation(string child, IGrainContext context) => Find(FaultPlace.Activation, child, context, call: null, request: null);

    /// <summary>Takes one of a fault's strikes; false when they are used up.</summary>
    public bool Take(int fault) => drill.Faults[fault].Count is null || Interlocked.Decrement(ref _left[fault]) >= 0;

    /// <summary>The fault that strikes. Only the call that fails goes through the fault's target: one that no fault covers needs nothing of anybody outside.</summary>
    private FaultStrike? Find(FaultPlace place, string child, IGrainContext context, DrilledCall? call, string? request)
    {
        long? ordinal = call?.Ordinal;
        var moment = call?.Due ?? Now;
        for (var i = 0; i < drill.Faults.Length; i++)
        {
            var fault = drill.Faults[i];
            if (fault.Where != place || fault.Child != child || !fault.Covers(moment, drill.Duration) || (fault.Request is { } only && only != request))
            {
                continue;
            }

            ordinal ??= _ordinals.AddOrUpdate($"{place} {child}", 0, static (_, last) => last + 1);
            if (FaultDraw.Strikes(drill.Seed, child, ordinal.Value, fault.Probability) && Volatile.Read(ref _left[i]) > 0)
            {
                var number = i;
                return new FaultStrike(fault.Target, async () => await TakeFromAll(number) ? fault.Exception!.Make(Frame(context, place), $"fault {number}") : null);
            }
        }

        return null;
    }

    /// <summary>A fault with a count strikes that often in the whole cluster, wherever its child lives by then.</summary>
    private async ValueTask<bool> TakeFromAll(int fault)
    {
        if (elsewhere is null || drill.Faults[fault].Count is null)
        {
            return Take(fault);
        }

        if (await elsewhere(fault))
        {
            return true;
        }

        Volatile.Write(ref _left[fault], 0);
        return false;
    }

    /// <summary>The worker's own code, as a stack would show it.</summary>
    private static string Frame(IGrainContext context, FaultPlace place) =>
        $"   at {context.GrainInstance?.GetType().FullName ?? context.GrainId.Type.ToString()}.{place switch { FaultPlace.Timer => "OnTimer", FaultPlace.Activation => "OnActivateAsync", _ => "Serve" }}()";
}
