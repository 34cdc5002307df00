namespace Prismatic.Remediation;

/// <summary>A step of a ladder that did not help one child against one group of crashes.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.FailedStep")]
internal sealed record FailedStep
{
    /// <summary>The group of crashes that came back.</summary>
    [Id(0)] public required string Group { get; init; }

    /// <summary>The rule.</summary>
    [Id(1)] public required string Rule { get; init; }

    /// <summary>Which of its steps: 0 is the rule's action, 1 the first of its ladder.</summary>
    [Id(2)] public required int Step { get; init; }

    /// <summary>What the rule asked for. A rule that was changed since has not failed.</summary>
    [Id(3)] public required RemediationAction Asked { get; init; }

    /// <summary>How often it did not help.</summary>
    [Id(4)] public required int Failures { get; init; }

    /// <summary>How often it may fail before the ladder goes on; 0: as often as it likes.</summary>
    [Id(5)] public required int Limit { get; init; }

    public bool IsSpent => Limit > 0 && Failures >= Limit;

    public bool IsOf(string group, string rule, int step, RemediationAction asked) => Group == group && Rule == rule && Step == step && Asked == asked;
}
