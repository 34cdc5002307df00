using Prismatic.Remediation;

namespace Prismatic.Lessons;

/// <summary>What became of an action, as learning sees it.</summary>
[GenerateSerializer, Alias("prismatic.Lesson.Result")]
internal enum Result
{
    /// <summary>The failure stayed away.</summary>
    Healed,

    /// <summary>The trigger served, and the failure came back within the window: the action did not keep it away.</summary>
    Returned,

    /// <summary>The failure came back before anything was served: its cause was still there.</summary>
    Persisted,
}

/// <summary>What is known of one action on one group: its outcomes in a short and in a long memory.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.ActionEvidence")]
internal sealed record ActionEvidence
{
    /// <summary>The action with the parameters that it had last.</summary>
    [Id(0)] public required RemediationAction Action { get; init; }

    /// <summary>Successes, long memory.</summary>
    [Id(1)] public double Healed { get; init; }

    /// <summary>Failures, long memory.</summary>
    [Id(2)] public double Failed { get; init; }

    /// <summary>Successes, short memory.</summary>
    [Id(3)] public double LatelyHealed { get; init; }

    /// <summary>Failures, short memory.</summary>
    [Id(4)] public double LatelyFailed { get; init; }

    /// <summary>Attempts in a row after which the cause was still there; back to 0 when anything healed.</summary>
    [Id(5)] public int Attempts { get; init; }

    /// <summary>Successes in a row at the first attempt.</summary>
    [Id(6)] public int AtOnce { get; init; }

    /// <summary>Whether the child could not carry it out when it was ordered: no fallback, no target to break.</summary>
    [Id(7)] public bool Unavailable { get; init; }

    /// <summary>
    /// Successes that took more than one attempt, long memory. Of a restart they say that the cause passes by itself and may strike twice; of a break, that
    /// something really was away.
    /// </summary>
    [Id(8)] public double HealedLater { get; init; }

    /// <summary>Of the failures in the long memory those after which nothing had been served: the cause was still there, where it is of the others that it came back.</summary>
    [Id(9)] public double FailedAtOnce { get; init; }

    /// <summary>How often a restart in its place failed, so that it was needed.</summary>
    [Id(10)] public int Needed { get; init; }

    /// <summary>Whether it was seen to heal at a later attempt, and not too long ago.</summary>
    public bool HealsLater => HealedLater >= 0.5;

    /// <summary>The evidence after one more outcome.</summary>
    /// <param name="result">What became of it.</param>
    /// <param name="patience">Attempts that may meet the cause again before they are failures.</param>
    /// <param name="policy">The memories.</param>
    public ActionEvidence With(Result result, int patience, LearningPolicy policy)
    {
        var (healed, attempts) = (result == Result.Healed, result == Result.Persisted ? Attempts + 1 : 0);
        if (result == Result.Persisted && attempts <= patience)
        {
            return this with { Attempts = attempts, AtOnce = 0 };
        }

        if (healed && Attempts > patience)
        {
            // It needed another attempt: what was counted against the last one was too soon.
            return (this with { Failed = Math.Max(0, Failed - 1), FailedAtOnce = Math.Max(0, FailedAtOnce - 1), LatelyFailed = Math.Max(0, LatelyFailed - 1) }).With(result, Attempts, policy);
        }

        return this with
        {
            Healed = (Healed * policy.LongMemory) + (healed ? 1 : 0),
            Failed = (Failed * policy.LongMemory) + (healed ? 0 : 1),
            LatelyHealed = (LatelyHealed * policy.ShortMemory) + (healed ? 1 : 0),
            LatelyFailed = (LatelyFailed * policy.ShortMemory) + (healed ? 0 : 1),
            HealedLater = (HealedLater * policy.LongMemory) + (healed && Attempts > 0 ? 1 : 0),
            FailedAtOnce = (FailedAtOnce * policy.LongMemory) + (result == Result.Persisted ? 1 : 0),
            AtOnce = healed && Attempts == 0 ? AtOnce + 1 : 0,
            Attempts = attempts,
        };
    }

    /// <summary>
    /// The evidence of a restart whose incident another action has ended. Was the target still away when that was looked at, then it is what was needed, and the restart,
    /// which met the cause again at once, did not fail by chance: its failure counts twice. Was it back at the first look, then another restart might have done as well: nothing is held against it.
    /// </summary>
    public ActionEvidence Ended(bool wasAway) =>
        Attempts == 0 ? this
        : wasAway ? this with { Attempts = 0, LatelyFailed = LatelyFailed + 1 }
        : this with { Attempts = 0, Failed = Math.Max(0, Failed - 1), FailedAtOnce = Math.Max(0, FailedAtOnce - 1), LatelyFailed = Math.Max(0, LatelyFailed - 1), HealedLater = HealedLater + 1 };

    /// <summary>Whether it has not failed twice lately.</summary>
    public bool Holds(LearningPolicy policy) => !Unavailable && LatelyFailed < policy.FailuresTolerated;
}
