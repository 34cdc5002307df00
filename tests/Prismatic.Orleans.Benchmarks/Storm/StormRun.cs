using System.Runtime;
using Prismatic.Measuring;

namespace Prismatic.Storm;

/// <summary>What a storm cost.</summary>
/// <param name="Wall">From the first crash until the last victim has served again.</param>
/// <param name="Reported">From the first crash until supervisor and lessons have taken in everything.</param>
/// <param name="Allocated">Bytes allocated until then.</param>
/// <param name="HeapBefore">Live bytes before, after a forced collection.</param>
/// <param name="HeapAfter">Live bytes after, after a forced collection.</param>
internal sealed record StormCost(TimeSpan Wall, TimeSpan Reported, long Allocated, long HeapBefore, long HeapAfter);

/// <summary>The storms: each victim crashes and is called again, and must then be a fresh activation.</summary>
internal static class StormRun
{
    private const int Callers = 64;

    private static readonly TimeProvider Time = TimeProvider.System;

    /// <summary>One worker crashes again and again, one call after the other.</summary>
    public static Task<StormCost> OfWorker(StormSilo silo, int crashes) => Measure(silo, async () =>
    {
        var worker = silo.Worker;
        for (var i = 0; i < crashes; i++)
        {
            await CrashAndServe(worker, i, !silo.Supervised);
        }
    });

    /// <summary>Each member of a family crashes once; 64 callers at a time.</summary>
    public static async Task<StormCost> OfFamily(StormSilo silo, int members)
    {
        var family = Enumerable.Range(0, members).Select(silo.Member).ToArray();
        await ByCallers(members, at => family[at].Serve());
        return await Measure(silo, () => ByCallers(members, at => CrashAndServe(family[at], at, !silo.Supervised)));
    }

    public static long LiveBytes()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task<StormCost> Measure(StormSilo silo, Func<Task> storm)
    {
        await silo.Reported();
        var before = LiveBytes();
        var allocated = GC.GetTotalAllocatedBytes();
        var start = Time.GetTimestamp();
        await storm();
        var wall = Time.GetElapsedTime(start);
        await silo.Reported();
        var reported = Time.GetElapsedTime(start);
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        return new StormCost(wall, reported, allocated, before, LiveBytes());
    }

    private static Task ByCallers(int count, Func<int, Task> act) => Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
    {
        for (var at = caller; at < count; at += Callers)
        {
            await act(at);
        }
    })));

    private static async Task CrashAndServe(IStormGrain grain, int number, bool endActivation)
    {
        try
        {
            await grain.Crash(number, endActivation);
            throw new StormException("A call that had to crash did not.");
        }
        catch (InvalidOperationException crash) when (crash is not StormException)
        {
            if (await grain.Serve() is not 1)
            {
                throw new StormException($"After crash {number} the old activation served.");
            }
        }
    }

    private sealed class StormException(string message) : InvalidOperationException(message);
}
