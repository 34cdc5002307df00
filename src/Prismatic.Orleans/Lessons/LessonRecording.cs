using System.Collections.Immutable;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>How the record of a lesson changes with what is told to it. Told twice, each thing counts once, and the record stays the same instance.</summary>
internal static class LessonRecording
{
    private const int MaxSilos = 8;
    private const int MaxRanges = 64;
    private const int MaxOutcomes = 128;

    /// <summary>Counts each of <paramref name="crashes"/> that was not counted before and is of a member that was not split off.</summary>
    public static LessonRecord With(
        this LessonRecord record, IEnumerable<CrashReport> crashes, ImmutableHashSet<string> ticketed, LessonMoment moment, DateTimeOffset now)
    {
        var next = record.Lesson is null ? record.Begun(moment) : record;
        foreach (var crash in crashes.Where(crash => !record.Splits.ContainsKey(crash.Signature)).OrderBy(crash => crash.Sequence))
        {
            if (next.Seen.TryAdd(crash.Silo, crash.Sequence, MaxSilos, MaxRanges, out var seen))
            {
                next = (next with { Seen = seen }).Counting(crash, ticketed.Contains(crash.CrashId), moment, now);
            }
        }

        return next.Lesson is null || ReferenceEquals(next, record) ? record : next.Advising(moment);
    }

    /// <summary>
    /// Counts each of <paramref name="outcomes"/> that was not counted before. An outcome of a group without a lesson changes nothing:
    /// its crash was never told.
    /// </summary>
    public static LessonRecord With(this LessonRecord record, IEnumerable<RemediationOutcome> outcomes, LessonMoment moment, LearningPolicy policy)
    {
        var (next, marks) = (record, new OutcomeMarks(record.SeenOutcomes));
        foreach (var outcome in outcomes.Where(outcome => !record.Splits.ContainsKey(outcome.Signature)))
        {
            if (next.Lesson is { } lesson && marks.TryAdd(outcome))
            {
                next = next with { Lesson = LessonUpdate.With(lesson, outcome) };
                next = outcome.Outcome == Outcome.Inconclusive ? next with { Evidence = next.Evidence.WithSilence(outcome.Action) } : next.Learning(outcome, policy);
            }
        }

        return ReferenceEquals(next, record) ? record : (next with { SeenOutcomes = marks.Newest(MaxOutcomes) }).Split(policy).Advising(moment);
    }

    /// <summary>The record with a person's answer; the same record when it holds that answer and it has not stopped helping.</summary>
    public static LessonRecord With(
        this LessonRecord record, string group, string signature, Resolution resolution, LessonMoment moment, DateTimeOffset now, LearningPolicy policy)
    {
        var begun = record.Lesson is null ? record.Begun(moment) : record;
        var known = begun.Lesson ?? LessonUpdate.Unseen(group, signature, FailureClass.LogicError) with { FirstSeen = now, LastSeen = now, SplitFrom = moment.Parent ?? "" };
        var same = record.Lesson is not null && known.RootCause == resolution.RootCause && record.Evidence.Answer == resolution.Remediation
            && record.Evidence.Waiting == 0 && known.Signatures.Contains(signature);
        if (same)
        {
            return record;
        }

        var taught = known with
        {
            RootCause = resolution.RootCause,
            AnsweredBy = resolution.By,
            AnswerNote = resolution.Note,
            Signatures = LessonUpdate.Latest(known.Signatures, signature, 32),
            Version = known.Version + 1,
        };
        return (begun with { Lesson = taught, Evidence = begun.Evidence.WithAnswer(resolution.Remediation, policy), Members = new MemberEvidence() })
            .Audited("answered", resolution.By, known, resolution.Note, begun.Evidence.Answer, resolution.Remediation, now)
            .Advising(moment);
    }

    /// <summary>Decides anew, and writes into the lesson what was decided.</summary>
    public static LessonRecord Advising(this LessonRecord record, LessonMoment moment)
    {
        var lesson = record.Lesson!;
        var context = new AdviceContext(lesson.Class, moment.Experience, moment.MayTry, lesson.Status == LessonStatus.Muted, lesson.Id);
        var advice = HealingPolicy.Advise(record.Evidence, context, LearningPolicy.Default);
        var evidence = advice is { Ground: AdviceGround.Trial, Action: { } trial } ? record.Evidence.WithTrial(trial) : record.Evidence;
        var works = evidence.Answer ?? HealingPolicy.Best(evidence, LearningPolicy.Default)?.Action;
        return record with
        {
            Evidence = evidence,
            Ground = advice.Ground,
            Advised = advice.Action,
            Then = advice.Then,
            Lesson = lesson with
            {
                Remediation = works,
                Origin = evidence.Answer is not null ? RuleOrigin.Person : works is not null ? RuleOrigin.Learned : RuleOrigin.BuiltIn,
                Next = advice.Action is null || advice.Ground == AdviceGround.Request ? advice.Reason : $"{advice.Action.Describe()}{(advice.Then is { } then ? $", then {then.Describe()}" : "")}: {advice.Reason}",
            },
        };
    }

