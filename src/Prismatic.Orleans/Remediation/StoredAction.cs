using System.Text.Json;
using System.Text.Json.Serialization;

namespace Prismatic.Remediation;

/// <summary>A step of a ladder as it is stored: the action's name and its parameters.</summary>
[GenerateSerializer, Alias("prismatic.StoredAction")]
internal sealed class StoredAction
{
    [Id(0)] public string Action { get; set; } = "";
    [Id(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public TimeSpan? First { get; set; }
    [Id(2), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public TimeSpan? Initial { get; set; }
    [Id(3), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public TimeSpan? Max { get; set; }
    [Id(4), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public double? Factor { get; set; }
    [Id(5), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Jitter { get; set; }
    [Id(6), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int? GiveUpAfter { get; set; }
    [Id(7), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public TimeSpan? Duration { get; set; }
    [Id(8), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Target { get; set; }
    [Id(9), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Reason { get; set; }

    /// <summary>What a newer build stored beside it.</summary>
    [JsonExtensionData]
    [field: NonSerialized]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    public static StoredAction Of(RemediationAction action) => action switch
    {
        RestartWithBackoff backoff => new()
        {
            Action = action.Name,
            First = backoff.First,
            Initial = backoff.Initial,
            Max = backoff.Max,
            Factor = backoff.Factor,
            Jitter = backoff.Jitter.ToString(),
            GiveUpAfter = backoff.GiveUpAfter,
        },
        RedirectToFallback redirect => new() { Action = action.Name, Duration = redirect.Duration },
        CircuitBreak circuit => new() { Action = action.Name, Target = circuit.Target, Duration = circuit.Duration },
        Escalate escalate => new() { Action = action.Name, Reason = escalate.Reason },
        _ => new() { Action = action.Name },
    };

    /// <summary>The action, or null with the problem when this build does not know a part of it.</summary>
    public RemediationAction? Read(out string? problem)
    {
        var jitter = BackoffJitter.Decorrelated;
        problem = Unknown is { Count: > 0 } ? $"its action has parts that this build does not know: {string.Join(", ", Unknown.Keys)}."
            : Jitter is not null && !Enum.TryParse(Jitter, out jitter) ? $"this build does not know the jitter '{Jitter}'."
            : null;
        RemediationAction? action = Action switch
        {
            _ when problem is not null => null,
            nameof(RestartWithBackoff) => Backoff(jitter),
            nameof(RestartWithStateReset) => new RestartWithStateReset(),
            nameof(RedirectToFallback) => new RedirectToFallback { Duration = Duration ?? default },
            nameof(CircuitBreak) => new CircuitBreak { Target = Target, Duration = Duration ?? default },
            nameof(Escalate) => new Escalate { Reason = Reason ?? "" },
            _ => null,
        };
        problem ??= action is null ? $"this build does not know the action '{Action}'." : null;
        return action;
    }

    // What an older build did not store has the default, as it had then.
    private RestartWithBackoff Backoff(BackoffJitter jitter)
    {
        var defaults = new RestartWithBackoff();
        return new RestartWithBackoff
        {
            First = First ?? default,
            Initial = Initial ?? default,
            Max = Max ?? default,
            Factor = Factor ?? defaults.Factor,
            Jitter = jitter,
            GiveUpAfter = GiveUpAfter ?? defaults.GiveUpAfter,
        };
    }
}
