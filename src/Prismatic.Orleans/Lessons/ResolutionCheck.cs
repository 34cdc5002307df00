using Prismatic.Remediation;
using Prismatic.Telemetry;

namespace Prismatic.Lessons;

/// <summary>Whether a person's answer can become a lesson.</summary>
internal static class ResolutionCheck
{
    private const int MaxText = 2000;
    private const int MaxName = 80;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>The answer with secrets taken out of its texts.</summary>
    /// <exception cref="ArgumentException">It lists everything that is wrong.</exception>
    public static Resolution Checked(string group, string signature, Resolution resolution)
    {
        ArgumentNullException.ThrowIfNull(resolution);
        var wrong = Problems(group, signature, resolution).ToList();
        return wrong.Count > 0
            ? throw new ArgumentException(string.Join(" ", wrong), nameof(resolution))
            : resolution with
            {
                RootCause = Redaction.Scrub(resolution.RootCause.Trim(), MaxText),
                Note = Redaction.Scrub(resolution.Note, MaxText),
            };
    }

    private static IEnumerable<string> Problems(string group, string signature, Resolution resolution)
    {
        if (string.IsNullOrEmpty(group) || group.Length > MaxName)
        {
            yield return $"A lesson needs the group of crashes that it is about, 1 to {MaxName} characters; a ticket of a quarantine has none.";
        }

        if (string.IsNullOrEmpty(signature) || signature.Length > MaxName)
        {
            yield return $"A lesson needs the signature that its rule matches, 1 to {MaxName} characters.";
        }

        if (string.IsNullOrWhiteSpace(resolution.RootCause) || resolution.RootCause.Length > MaxText)
        {
            yield return $"The root cause has 1 to {MaxText} characters; it has {resolution.RootCause?.Trim().Length ?? 0}.";
        }

        if (resolution.Note is null || resolution.Note.Length > MaxText)
        {
            yield return $"The note has at most {MaxText} characters.";
        }

        foreach (var problem in Problems(resolution.Remediation))
        {
            yield return problem;
        }
    }

    /// <summary>What is wrong with the parameters of an action.</summary>
    public static IEnumerable<string> Problems(RemediationAction? action) => action switch
    {
        null => ["A remediation is missing."],
        RestartWithBackoff { First.Ticks: < 0 } or RestartWithBackoff { Initial.Ticks: < 0 } => ["The delays of RestartWithBackoff are not negative."],
        RestartWithBackoff { Max: var max } when max > Longest => ["The delays of RestartWithBackoff are at most one day."],
        RestartWithBackoff restart when restart.First > restart.Max =>
            [$"The first delay of RestartWithBackoff, {restart.First}, is longer than the longest, {restart.Max}."],
        RestartWithBackoff restart when restart.Initial > restart.Max =>
            [$"The shortest delay of RestartWithBackoff, {restart.Initial}, is longer than the longest, {restart.Max}."],
        RestartWithBackoff { Factor: not (>= 1 and <= RuleValidation.MaxFactor) } => [$"The factor of RestartWithBackoff is from 1 to {RuleValidation.MaxFactor}."],
        RestartWithBackoff { GiveUpAfter: < 0 or > RuleValidation.MaxGiveUp } => [$"RestartWithBackoff gives up after 0, which is never, to {RuleValidation.MaxGiveUp} restarts."],
        RestartWithBackoff restart when !Enum.IsDefined(restart.Jitter) => ["The jitter of RestartWithBackoff is Decorrelated, Full, Equal or None."],
        RedirectToFallback { Duration.Ticks: <= 0 } => ["The duration of RedirectToFallback is positive."],
        RedirectToFallback redirect when redirect.Duration > Longest => ["The duration of RedirectToFallback is at most one day."],
        CircuitBreak { Duration.Ticks: <= 0 } => ["The duration of CircuitBreak is positive."],
        CircuitBreak circuit when circuit.Duration > Longest => ["The duration of CircuitBreak is at most one day."],
        Escalate { Reason: not { Length: > 0 and <= 500 } } => ["The reason of Escalate has 1 to 500 characters."],
        CircuitBreak { Target: "" } => ["The target of CircuitBreak is a name, or null for the one that the crash names."],
        _ => [],
    };
}
