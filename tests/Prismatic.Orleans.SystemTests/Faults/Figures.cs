using System.Collections.Immutable;

namespace Prismatic.SystemTests.Faults;

/// <summary>What a history says in numbers.</summary>
internal static class Figures
{
    /// <summary>
    /// Seconds from a fault to the moment at which every kind of call was served again: of each kind the answer to the first call that was due after
    /// the fault and after the last of its kind that failed, and of these the latest. Null when a kind was not served again before <paramref name="until"/>.
    /// </summary>
    /// <param name="calls">The calls.</param>
    /// <param name="at">When the fault began.</param>
    /// <param name="until">When the next one began, or the load ended.</param>
    public static double? Recovery(IEnumerable<CallRecord> calls, double at, double until)
    {
        var recovered = 0d;
        foreach (var kind in calls.Where(call => call.Due >= at && call.Due < until && IsCritical(call.Kind)).GroupBy(call => call.Kind))
        {
            var failed = kind.Where(call => call.Outcome != CallOutcome.Acknowledged).Select(call => call.Due).DefaultIfEmpty(double.NegativeInfinity).Max();
            var served = kind.Where(call => call.Due > failed && call.Outcome == CallOutcome.Acknowledged).MinBy(call => call.Due);
            if (served is null)
            {
                return null;
            }

            recovered = Math.Max(recovered, served.Ended!.Value - at);
        }

        return recovered;
    }

    /// <summary>The recovery from each fault, in order; null where the next fault or the end came first.</summary>
    public static ImmutableArray<double?> Recoveries(History history)
    {
        var ends = history.Faults.Select(fault => fault.At).Skip(1).Append(double.PositiveInfinity);
        return [.. history.Faults.Zip(ends, (fault, end) => Recovery(history.Calls, fault.At, end))];
    }

    /// <summary>The value below which <paramref name="share"/> of the values lie, by the nearest-rank method; null of none.</summary>
    public static double? Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? null : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
    }

    /// <summary>Seconds from the moment at which calls were due to their answers, so that a call that had to queue counts its waiting.</summary>
    public static IEnumerable<double> Latencies(History history) =>
        history.Calls.Where(call => IsCritical(call.Kind) && call.Outcome == CallOutcome.Acknowledged).Select(call => call.Ended!.Value - call.Due);

    /// <summary>Calls that no fault of their own makes fail.</summary>
    public static bool IsCritical(CallKind kind) => kind is not (CallKind.Crash or CallKind.Resolve or CallKind.Storm or CallKind.AfterStorm);

    /// <summary>Seconds from each storm to the last of its children that served again, in order.</summary>
    public static IEnumerable<double> Storms(History history) =>
        from fault in history.Faults.Index()
        let end = history.Faults.ElementAtOrDefault(fault.Index + 1)?.At ?? double.PositiveInfinity
        let served = history.Calls.Where(call => call is { Kind: CallKind.AfterStorm, Outcome: CallOutcome.Acknowledged } && call.Sent >= fault.Item.At && call.Sent < end).ToList()
        where served.Count > 0
        select served.Max(call => call.Ended!.Value) - fault.Item.At;
}
