using System.Text.Json.Serialization;
using Prismatic.Remediation;

namespace Prismatic.Dashboard;

/// <summary>A remediation as a person sends it: the action's name and those of its parameters that differ from the default.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RemediationRequest
{
    /// <summary>A week: longer than any delay that still deserves the name, and far from what a time span can hold.</summary>
    public const double LongestSeconds = 604_800;

    public string? Action { get; init; }

    public double? FirstSeconds { get; init; }

    public double? InitialSeconds { get; init; }

    public double? MaxSeconds { get; init; }

    public double? Factor { get; init; }

    public string? Jitter { get; init; }

    public int? GiveUpAfter { get; init; }

    public double? DurationSeconds { get; init; }

    public string? Target { get; init; }

    public string? Reason { get; init; }

    /// <summary>The action, or a sentence that names what is wrong.</summary>
    public (RemediationAction? Action, string? Error) Read()
    {
        string[] parameters = Action switch
        {
            nameof(RestartWithBackoff) => ["firstSeconds", "initialSeconds", "maxSeconds", "factor", "jitter", "giveUpAfter"],
            nameof(RestartWithStateReset) => [],
            nameof(RedirectToFallback) => ["durationSeconds"],
            nameof(CircuitBreak) => ["durationSeconds", "target"],
            nameof(Escalate) => ["reason"],
            _ => ["?"],
        };
        if (parameters is ["?"])
        {
            return (null, $"'remediation.action' is '{Action}'; it must be one of RestartWithBackoff, RestartWithStateReset, RedirectToFallback, CircuitBreak, Escalate.");
        }

        var wrong = Given().FirstOrDefault(given => !parameters.Contains(given.Name));
        if (wrong.Name is not null)
        {
            var takes = parameters.Length == 0 ? "it takes none" : $"it takes {string.Join(", ", parameters)}";
            return (null, $"'remediation.{wrong.Name}' is not a parameter of {Action}; {takes}.");
        }

        return OutOfRange() is { } error ? (null, error) : (Build(), null);
    }

    private IEnumerable<(string Name, double? Seconds)> Given()
    {
        (string Name, double? Seconds, bool Is)[] all =
        [
            ("firstSeconds", FirstSeconds, FirstSeconds is not null),
            ("initialSeconds", InitialSeconds, InitialSeconds is not null),
            ("maxSeconds", MaxSeconds, MaxSeconds is not null),
            ("factor", null, Factor is not null),
            ("jitter", null, Jitter is not null),
            ("giveUpAfter", null, GiveUpAfter is not null),
            ("durationSeconds", DurationSeconds, DurationSeconds is not null),
            ("target", null, Target is not null),
            ("reason", null, Reason is not null),
        ];
        return all.Where(one => one.Is).Select(one => (one.Name, one.Seconds));
    }

    private string? OutOfRange()
    {
        foreach (var (name, seconds) in Given())
        {
            if (seconds is not null and not (>= 0 and <= LongestSeconds))
            {
                return $"'remediation.{name}' is {seconds}; it must be a number of seconds from 0 to {LongestSeconds}.";
            }
        }

        if (Factor is not null and not (>= 1 and <= RuleValidation.MaxFactor))
        {
            return $"'remediation.factor' is {Factor}; it must be a number from 1 to {RuleValidation.MaxFactor}.";
        }

        if (Jitter is { } jitter && !Enum.GetNames<BackoffJitter>().Contains(jitter))
        {
            return $"'remediation.jitter' is '{jitter}'; it must be one of {string.Join(", ", Enum.GetNames<BackoffJitter>())}.";
        }

        if (GiveUpAfter is < 0 or > RuleValidation.MaxGiveUp)
        {
            return $"'remediation.giveUpAfter' is {GiveUpAfter}; it must be a whole number from 0, which never gives up, to {RuleValidation.MaxGiveUp}.";
        }

        if (DurationSeconds is 0)
        {
            return "'remediation.durationSeconds' is 0; it must be more than 0.";
        }

        if (Target is { } target && (string.IsNullOrWhiteSpace(target) || target.Length > 200))
        {
            return "'remediation.target' must have 1 to 200 characters.";
        }

        if (Reason is { } reason && (string.IsNullOrWhiteSpace(reason) || reason.Length > 200))
        {
            return "'remediation.reason' must have 1 to 200 characters.";
        }

        return Action is nameof(RestartWithBackoff) && Build() is RestartWithBackoff restart && restart.Initial > restart.Max
            ? $"'remediation.initialSeconds' is {restart.Initial.TotalSeconds}; it must not be more than 'remediation.maxSeconds', which is {restart.Max.TotalSeconds}."
            : null;
    }

    private RemediationAction Build() => Action switch
    {
        nameof(RestartWithBackoff) => Restart(new RestartWithBackoff()),
        nameof(RestartWithStateReset) => new RestartWithStateReset(),
        nameof(RedirectToFallback) => new RedirectToFallback { Duration = Span(DurationSeconds, new RedirectToFallback().Duration) },
        nameof(CircuitBreak) => new CircuitBreak { Target = Target, Duration = Span(DurationSeconds, new CircuitBreak().Duration) },
        _ => Reason is null ? new Escalate() : new Escalate { Reason = Reason },
    };

    private RestartWithBackoff Restart(RestartWithBackoff defaults) => new()
    {
        First = Span(FirstSeconds, defaults.First),
        Initial = Span(InitialSeconds, defaults.Initial),
        Max = Span(MaxSeconds, defaults.Max),
        Factor = Factor ?? defaults.Factor,
        Jitter = Jitter is null ? defaults.Jitter : Enum.Parse<BackoffJitter>(Jitter),
        GiveUpAfter = GiveUpAfter ?? defaults.GiveUpAfter,
    };

    private static TimeSpan Span(double? seconds, TimeSpan otherwise) => seconds is { } given ? TimeSpan.FromSeconds(given) : otherwise;
}
