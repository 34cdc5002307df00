using Prismatic.Remediation;
using Prismatic.Telemetry;

namespace Prismatic.Lessons;

/// <summary>Whether a person's edit can be made, and what it makes of a lesson.</summary>
internal static class LessonEditing
{
    private const int MaxText = 2000;
    private const int MaxName = 200;

    /// <summary>The edit with secrets taken out of its texts.</summary>
    /// <exception cref="ArgumentException">It lists everything that is wrong.</exception>
    public static LessonEdit Checked(LessonEdit edit, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(edit);
        var wrong = Problems(edit, now).ToList();
        return wrong.Count > 0
            ? throw new ArgumentException(string.Join(" ", wrong), nameof(edit))
            : edit with
            {
                By = PrintableText.Of(edit.By, MaxName),
                RootCause = edit.RootCause is { } cause ? Redaction.Scrub(cause.Trim(), MaxText) : null,
                Note = edit.Note.Length == 0 ? "" : Redaction.Scrub(edit.Note, MaxText),
            };
    }

    /// <summary>The record with the edit in it and in its audit.</summary>
    /// <exception cref="LessonConflictException">A person edited it since the version that the edit was made for.</exception>
    public static LessonRecord With(this LessonRecord record, LessonEdit edit, LessonMoment moment, DateTimeOffset now, LearningPolicy policy)
    {
        var lesson = record.Lesson ?? throw new ArgumentException($"There is no lesson '{edit.LessonId}'.", nameof(edit));
        if (record.EditedVersion > edit.Version || edit.Version > lesson.Version)
        {
            throw new LessonConflictException(lesson.Id, edit.Version, record.EditedVersion, lesson.Version);
        }

        var answers = edit.RootCause is not null || edit.Remediation is not null;
        var edited = lesson with
        {
            RootCause = edit.RootCause ?? lesson.RootCause,
            AnsweredBy = answers ? edit.By : lesson.AnsweredBy,
            AnswerNote = answers ? edit.Note : lesson.AnswerNote,
            Status = edit.Status ?? lesson.Status,
            Mute = edit.Status switch
            {
                LessonStatus.Muted => edit.Mute ?? new LessonMute(),
                null => lesson.Mute,
                _ => null,
            },
            ResolvedBuild = edit.Status switch
            {
                LessonStatus.Resolved => edit.InNextBuild ? lesson.Build : "",
                null => lesson.ResolvedBuild,
                _ => "",
            },
            RegressedBuild = edit.Status is null ? lesson.RegressedBuild : "",
            Version = lesson.Version + 1,
        };
        var evidence = edit.Remediation is { } named ? record.Evidence.WithAnswer(named, policy) : record.Evidence;
        return (record with { Lesson = edited, Evidence = evidence, Members = edit.Remediation is null ? record.Members : new MemberEvidence() })
            .Audited("edited", edit.By, lesson, edit.Note, record.Evidence.Answer, evidence.Answer, now)
            .Advising(moment);
    }

    private static IEnumerable<string> Problems(LessonEdit edit, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(edit.LessonId))
        {
            yield return "An edit names a lesson.";
        }

        if (string.IsNullOrWhiteSpace(edit.By) || edit.By.Length > MaxName)
        {
            yield return $"An edit says who makes it, in 1 to {MaxName} characters.";
        }

        if (edit is { RootCause: null, Remediation: null, Status: null })
        {
            yield return "The edit changes nothing: it names no root cause, no remediation and no status.";
        }

        if (edit.RootCause is { } cause && (string.IsNullOrWhiteSpace(cause) || cause.Length > MaxText))
        {
            yield return $"The root cause has 1 to {MaxText} characters; it has {cause.Trim().Length}.";
        }

        if (edit.Note is null || edit.Note.Length > MaxText)
        {
            yield return $"The note has at most {MaxText} characters.";
        }

        if (edit.Status is { } status and not (LessonStatus.Ongoing or LessonStatus.Resolved or LessonStatus.Muted))
        {
            yield return $"A person sets the status Ongoing, Resolved or Muted; {status} comes by itself.";
        }

        if (edit.Mute is not null && edit.Status != LessonStatus.Muted)
        {
            yield return "A mute goes with the status Muted.";
        }

        if (edit.Mute is { Crashes: <= 0 })
        {
            yield return $"A mute lasts for 1 crash or more; it says {edit.Mute.Crashes}.";
        }

        if (edit.Mute?.Until is { } until && until <= now)
        {
            yield return $"A mute ends in the future; it says {until:O}.";
        }

        if (edit.InNextBuild && edit.Status != LessonStatus.Resolved)
        {
            yield return "A cure in the next build goes with the status Resolved.";
        }

        foreach (var problem in edit.Remediation is null ? [] : ResolutionCheck.Problems(edit.Remediation))
        {
            yield return problem;
        }
    }
}
