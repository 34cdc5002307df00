using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Prismatic.Remediation;

namespace Prismatic.Lessons;

/// <summary>The stored totals: what the statistics are made of, where the index ends, and what was counted already.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonTotals")]
internal sealed record LessonTotals
{
    private const int MaxSilos = 64;
    private const int MaxRanges = 256;
    private const int MaxOutcomes = 512;

    /// <summary>The form of this record; grows when a field changes its meaning.</summary>
    [Id(0)] public int SchemaVersion { get; init; } = 1;

    /// <summary>Crashes captured.</summary>
    [Id(1)] public long Crashes { get; init; }

    /// <summary>Crashes that opened or joined a ticket when they were captured.</summary>
    [Id(2)] public long Ticketed { get; init; }

    /// <summary>Outcomes that are known: healed or failed.</summary>
    [Id(3)] public long Known { get; init; }

    /// <summary>Of these, healed by a remediation with no person involved.</summary>
    [Id(4)] public long AutoHealed { get; init; }

    /// <summary>Known outcomes where a rule or lesson acted.</summary>
    [Id(5)] public long KnownByRule { get; init; }

    /// <summary>Of these, healed with no person involved.</summary>
    [Id(6)] public long AutoHealedByRule { get; init; }

    /// <summary>Of these, the group returned.</summary>
    [Id(7)] public long FailedByRule { get; init; }

    /// <summary>Recoveries whose time was measured.</summary>
    [Id(8)] public long Recoveries { get; init; }

    /// <summary>The sum of these times.</summary>
    [Id(9)] public double RecoverySeconds { get; init; }

    /// <summary>The number of the last index page.</summary>
    [Id(10)] public long LastPage { get; init; }

    /// <summary>How many lessons it holds.</summary>
    [Id(11)] public int LastPageCount { get; init; }

    /// <summary>Reports that were counted.</summary>
    [Id(12)] public SeenReports Seen { get; init; } = new();

    /// <summary>Outcomes that were counted.</summary>
    [Id(13)] public ImmutableArray<ulong> SeenOutcomes { get; init; } = [];

    /// <summary>Crashes that were contained: kept from joining a ticket, because a person knows of their group.</summary>
    [Id(14)] public long Contained { get; init; }

    /// <summary>What actions did in each failure class.</summary>
    [Id(15)] public ClassExperience Experience { get; init; } = new();

    /// <summary>When trials began, the newest ones.</summary>
    [Id(16)] public ImmutableArray<DateTimeOffset> Trials { get; init; } = [];

    /// <summary>Lessons: all pages but the last are full.</summary>
    [JsonIgnore]
    public long Lessons => (LastPage * LessonPages.Size) + LastPageCount;

    /// <summary>Counts each of <paramref name="crashes"/> that was not counted before.</summary>
    public LessonTotals With(IEnumerable<Supervision.CrashReport> crashes, ImmutableHashSet<string> ticketed)
    {
        var next = this;
        foreach (var crash in crashes.OrderBy(crash => crash.Sequence))
        {
            if (next.Seen.TryAdd(crash.Silo, crash.Sequence, MaxSilos, MaxRanges, out var seen))
            {
                if (crash.Facts.Blame == Supervision.Blame.Request)
                {
                    next = next with { Seen = seen };
                    continue;
                }

                next = next with
                {
                    Seen = seen,
                    Crashes = next.Crashes + 1,
                    Ticketed = next.Ticketed + (ticketed.Contains(crash.CrashId) ? 1 : 0),
                    Contained = next.Contained + (LessonRules.Contains(crash.Rule) && !ticketed.Contains(crash.CrashId) ? 1 : 0),
                };
            }
        }

        return next;
    }

    /// <summary>The totals when page <paramref name="number"/> was seen to hold <paramref name="count"/>; an older page changes nothing.</summary>
    public LessonTotals WithPage(long number, int count) =>
        number < LastPage ? this
        : count == LessonPages.Size ? this with { LastPage = number + 1, LastPageCount = 0 }
        : this with { LastPage = number, LastPageCount = count };

