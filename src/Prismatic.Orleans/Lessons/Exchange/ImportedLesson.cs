using System.Collections.Immutable;
using Prismatic.Remediation;

namespace Prismatic.Lessons;

/// <summary>What another cluster knows of a group: no counts, since what was counted there did not happen here.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.ImportedLesson")]
internal sealed record ImportedLesson
{
    /// <summary>The group's id.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>The failure mode.</summary>
    [Id(1)] public required string FailureMode { get; init; }

    /// <summary>The failure class.</summary>
    [Id(2)] public required FailureClass Class { get; init; }

    /// <summary>The worker type; may be empty.</summary>
    [Id(3)] public string WorkerType { get; init; } = "";

    /// <summary>Why it happens; may be empty.</summary>
    [Id(4)] public string RootCause { get; init; } = "";

    /// <summary>Who said so there; may be empty.</summary>
    [Id(5)] public string AnsweredBy { get; init; } = "";

    /// <summary>Learned or named by a person.</summary>
    [Id(6)] public required RuleOrigin Origin { get; init; }

    /// <summary>What helps.</summary>
    [Id(7)] public required RemediationAction Remediation { get; init; }

    /// <summary>The signatures of its crashes.</summary>
    [Id(8)] public required ImmutableArray<string> Signatures { get; init; }
}

/// <summary>What a lesson of another cluster makes of one here.</summary>
internal static class LessonImporting
{
    /// <summary>
    /// The record with what another cluster knows; the same record when this one has an answer, a remedy or a cause of its own. What a person
    /// said there counts as a person's word here; what was learned there is worth four successes, which just suffice: it is applied, and dropped at
    /// its first failure.
    /// </summary>
    public static LessonRecord With(
        this LessonRecord record, ImportedLesson imported, string by, LessonMoment moment, DateTimeOffset now, LearningPolicy policy)
    {
        if (record.Lesson is { } known && (known.RootCause.Length > 0 || known.Remediation is not null || record.Evidence.Answer is not null))
        {
            return record;
        }

        var before = record.Lesson ?? new Lesson
        {
            Id = imported.Id,
            FailureMode = imported.FailureMode,
            Class = imported.Class,
            WorkerType = imported.WorkerType,
            Child = "",
            FirstSeen = now,
            LastSeen = now,
        };
        var signatures = imported.Signatures.Aggregate(before.Signatures, (all, one) => LessonUpdate.Latest(all, one, 32));
        var lesson = before with
        {
            RootCause = imported.RootCause,
            AnsweredBy = imported.AnsweredBy,
            AnswerNote = "",
            Signatures = signatures,
            Version = before.Version + 1,
        };
        var evidence = imported.Origin == RuleOrigin.Person
            ? record.Evidence.WithAnswer(imported.Remediation, policy)
            : record.Evidence with
            {
                Actions = record.Evidence.Actions.SetItem(imported.Remediation.Name, new ActionEvidence { Action = imported.Remediation, Healed = 4 }),
            };
        return (record with { Lesson = lesson, Evidence = evidence, Page = record.Lesson is null ? moment.LastPage : record.Page })
            .Audited("imported", by, before, "", record.Evidence.Answer, imported.Remediation, now)
            .Advising(moment);
    }
}
