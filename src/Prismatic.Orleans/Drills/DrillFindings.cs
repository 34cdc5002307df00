using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using Prismatic.Events;
using Prismatic.Supervision;

namespace Prismatic.Drills;

/// <summary>How a call of a drill ended.</summary>
internal enum CallEnd
{
    /// <summary>Answered.</summary>
    Served,

    /// <summary>With the exception of a fault, or lost with a silo that the drill killed.</summary>
    Struck,

    /// <summary>Refused with a retry hint: it did not start.</summary>
    Refused,

    /// <summary>In any other way.</summary>
    Failed,
}

/// <summary>One call of a drill.</summary>
internal readonly record struct EndedCall(string Child, TimeSpan EndedAt, CallEnd End, string? Exception, bool SawTheFault, bool Degraded = false);

/// <summary>All that was seen of a drill.</summary>
internal sealed record DrillSight
{
    public required IReadOnlyList<EndedCall> Calls { get; init; }

    public required IReadOnlyList<DrillEvent> Events { get; init; }

    public ImmutableSortedDictionary<string, long> Restarts { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>When a silo was killed.</summary>
    public TimeSpan? KilledAt { get; init; }
}

/// <summary>What a drill's file and what was seen amount to. Pure functions.</summary>
internal static class DrillFindings
{
    /// <summary>The loads of a drill: those of its file, and ten probes a second for each child that is struck and that nobody would call.</summary>
    public static ImmutableArray<DrillLoad> LoadsOf(DrillFile drill) =>
    [
        .. drill.Load,
        .. drill.Faults.Select(fault => fault.Child).OfType<string>().Distinct()
            .Where(child => drill.Load.All(load => load.Child != child))
            .Select(child => new DrillLoad { Child = child, RatePerSecond = 10 }),
    ];

    public static ImmutableArray<PlannedFault> PlanOf(DrillFile drill)
    {
        var loads = LoadsOf(drill);
        return [.. drill.Faults.Select((fault, i) => fault.Where == FaultPlace.Call ? PlanOf(drill, fault, i, loads) : new PlannedFault(i, fault.Where, fault.Child, null, null))];
    }

    public static ImmutableArray<DrilledCrash> CrashesOf(DrillSight sight) =>
    [
        .. sight.Events.Where(happened => happened.Kind == SupervisionEventKind.Crashed).OrderBy(crash => crash.At).Select(crash => new DrilledCrash
        {
            Child = crash.Subject,
            At = Math.Round(crash.At.TotalSeconds, 3),
            CorrelationId = crash.Crash,
            Signature = crash.Signature,
            Class = crash.Class,
            Remediation = crash.Remediation,
            Rule = crash.Rule,
            Outcome = sight.Events.LastOrDefault(happened => happened.Kind == SupervisionEventKind.OutcomeKnown && happened.Crash == crash.Crash)?.Outcome,
            SecondsToRecovery = FirstServed(sight, crash.Subject, crash.At) is { } served ? Math.Round((served - crash.At).TotalSeconds, 4) : null,
        }),
    ];

    public static ImmutableArray<DrilledChild> ChildrenOf(DrillSight sight) =>
    [
        .. sight.Calls.GroupBy(call => call.Child).OrderBy(calls => calls.Key, StringComparer.Ordinal).Select(calls => new DrilledChild(
            calls.Key,
            calls.Count(),
            calls.Count(call => call.End == CallEnd.Served),
            calls.Count(call => call.End == CallEnd.Struck),
            calls.Count(call => call.End == CallEnd.Refused),
            calls.Count(call => call.End == CallEnd.Failed))),
    ];

    public static ImmutableArray<BystanderFailure> BystandersOf(DrillSight sight) =>
    [
        .. sight.Calls.Where(call => call.End == CallEnd.Failed).GroupBy(call => (call.Child, call.Exception))
            .OrderBy(calls => calls.Key.Child, StringComparer.Ordinal).ThenBy(calls => calls.Key.Exception, StringComparer.Ordinal)
            .Select(calls => new BystanderFailure(calls.Key.Child, calls.Key.Exception ?? "", calls.Count())),
    ];