    /// <summary>Whether the budget has room for another trial.</summary>
    public bool MayTry(DateTimeOffset now, LearningPolicy policy) => Trials.Count(began => now - began < policy.TrialWindow) < policy.TrialsPerWindow;

    /// <summary>The totals when trials began.</summary>
    public LessonTotals WithTrials(int began, DateTimeOffset now, LearningPolicy policy) =>
        began == 0 ? this : this with { Trials = [.. Trials.Where(trial => now - trial < policy.TrialWindow), .. Enumerable.Repeat(now, began)] };

    /// <summary>Counts each of <paramref name="outcomes"/> that was not counted before.</summary>
    /// <param name="outcomes">Outcomes.</param>
    /// <param name="classOf">The failure class of a group; null when it has no lesson.</param>
    public LessonTotals With(IEnumerable<RemediationOutcome> outcomes, Func<RemediationOutcome, FailureClass?>? classOf = null)
    {
        var (next, marks) = (this, new OutcomeMarks(SeenOutcomes));
        foreach (var outcome in outcomes)
        {
            if (marks.TryAdd(outcome))
            {
                next = next.Counting(outcome) with
                {
                    Experience = !SaysNothing(outcome) && classOf?.Invoke(outcome) is { } known
                        ? next.Experience.With(known, outcome.Action is Escalate ? nameof(RestartWithBackoff) : outcome.Action.Name, outcome.Outcome == Outcome.Healed)
                        : next.Experience,
                };
            }
        }

        return ReferenceEquals(next, this) ? this : next with { SeenOutcomes = marks.Newest(MaxOutcomes) };
    }

    /// <summary>The figures.</summary>
    public LessonStatistics Statistics() => new()
    {
        TotalLessons = Lessons,
        TotalCrashes = Crashes,
        AutoRemediatedRate = Rate(AutoHealed, Known),
        AutoRemediatedKnownRate = Rate(AutoHealedByRule, KnownByRule),
        MeanTimeToRecoverySeconds = Recoveries == 0 ? null : RecoverySeconds / Recoveries,
        EscalationRate = Rate(Ticketed, Crashes),
        FalsePositiveRate = Rate(FailedByRule, KnownByRule),
        ContainedRate = Rate(Contained, Crashes),
    };

    /// <summary>Whether it tells nothing of what helps in its class: a break or a fallback that met the failure again before anything was served waited for what was still away.</summary>
    private static bool SaysNothing(RemediationOutcome outcome) =>
        outcome.Outcome == Outcome.Inconclusive || outcome is { Outcome: Outcome.Failed, TimeToRecovery: null, Action: CircuitBreak or RedirectToFallback };

    private LessonTotals Counting(RemediationOutcome outcome)
    {
        var known = outcome.Outcome is not Outcome.Inconclusive;
        var byRule = known && LessonUpdate.Acted(outcome);
        var recovered = outcome.Outcome != Outcome.Failed && outcome.TimeToRecovery is not null;
        var autoHealed = LessonUpdate.HealedAlone(outcome);
        return this with
        {
            Known = Known + (known ? 1 : 0),
            AutoHealed = AutoHealed + (autoHealed ? 1 : 0),
            KnownByRule = KnownByRule + (byRule ? 1 : 0),
            AutoHealedByRule = AutoHealedByRule + (byRule && autoHealed ? 1 : 0),
            FailedByRule = FailedByRule + (byRule && outcome.Outcome == Outcome.Failed ? 1 : 0),

            // A success after which the failure returned ended nothing: its incident goes on, and its time is in the next outcome's.
            Recoveries = Recoveries + (recovered ? 1 : 0),
            RecoverySeconds = RecoverySeconds + (recovered ? outcome.TimeToRecovery!.Value.TotalSeconds : 0),
        };
    }

    private static double? Rate(long part, long whole) => whole == 0 ? null : part / (double)whole;
}
