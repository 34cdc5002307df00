using System.Collections.Immutable;
using System.Globalization;

namespace Prismatic.SystemTests.Faults;

/// <summary>Which promise was broken.</summary>
internal enum FindingKind
{
    /// <summary>Something was acknowledged and is not there.</summary>
    Lost,

    /// <summary>Something was asked once and was done twice.</summary>
    Doubled,

    /// <summary>A child does not serve, and no ticket asks a person.</summary>
    Down,

    /// <summary>A call failed where none may.</summary>
    Failed,
}

/// <summary>One broken promise, in a sentence.</summary>
internal sealed record Finding(FindingKind Kind, string Text)
{
    public override string ToString() => $"{Kind}: {Text}";
}

/// <summary>Compares what callers were told with what is there in the end. Knows no cluster and no clock: a history in, findings out.</summary>
internal static class Checker
{
    /// <summary>The child that calls of <see cref="CallKind.Crash"/> crash.</summary>
    public const string CrashedChild = "prismatic/dd/entity-resolver";

    /// <summary>
    /// How long a report may lie on its silo, and goes with it when that is killed: the time in which reports gather, and the longest pause before a
    /// batch is sent again. Seconds.
    /// </summary>
    public const double ReportsUnderWay = 6;

    private static readonly ImmutableHashSet<string> DownStates = ["Quarantined", "Stopped", "Hung", "Resetting"];

    /// <summary>Whether <paramref name="child"/> is <paramref name="family"/> or a member of it.</summary>
    public static bool IsOf(string child, string family) => child == family || child.StartsWith($"{family}/", StringComparison.Ordinal);

    public static ImmutableArray<Finding> Check(History history) =>
    [
        .. OwnDocuments(history),
        .. SharedDocuments(history),
        .. Reads(history),
        .. Cases(history),
        .. Answers(history),
        .. Crashes(history),
        .. AfterStorms(history),
        .. Down(history),
        .. Failures(history),
    ];

    /// <summary>Crashes that were seen and not counted, because the silo that was to report them was killed first: invariant 4 allows these.</summary>
    public static int GoneWithTheirSilo(History history)
    {
        var (seen, _, counted) = CrashesOf(history, CrashedChild);
        return (int)Math.Max(0, seen.Count - counted);
    }

    private static IEnumerable<Finding> OwnDocuments(History history)
    {
        foreach (var put in history.Calls.Where(call => call.Kind == CallKind.Put))
        {
            var stored = history.Final.Documents.GetValueOrDefault(put.Key);
            if (put.Outcome == CallOutcome.Acknowledged && stored is null)
            {
                yield return Lost($"document {put.Key} of call {put.Number} was acknowledged and is not there.");
            }
            else if (put.Outcome == CallOutcome.Refused && stored is not null)
            {
                yield return Doubled($"call {put.Number} was refused as not started, and its document {put.Key} is there.");
            }

            if (stored is { Version: > 1 })
            {
                yield return Doubled($"document {put.Key} was written by call {put.Number} alone and has version {stored.Version}.");
            }
        }
    }

    private static IEnumerable<Finding> SharedDocuments(History history)
    {
        foreach (var writes in history.Calls.Where(call => call.Kind == CallKind.Update).GroupBy(call => call.Key))
        {
            var acknowledged = writes.Where(call => call.Outcome == CallOutcome.Acknowledged).ToList();
            var unknown = writes.Count(call => call.Outcome is CallOutcome.Failed or CallOutcome.Unanswered or CallOutcome.Crashed);
            var stored = history.Final.Documents.GetValueOrDefault(writes.Key);
            var last = acknowledged.MaxBy(call => call.Version);
            foreach (var same in acknowledged.GroupBy(call => call.Version).Where(same => same.Count() > 1))
            {
                yield return Lost($"document {writes.Key} has one version {same.Key}, which calls {string.Join(" and ", same.Select(call => call.Number))} were both told to be theirs: one overwrote the other.");
            }

            if (last is not null && (stored is null || stored.Version < last.Version))
            {
                yield return Lost($"document {writes.Key} has version {stored?.Version ?? 0}; call {last.Number} was told that it wrote version {last.Version}.");
            }
            else if (last is not null && stored!.Version == last.Version && acknowledged.Where(call => call.Version == last.Version).All(call => call.Number != stored.Call))
            {
                yield return Lost($"version {last.Version} of document {writes.Key} is said to be of call {last.Number} and holds what call {stored.Call} wrote.");
            }

            if (stored is not null && stored.Version > acknowledged.Count + unknown)
            {
                yield return Doubled($"document {writes.Key} has version {stored.Version}; {acknowledged.Count} writes were acknowledged and {unknown} are unknown.");
            }
        }
    }

    private static IEnumerable<Finding> Reads(History history) =>
        from read in history.Calls
        where read is { Kind: CallKind.Read, Outcome: CallOutcome.Acknowledged } && read.Version < read.Known
        select Lost($"call {read.Number} read version {read.Version} of document {read.Key}, of which version {read.Known} had been acknowledged before it was sent.");

    private static IEnumerable<Finding> Cases(History history)
    {
        foreach (var open in history.Calls.Where(call => call.Kind == CallKind.Open))
        {
            var found = history.Final.Cases.GetValueOrDefault(open.Key);
            if (open.Outcome == CallOutcome.Acknowledged && found == 0)
            {
                yield return Lost($"the case of call {open.Number}, about {open.Key}, was acknowledged and is not there.");
            }
            else if (found > 1)
            {
                yield return Doubled($"there are {found} cases about {open.Key}, which call {open.Number} alone opened.");
            }
        }
    }