    /// <summary>For each child that was struck: how long after the later of crash and end of the fault it served; null when it did not.</summary>
    public static ImmutableSortedDictionary<string, TimeSpan?> RecoveriesOf(DrillFile drill, DrillSight sight)
    {
        var moments = sight.Events.Where(happened => happened.Kind == SupervisionEventKind.Crashed)
            .GroupBy(crash => crash.Subject)
            .ToDictionary(crashes => crashes.Key, crashes => Later(crashes.Max(crash => crash.At), EndOfFaults(drill, crashes.Key, crashes.Max(crash => crash.At))));
        if (sight.KilledAt is { } killed)
        {
            foreach (var child in sight.Calls.Select(call => call.Child).Distinct())
            {
                moments[child] = Later(killed, moments.GetValueOrDefault(child));
            }
        }

        return moments.ToImmutableSortedDictionary(
            moment => moment.Key,
            moment => FirstServed(sight, moment.Key, moment.Value) is { } served ? served - moment.Value : (TimeSpan?)null,
            StringComparer.Ordinal);
    }

    public static ImmutableArray<ExpectationResult> Judge(DrillFile drill, DrillSight sight)
    {
        var results = ImmutableArray.CreateBuilder<ExpectationResult>();
        var expect = drill.Expect;
        var tickets = sight.Events.Count(happened => happened.Kind == SupervisionEventKind.TicketOpened);
        var crashes = sight.Events.Where(happened => happened.Kind == SupervisionEventKind.Crashed).ToList();
        if (expect.EscalationsAtMost is { } mostTickets)
        {
            Add("escalationsAtMost", $"{mostTickets}", $"{tickets}", tickets <= mostTickets);
        }

        if (expect.EscalationsAtLeast is { } leastTickets)
        {
            Add("escalationsAtLeast", $"{leastTickets}", $"{tickets}", tickets >= leastTickets);
        }

        if (expect.RecoveredWithin is { } limit)
        {
            var recoveries = RecoveriesOf(drill, sight);
            Add(
                "recoveredWithin",
                DrillDuration.Write(limit),
                recoveries.IsEmpty ? "nothing crashed" : string.Join(", ", recoveries.Select(entry => $"{entry.Key}: {(entry.Value is { } time ? DrillDuration.Write(time) : NotRecovered(sight, entry.Key))}")),
                recoveries.Values.All(time => time is { } known && known <= limit));
        }

        foreach (var (action, range) in expect.Remediations)
        {
            var seen = crashes.Count(crash => crash.Remediation == action);
            Add($"remediations.{action}", range.ToString(), $"{seen}", range.Holds(seen));
        }

        foreach (var (known, range) in expect.Classes)
        {
            var seen = crashes.Count(crash => crash.Class?.ToString() == known);
            Add($"classes.{known}", range.ToString(), $"{seen}", range.Holds(seen));
        }

        if (expect.Crashes is { } count)
        {
            Add("crashes", count.ToString(), $"{crashes.Count}", count.Holds(crashes.Count));
        }

        if (expect.BystanderFailuresAtMost is { } most)
        {
            var failed = sight.Calls.Count(call => call.End == CallEnd.Failed);
            Add("bystanderFailuresAtMost", $"{most}", $"{failed}", failed <= most);
        }

        if (expect.DegradedAnswersAtLeast is { } stoodIn)
        {
            var seen = sight.Calls.Count(call => call.Degraded);
            Add("degradedAnswersAtLeast", $"{stoodIn}", $"{seen}", seen >= stoodIn);
        }

        foreach (var path in expect.Untouched)
        {
            var touched = sight.Events
                .Where(happened => happened.Kind is SupervisionEventKind.Crashed or SupervisionEventKind.Restarted or SupervisionEventKind.Quarantined && ChildPath.IsUnder(happened.Subject, path))
                .Select(happened => $"{happened.Subject} {happened.Kind}")
                .Concat(sight.Restarts.Where(child => child.Value > 0 && ChildPath.IsUnder(child.Key, path)).Select(child => $"{child.Key} restarted"))
                .Distinct().Take(5).ToList();
            Add($"untouched {path}", "no crash, restart or quarantine", touched.Count == 0 ? "none" : string.Join(", ", touched), touched.Count == 0);
        }

        foreach (var path in expect.Quarantined)
        {
            var shut = sight.Events.Any(happened => happened.Kind == SupervisionEventKind.Quarantined && happened.Subject == path);
            Add($"quarantined {path}", "yes", shut ? "yes" : "no", shut);
        }

        if (expect.CallersSeeTheFault)
        {
            var struck = sight.Calls.Where(call => call.End == CallEnd.Struck).ToList();
            var others = struck.Where(call => !call.SawTheFault).Select(call => call.Exception).Distinct().Take(3).ToList();
            Add(
                "callersSeeTheFault",
                "every struck caller",
                others.Count == 0 ? $"all {(struck.Count > 0 ? "of them" : "of none")}" : $"others saw {string.Join(", ", others)}",
                struck.Count > 0 && others.Count == 0);
        }

        return results.ToImmutable();

        void Add(string name, string expected, string seen, bool met) => results.Add(new ExpectationResult(name, expected, seen, met));
    }

