using System.Collections.Immutable;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Prismatic.Telemetry;

namespace Prismatic.Lessons;

/// <summary>How a lesson's picture changes with a crash and an outcome.</summary>
internal static class LessonUpdate
{
    private const int BuildsKept = 10;
    private const int SignaturesKept = 32;
    private const int MessageKept = 500;

    /// <summary>Whether a remediation healed with no person involved. A ticket is a person; what happened meanwhile was the default restart.</summary>
    public static bool HealedAlone(RemediationOutcome outcome) =>
        outcome is { Outcome: Outcome.Healed, Ticketed: false } && outcome.Action is not Escalate;

    /// <summary>Whether a rule or a lesson had a remedy for the crash. Asking a person is none, and neither is containing what one knows of.</summary>
    public static bool Acted(RemediationOutcome outcome) =>
        outcome.Rule != LessonRules.NoRule && outcome.Action is not Escalate && !LessonRules.Contains(outcome.Rule) && !LessonRules.BlamesRequest(outcome.Rule);

    /// <summary>The lesson after one more crash of its group, the first one among them. The picture is that of the crash seen last.</summary>
    public static Lesson With(Lesson? lesson, CrashReport crash, bool ticketed)
    {
        var known = lesson ?? Unseen(crash.Group, crash.Signature, crash.Class);
        var counted = known with
        {
            Crashes = known.Crashes + 1,
            Ticketed = known.Ticketed + (ticketed ? 1 : 0),
            FirstSeen = known.Crashes == 0 || crash.SeenAt < known.FirstSeen ? crash.SeenAt : known.FirstSeen,
            Signatures = Latest(known.Signatures, crash.Signature, SignaturesKept),
            Version = known.Version + 1,
        };
        if (known.Crashes > 0 && crash.SeenAt < known.LastSeen)
        {
            return counted;
        }

        var signature = CrashSignature.Of(crash.Facts);
        return counted with
        {
            FailureMode = signature.FailureMode,
            Class = crash.Class,
            WorkerType = crash.Facts.WorkerType,
            Child = crash.Child,
            LastSeen = crash.SeenAt,
            Build = crash.Build,
            Builds = crash.Build.Length == 0 ? counted.Builds : Latest(counted.Builds, crash.Build, BuildsKept),
            Types = signature.Types,
            MessageTemplate = signature.Template,
            Message = Redaction.Scrub(crash.Facts.Outermost.Message, MessageKept),
            Frames = signature.Frames,
            State = crash.State,
            CorrelationId = crash.CrashId,
            Trigger = crash.Trigger,
            StateDamaged = crash.Facts.StateDamaged,
        };
    }

    /// <summary>The lesson after one more outcome.</summary>
    public static Lesson With(Lesson lesson, RemediationOutcome outcome)
    {
        var counts = lesson.Outcomes.GetValueOrDefault(outcome.Action.Name) ?? new OutcomeCounts();
        return lesson with
        {
            Outcomes = lesson.Outcomes.SetItem(outcome.Action.Name, outcome.Outcome switch
            {
                Outcome.Healed => counts with { Healed = counts.Healed + 1 },
                Outcome.Failed => counts with { Failed = counts.Failed + 1 },
                _ => counts with { Inconclusive = counts.Inconclusive + 1 },
            }),
            Version = lesson.Version + 1,
        };
    }

    /// <summary>A lesson of a group whose crash was not told yet: a report may be lost with its silo while the ticket that it opened is not.</summary>
    public static Lesson Unseen(string group, string signature, FailureClass failureClass) => new()
    {
        Id = group,
        FailureMode = $"signature {signature}",
        Class = failureClass,
        WorkerType = "",
        Child = "",
        Signatures = [signature],
    };

    /// <summary>The list with an item at its end, without the oldest when there would be too many.</summary>
    public static ImmutableArray<string> Latest(ImmutableArray<string> items, string item, int keep)
    {
        if (items.Length > 0 && items[^1] == item)
        {
            return items;
        }

        var others = items.Remove(item);
        return (others.Length < keep ? others : others.RemoveRange(0, others.Length - keep + 1)).Add(item);
    }
}
