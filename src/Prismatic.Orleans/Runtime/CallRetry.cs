using Orleans.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>Whether a refused call is sent again, and when. A pure decision.</summary>
internal static class CallRetry
{
    /// <summary>
    /// Whether the refusal proves that the call to <paramref name="called"/> did not start, and waiting helps. A refusal of another grain, or
    /// one that has travelled through a turn, comes from within a call that did start.
    /// </summary>
    public static bool NeverStarted(ChildUnavailableException refusal, GrainId called) =>
        refusal.RetryAfter is not null
        && refusal.Grain == called
        && refusal.Status is not (ChildStatus.Stopped or ChildStatus.Quarantined)
        && CrashOrigin.Read(refusal, CrashMarks.Started) is null;

    /// <summary>How long to wait before the next attempt; null when the budget is used up or the wait would outlast it.</summary>
    /// <param name="options">The budget.</param>
    /// <param name="attempts">Attempts so far.</param>
    /// <param name="waited">How long the call has waited between them.</param>
    /// <param name="retryAfter">What the last refusal said.</param>
    public static TimeSpan? NextWait(CallRetryOptions options, int attempts, TimeSpan waited, TimeSpan retryAfter)
    {
        var wait = retryAfter > Shortest ? retryAfter : Shortest;
        return attempts < options.MaxAttempts && waited + wait <= options.MaxWait ? wait : null;
    }

    /// <summary>A hint of zero would make a loop of it.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);
}