    /// <summary>That a child did not serve again, and what the last call met that ended.</summary>
    private static string NotRecovered(DrillSight sight, string child)
    {
        var calls = sight.Calls.Where(call => call.Child == child).ToList();
        return calls.Count == 0
            ? "not recovered; nobody called it"
            : calls.MaxBy(call => call.EndedAt) is var last && last.Exception is { } exception
                ? $"not recovered; its last call ended at {DrillDuration.Write(last.EndedAt)} with {exception}"
                : $"not recovered; no call ended after {DrillDuration.Write(last.EndedAt)}";
    }

    /// <summary>When the last fault ended that had struck the child by <paramref name="crash"/>; a fault without an end ends with its last strike.</summary>
    private static TimeSpan EndOfFaults(DrillFile drill, string child, TimeSpan crash) =>
        drill.Faults.Where(fault => fault.Child == child && fault.At <= crash && fault.Count is null)
            .Select(fault => fault.Until ?? (fault.Where is FaultPlace.Call or FaultPlace.Timer or FaultPlace.Activation ? drill.Duration : fault.At))
            .DefaultIfEmpty(crash).Max();

    private static TimeSpan? FirstServed(DrillSight sight, string child, TimeSpan after)
    {
        TimeSpan? first = null;
        foreach (var call in sight.Calls)
        {
            if (call.Child == child && call.End == CallEnd.Served && call.EndedAt > after && (first is null || call.EndedAt < first))
            {
                first = call.EndedAt;
            }
        }

        return first;
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static PlannedFault PlanOf(DrillFile drill, DrillFault fault, int number, ImmutableArray<DrillLoad> loads)
    {
        var hash = new XxHash64();
        var strikes = 0;
        foreach (var load in loads.Where(load => load.Child == fault.Child && (fault.Request is null || fault.Request == load.Request)))
        {
            for (var ordinal = 0L; ordinal < load.CallsUntil(drill.Duration); ordinal++)
            {
                if (fault.Covers(load.DueAt(ordinal), drill.Duration) && FaultDraw.Strikes(drill.Seed, load.Child, ordinal, fault.Probability))
                {
                    strikes++;
                    hash.Append(BitConverter.GetBytes(ordinal));
                }
            }
        }

        return new PlannedFault(number, fault.Where, fault.Child, strikes, hash.GetCurrentHashAsUInt64().ToString("x16", CultureInfo.InvariantCulture));
    }
}