    /// <summary>The record with one more change by a person.</summary>
    public static LessonRecord Audited(
        this LessonRecord record, string what, string by, Lesson before, string note, RemediationAction? remedyBefore, RemediationAction? remedyAfter, DateTimeOffset now)
    {
        var (was, now_) = LessonChanges.Between(before, record.Lesson!, remedyBefore, remedyAfter);
        var entry = new LessonAuditEntry { Number = record.AuditNumber + 1, At = now, By = by, What = what, Before = was, After = now_, Note = note };
        return record with { Audit = record.Audit.Add(entry), AuditNumber = entry.Number, EditedVersion = record.Lesson!.Version };
    }

    private static LessonRecord Begun(this LessonRecord record, LessonMoment moment) =>
        record with { Page = moment.LastPage, Evidence = moment.SplitFrom?.Evidence ?? record.Evidence };

    private static LessonRecord Counting(this LessonRecord record, CrashReport crash, bool ticketed, LessonMoment moment, DateTimeOffset now)
    {
        if (crash.Facts.Blame == Blame.Request)
        {
            // Proof about a group whose crashes were told; of any other there is nothing to learn for.
            return record.Lesson is null ? record : record with { Evidence = record.Evidence.WithRequestFault() };
        }

        var counted = LessonUpdate.With(record.Lesson, crash, ticketed);
        var rate = record.Rate.With(crash.SeenAt);
        var before = counted.Status;
        var lesson = LessonStates.AfterCrash(counted with { SplitFrom = moment.Parent ?? counted.SplitFrom }, crash.Build, rate, now);
        var evidence = record.Evidence.WithTarget(crash.Facts.Target is not null);
        if (crash.Step > 0 && crash.Action is CircuitBreak or RedirectToFallback && LessonRules.IsLessons(crash.Rule))
        {
            // What comes first did not help, and the ladder went on: what it came to is tried first from now on. The ladder of another's rule begins where it begins.
            evidence = evidence.WithNextStep(crash.Action, LearningPolicy.Default);
        }
        else if (crash.Step == 0 && !LessonRules.IsLessons(crash.Rule))
        {
            evidence = evidence.WithRule(crash.Action);
        }
        else if (crash.Step == 0 && record.Published.FirstOrDefault(rule => rule.Id == crash.Rule)?.Action is { } ordered and not Escalate && ordered.Name != crash.Action.Name)
        {
            evidence = evidence.WithUnavailable(ordered);
        }

        if (LessonRules.BlamesRequest(crash.Rule))
        {
            // Different requests met it with nothing served in between: the worker was sick.
            evidence = evidence with { RequestFaults = 0 };
        }

        if (crash.Action is Escalate || LessonRules.Contains(crash.Rule))
        {
            evidence = evidence.WithWaiting();
        }

        return record with { Lesson = lesson, Rate = rate, Evidence = LessonStates.IsAlarm(before, lesson.Status) ? evidence.WithAlarm() : evidence };
    }

    private static LessonRecord Learning(this LessonRecord record, RemediationOutcome outcome, LearningPolicy policy)
    {
        var healed = outcome.Outcome == Outcome.Healed;
        var result = healed ? Result.Healed : outcome.TimeToRecovery is null ? Result.Persisted : Result.Returned;
        return record with
        {
            Evidence = record.Evidence.WithOutcome(outcome.Action, result, record.Lesson!.Class, policy),
            Members = record.Members.With(outcome.Signature, outcome.Action is Escalate ? nameof(RestartWithBackoff) : outcome.Action.Name, healed),
        };
    }

    /// <summary>A member that answers differently from the others becomes a lesson of its own; what is left forgets that member's outcomes.</summary>
    private static LessonRecord Split(this LessonRecord record, LearningPolicy policy)
    {
        if (record.Lesson is not { } lesson || record.Members.FindStranger(policy.SplitLevel) is not { } stranger)
        {
            return record;
        }

        var rest = record.Members.Without(stranger);
        var short8 = stranger.Length > 8 ? stranger[..8] : stranger;
        return record with
        {
            Members = rest,
            Evidence = record.Evidence.Rebuilt(rest.Members.Values, policy),
            Splits = record.Splits.SetItem(stranger, new SplitMember
            {
                Group = $"{lesson.Id}.{short8}",
                Evidence = new GroupEvidence { Rule = record.Evidence.Rule, Actions = record.Evidence.Actions }.Rebuilt([record.Members.Members[stranger]], policy),
            }),
            Lesson = lesson with { Signatures = lesson.Signatures.Remove(stranger) },
        };
    }
}