    private static IEnumerable<Finding> Answers(History history) =>
        from answer in history.Calls
        where answer is { Kind: CallKind.Resolve, Outcome: CallOutcome.Acknowledged }
            && !history.Final.Resolved.Contains(answer.Key)
            && !(history.Final.Open.TryGetValue(answer.Key, out var opened) && opened > answer.Sent)
        select Lost($"ticket {answer.Key} was resolved by call {answer.Number}, which was acknowledged, and is open.");

    /// <summary>What calls of which kind crash, and nothing else does; null for every other child.</summary>
    private static CallKind? CrashedBy(string child) => child switch
    {
        CrashedChild => CallKind.Crash,
        StormFamily.Path => CallKind.Storm,
        _ => null,
    };

    /// <summary>Each crash that a silo logged or a caller was told of counts once; for a child that only crashes because a call asks it to, exactly.</summary>
    private static IEnumerable<Finding> Crashes(History history)
    {
        foreach (var child in history.Final.Children.Where(child => child.Crashes > 0 || CrashedBy(child.Path) is not null))
        {
            var (seen, unknown, counted) = CrashesOf(history, child.Path);
            var atRisk = seen.Count(crash => history.Faults.Any(fault => fault.KillsSilo && crash.Value <= fault.At + 1 && crash.Value >= fault.At - ReportsUnderWay));
            if (counted > seen.Count + unknown)
            {
                yield return Doubled($"{child.Path} crashed {seen.Count} times, {unknown} calls to it have an unknown end, and its supervisor counts {counted}.");
            }
            else if (CrashedBy(child.Path) is not null && counted < seen.Count - atRisk)
            {
                yield return Lost($"{child.Path} crashed {seen.Count} times, of which {atRisk} may have gone with a silo that was killed; its supervisor counts {counted}.");
            }
        }
    }

    /// <summary>What is known of a child's crashes; a family's are those of its members.</summary>
    private static (Dictionary<string, double> Seen, int Unknown, long Counted) CrashesOf(History history, string child)
    {
        var seen = new Dictionary<string, double>();
        foreach (var crash in history.Final.Logged.Where(crash => IsOf(crash.Child, child)))
        {
            seen.TryAdd(crash.Id, crash.At);
        }

        var by = CrashedBy(child);
        var calls = history.Calls.Where(call => call.Kind == by).ToList();
        foreach (var call in calls.Where(call => call.Crash is not null))
        {
            seen.TryAdd(call.Crash!, call.Ended ?? call.Sent);
        }

        // The console of a silo that is killed loses its last lines, so that a crash may be in no log, and its caller may have got no answer.
        var kills = history.Faults.Count(fault => fault.KillsSilo);
        var unknown = by is not null
            ? calls.Count(call => call.Crash is null && call.Outcome is CallOutcome.Failed or CallOutcome.Unanswered)
            : kills;
        var counted = history.Final.Children.FirstOrDefault(state => state.Path == child)?.Crashes ?? 0;
        return (seen, unknown, counted);
    }

    private static IEnumerable<Finding> AfterStorms(History history) =>
        from child in history.Calls.Where(call => call.Kind == CallKind.AfterStorm).GroupBy(call => call.Key)
        let last = child.MaxBy(call => call.Number)!
        where last.Outcome != CallOutcome.Acknowledged
        select new Finding(FindingKind.Down, $"{StormFamily.Path}/{child.Key} crashed in a storm and was not served again; the last answer said: {last.Detail}");

    private static IEnumerable<Finding> Down(History history)
    {
        foreach (var missing in history.Final.Missing)
        {
            yield return new Finding(FindingKind.Down, missing);
        }

        if (!history.Enforced)
        {
            yield break;
        }

        foreach (var child in history.Final.Children.Where(child => DownStates.Contains(child.Status) && child.Ticket is null))
        {
            yield return new Finding(FindingKind.Down, $"{child.Path} is {child.Status} and no ticket asks a person.");
        }

        var over = history.Faults.Select(fault => fault.Over ?? fault.At).DefaultIfEmpty(double.PositiveInfinity).Max();
        foreach (var kind in history.Calls.Where(call => call.Due > over && Figures.IsCritical(call.Kind)).GroupBy(call => call.Kind))
        {
            if (kind.All(call => call.Outcome != CallOutcome.Acknowledged))
            {
                yield return new Finding(
                    FindingKind.Down,
                    string.Create(CultureInfo.InvariantCulture, $"none of {kind.Count()} calls of kind {kind.Key} was answered after the last fault was over at {over:0.0} s; the last said: {kind.Last().Detail}"));
            }
        }
    }

    private static IEnumerable<Finding> Failures(History history) =>
        from call in history.Calls
        where history.NothingMayFail && Figures.IsCritical(call.Kind) && call.Outcome != CallOutcome.Acknowledged
        select new Finding(FindingKind.Failed, string.Create(CultureInfo.InvariantCulture, $"call {call.Number} ({call.Kind} {call.Key}), due at {call.Due:0.00} s, was {call.Outcome}: {call.Detail}"));

    private static Finding Lost(string text) => new(FindingKind.Lost, text);

    private static Finding Doubled(string text) => new(FindingKind.Doubled, text);
}
