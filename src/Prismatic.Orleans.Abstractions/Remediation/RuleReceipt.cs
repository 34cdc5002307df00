using System.Collections.Immutable;

namespace Prismatic.Remediation;

/// <summary>A silo that has a rule table.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.RulesAtSilo")]
public sealed record RulesAtSilo
{
    /// <summary>The silo.</summary>
    [Id(0)] public required string Silo { get; init; }

    /// <summary>The table version that it decides from; null when it did not answer in time and asks for itself, at most 30 s later.</summary>
    [Id(1)] public long? Version { get; init; }

    /// <summary>When it took that version, by its own clock; null when it did not answer.</summary>
    [Id(2)] public DateTimeOffset? Since { get; init; }
}

/// <summary>What is acknowledged of a change of rules: it is durable, and these silos have it.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.RuleReceipt")]
public sealed record RuleReceipt
{
    /// <summary>The table version from which on it is in force.</summary>
    [Id(0)] public required long Version { get; init; }

    /// <summary>Every active silo, with what it decides from.</summary>
    [Id(1)] public ImmutableArray<RulesAtSilo> Silos { get; init; } = [];

    /// <summary>Whether every active silo has it.</summary>
    public bool Everywhere => Silos.All(silo => silo.Version >= Version);
}

/// <summary>What remediation may do in the whole cluster.</summary>
[GenerateSerializer, Alias("prismatic.RemediationMode")]
public enum RemediationMode
{
    /// <summary>Rules decide.</summary>
    Active,

    /// <summary>It is said what the rules would do; the default restart is done.</summary>
    Shadow,

    /// <summary>The kill switch: the default restart is done and nothing else. Tickets are still opened.</summary>
    Off,
}

/// <summary>What became of one part of a pattern when it was tried on a crash.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.RuleTrial")]
public sealed record RuleTrial
{
    /// <summary>The rule.</summary>
    [Id(0)] public required RemediationRule Rule { get; init; }

    /// <summary>The rule in one sentence.</summary>
    [Id(1)] public required string Sentence { get; init; }

    /// <summary>Whether the crash has all parts of the pattern.</summary>
    [Id(2)] public required bool Matches { get; init; }

    /// <summary>The parts that the crash does not have, each in words; empty when it matches.</summary>
    [Id(3)] public ImmutableArray<string> Missing { get; init; } = [];
}

/// <summary>What the rules would do about a crash that somebody pasted.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.CrashTrial")]
public sealed record CrashTrial
{
    /// <summary>What was read from the text, redacted.</summary>
    [Id(0)] public required Supervision.CrashFacts Facts { get; init; }

    /// <summary>The signature that the text has; a live crash of a worker has that worker's type in it as well.</summary>
    [Id(1)] public required string Signature { get; init; }

    /// <summary>The rules that match, the one that would be applied first, then those that its ladder would go on to.</summary>
    [Id(2)] public required ImmutableArray<RuleTrial> Matching { get; init; }
}
