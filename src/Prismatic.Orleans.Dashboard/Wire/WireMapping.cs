using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Dashboard;

/// <summary>From the grains' records to the API's: the one place where either may change without the other.</summary>
internal static class WireMapping
{
    public static TreeWire ToWire(TreeHealth tree, TreeSelection selection)
    {
        var hotspots = TreeSelection.HotspotPaths(tree);
        return new TreeWire
        {
            TotalProcesses = tree.TotalProcesses,
            RestartCounts = tree.RestartCounts,
            MemoryPerSupervisor = tree.MemoryPerSupervisor.ToDictionary(
                entry => entry.Key,
                entry => new MemoryWire { Bytes = entry.Value.Bytes, Method = entry.Value.Method, Activations = entry.Value.Activations }),
            Hotspots = [.. tree.Hotspots.Select(ToWire)],
            HealthScore = tree.HealthScore,
            Nodes = [.. selection.Choose(tree).Select(node => ToWire(node, TreeSelection.NeedsAttention(node, hotspots)))],
            Silos = tree.Silos,
            Missing = [.. tree.Missing],
            At = tree.At,
        };
    }

    public static HotspotWire ToWire(Hotspot hotspot) => new()
    {
        Path = hotspot.Path,
        Restarts = hotspot.Restarts,
        WindowSeconds = hotspot.WindowSeconds,
        LastCrash = hotspot.LastCrash,
    };

    public static LessonPageWire ToWire(LessonPage page) => new() { Items = [.. page.Items.Select(ToWire)], Next = page.Next };

    public static LessonWire ToWire(Lesson lesson) => new()
    {
        Id = lesson.Id,
        FailureMode = lesson.FailureMode,
        Class = lesson.Class,
        WorkerType = lesson.WorkerType,
        Child = lesson.Child,
        RootCause = lesson.RootCause,
        AnsweredBy = lesson.AnsweredBy,
        AnswerNote = lesson.AnswerNote,
        Remediation = lesson.Remediation is { } remediation ? ToWire(remediation) : null,
        Origin = lesson.Origin,
        Status = lesson.Status,
        Next = lesson.Next,
        Crashes = lesson.Crashes,
        Outcomes = Outcomes(lesson),
        FirstSeen = lesson.FirstSeen,
        LastSeen = lesson.LastSeen,
        Build = lesson.Build,
    };

    public static LessonDetailWire ToDetail(Lesson lesson) => new()
    {
        Id = lesson.Id,
        FailureMode = lesson.FailureMode,
        Class = lesson.Class,
        WorkerType = lesson.WorkerType,
        Child = lesson.Child,
        RootCause = lesson.RootCause,
        AnsweredBy = lesson.AnsweredBy,
        AnswerNote = lesson.AnswerNote,
        Remediation = lesson.Remediation is { } remediation ? ToWire(remediation) : null,
        Origin = lesson.Origin,
        Status = lesson.Status,
        Next = lesson.Next,
        Crashes = lesson.Crashes,
        Outcomes = Outcomes(lesson),
        FirstSeen = lesson.FirstSeen,
        LastSeen = lesson.LastSeen,
        Build = lesson.Build,
        Types = [.. lesson.Types],
        MessageTemplate = lesson.MessageTemplate,
        Frames = [.. lesson.Frames],
        State = lesson.State,
        CorrelationId = lesson.CorrelationId,
        Version = lesson.Version,
    };

    public static StatisticsWire ToWire(LessonStatistics statistics) => new()
    {
        TotalLessons = statistics.TotalLessons,
        TotalCrashes = statistics.TotalCrashes,
        AutoRemediatedRate = statistics.AutoRemediatedRate,
        AutoRemediatedKnownRate = statistics.AutoRemediatedKnownRate,
        MeanTimeToRecoverySeconds = statistics.MeanTimeToRecoverySeconds,
        EscalationRate = statistics.EscalationRate,
        FalsePositiveRate = statistics.FalsePositiveRate,
        ContainedRate = statistics.ContainedRate,
    };

