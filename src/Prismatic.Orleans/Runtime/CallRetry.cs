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

    /// <summary>
    /// Whether a rejection of Orleans proves that the message to <paramref name="called"/> was handed to no activation: it was sent on too often; its silo was
    /// known to be dead when it was to be sent; the silo that it came to or was to leave had stopped taking and sending requests; or the connection to
    /// send it through could not be made, as in the seconds between the death of a silo and the votes. Orleans' own services, its directory among
    /// them, get the last as it is, since they have ways of their own around a silo that is gone. All others may stand for a call that has run.
    /// </summary>
    public static bool WasNotDelivered(string rejection, GrainId called) =>
        rejection.Contains("Forwarding failed", StringComparison.OrdinalIgnoreCase)
        || rejection.Contains("Target silo is known to be dead", StringComparison.OrdinalIgnoreCase)
        || rejection.StartsWith("Silo stopping", StringComparison.Ordinal)
        || (!called.IsSystemTarget()
            && rejection.StartsWith("Exception while sending message: Orleans.Runtime.Messaging.ConnectionFailedException: Unable to connect", StringComparison.Ordinal));

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
