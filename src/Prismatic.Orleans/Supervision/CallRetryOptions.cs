namespace Prismatic.Supervision;

/// <summary>
/// How a caller sends again what never started: calls that a gate refused with a hint when to try again, and calls that Orleans returned
/// without delivering them. Only these; what may have started is never sent twice, and neither is a call to a child that is stopped or
/// quarantined. The caller's cancellation token ends the waiting.
/// </summary>
public sealed class CallRetryOptions
{
    /// <summary>How often a call is sent in all. Default 4; 1 to 100. 1 switches retries off: the caller gets the refusal.</summary>
    public int MaxAttempts { get; set; } = 4;

    /// <summary>
    /// How long a call may wait between its attempts, all together. Default 10 s; 0 to 10 min. A refusal whose hint lies beyond what is left
    /// is handed to the caller at once.
    /// </summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(10);

    internal IEnumerable<string> FindMistakes()
    {
        if (MaxAttempts is < 1 or > 100)
        {
            yield return $"Retries.{nameof(MaxAttempts)} is {MaxAttempts}; it must be from 1 to 100.";
        }

        if (MaxWait < TimeSpan.Zero || MaxWait > TimeSpan.FromMinutes(10))
        {
            yield return $"Retries.{nameof(MaxWait)} is {MaxWait}; it must be from 0 to 10 minutes.";
        }
    }
}