    public static TicketWire ToWire(Ticket ticket) => new()
    {
        Id = ticket.Id,
        Open = ticket.ResolvedAt is null,
        Child = ticket.Child,
        Group = ticket.Group,
        Signature = ticket.Signature,
        Reason = ticket.Reason,
        Summary = ticket.Summary,
        Class = ticket.Class,
        Crashes = ticket.Crashes,
        OpenedAt = ticket.OpenedAt,
        LastSeenAt = ticket.LastSeenAt,
        CorrelationId = ticket.CorrelationId,
        ResolvedAt = ticket.ResolvedAt,
        Resolution = ticket.Resolution is { } answer ? new ResolutionWire(ToWire(answer.Remediation), answer.RootCause, answer.Note, answer.By) : null,
    };

    public static RuleWire ToWire(RemediationRule rule) => new()
    {
        Id = rule.Id,
        Sentence = rule.Describe(),
        Pattern = ToWire(rule.Pattern),
        Remediation = ToWire(rule.Action),
        Ladder = [.. (rule.Ladder.IsDefault ? [] : rule.Ladder).Select(ToWire)],
        Shadow = rule.Shadow,
        Priority = rule.Priority,
        Origin = rule.Origin,
        Lesson = rule.Lesson,
    };

    public static RemediationWire ToWire(RemediationAction action)
    {
        var wire = new RemediationWire { Action = action.Name, Sentence = action.Describe() };
        return action switch
        {
            RestartWithBackoff restart => wire with { FirstSeconds = restart.First.TotalSeconds, InitialSeconds = restart.Initial.TotalSeconds, MaxSeconds = restart.Max.TotalSeconds, Factor = restart.Factor, Jitter = restart.Jitter, GiveUpAfter = restart.GiveUpAfter },
            RedirectToFallback redirect => wire with { DurationSeconds = redirect.Duration.TotalSeconds },
            CircuitBreak circuit => wire with { DurationSeconds = circuit.Duration.TotalSeconds, Target = circuit.Target },
            Escalate escalate => wire with { Reason = escalate.Reason },
            _ => wire,
        };
    }

    private static PatternWire ToWire(CrashPattern pattern) => new()
    {
        Signature = pattern.Signature,
        ExceptionType = pattern.ExceptionType,
        Code = pattern.Code,
        CodeValues = [.. pattern.CodeValues],
        MessageTemplate = pattern.MessageTemplate,
        MessageContains = pattern.MessageContains,
        MessageRegex = pattern.MessageRegex,
        FrameStartsWith = pattern.FrameStartsWith,
        Worker = pattern.Worker,
        Under = pattern.Under,
        Class = pattern.Class,
        Blame = pattern.Blame,
        StateDamaged = pattern.StateDamaged,
        TargetKnown = pattern.TargetKnown,
        FailedStart = pattern.FailedStart,
    };

    private static NodeWire ToWire(TreeNode node, bool needsAttention) => new()
    {
        Path = node.Path,
        Name = ChildPath.Name(node.Path),
        Kind = node.Kind,
        Strategy = node.Strategy,
        Status = node.Status,
        Verifying = node.Verifying,
        NeedsAttention = needsAttention,
        Incarnation = node.Incarnation,
        Restarts = node.Restarts,
        RecentRestarts = node.RecentRestarts,
        Activations = node.Activations,
        Silo = node.Silo,
        LastCrash = node.LastCrash,
        Ticket = node.Ticket,
        AvailableInSeconds = node.AvailableInSeconds,
    };

    private static Dictionary<string, OutcomesWire> Outcomes(Lesson lesson) => lesson.Outcomes
        .OrderBy(entry => entry.Key, StringComparer.Ordinal)
        .ToDictionary(entry => entry.Key, entry => new OutcomesWire(entry.Value.Healed, entry.Value.Failed, entry.Value.Inconclusive));
}
