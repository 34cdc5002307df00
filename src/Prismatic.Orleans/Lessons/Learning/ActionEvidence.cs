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

    /// <summary>Attempts in a row after which the cause was still there.</summary>
    [Id(5)] public int Attempts { get; init; }

    /// <summary>Successes in a row at the first attempt.</summary>
    [Id(6)] public int AtOnce { get; init; }

    /// <summary>Whether the child could not carry it out when it was ordered: no fallback, no target to break.</summary>
    [Id(7)] public bool Unavailable { get; init; }

    /// <summary>The evidence after one more outcome.</summary>
    /// <param name="result">What became of it.</param>
    /// <param name="patience">Attempts that may meet the cause again before they are failures.</param>
    /// <param name="policy">The memories.</param>
    public ActionEvidence With(Result result, int patience, LearningPolicy policy)
    {
        if (result == Result.Persisted && Attempts < patience)
        {
            return this with { Attempts = Attempts + 1, AtOnce = 0 };
        }

        var healed = result == Result.Healed;
        return this with
        {
            Healed = (Healed * policy.LongMemory) + (healed ? 1 : 0),
            Failed = (Failed * policy.LongMemory) + (healed ? 0 : 1),
            LatelyHealed = (LatelyHealed * policy.ShortMemory) + (healed ? 1 : 0),
            LatelyFailed = (LatelyFailed * policy.ShortMemory) + (healed ? 0 : 1),
            AtOnce = healed && Attempts == 0 ? AtOnce + 1 : 0,
            Attempts = healed ? 0 : Attempts,
        };
    }

    /// <summary>Whether it has not failed twice lately.</summary>
    public bool Holds(LearningPolicy policy) => !Unavailable && LatelyFailed < policy.FailuresTolerated;
}
