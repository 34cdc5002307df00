using Prismatic.Lessons;

namespace Prismatic.Supervision;

/// <summary>An escalation: one for each group of crashes and child, for a person to resolve.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.Ticket")]
public sealed record Ticket
{
    /// <summary>The ticket's id: the supervisor's path, a colon, and a short hash of group and child.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>The child, or for a member of a family its family.</summary>
    [Id(1)] public required string Child { get; init; }

    /// <summary>The group of crashes; empty for a quarantine.</summary>
    [Id(2)] public required string Group { get; init; }

    /// <summary>The signature of the first crash; empty for a quarantine.</summary>
    [Id(3)] public required string Signature { get; init; }

    /// <summary>Why a person is asked.</summary>
    [Id(4)] public required string Reason { get; init; }

    /// <summary>Exception type and message of the last crash, redacted.</summary>
    [Id(5)] public required string Summary { get; init; }

    /// <summary>The failure class of the last crash.</summary>
    [Id(6)] public required FailureClass Class { get; init; }

    /// <summary>Crashes that opened or joined it.</summary>
    [Id(7)] public long Crashes { get; init; }

    /// <summary>When it was opened.</summary>
    [Id(8)] public DateTimeOffset OpenedAt { get; init; }

    /// <summary>When the last crash joined.</summary>
    [Id(9)] public DateTimeOffset LastSeenAt { get; init; }

    /// <summary>The correlation id of the last crash.</summary>
    [Id(10)] public string CorrelationId { get; init; } = "";

    /// <summary>When it was resolved; null while open.</summary>
    [Id(11)] public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>The answer; null while open.</summary>
    [Id(12)] public Resolution? Resolution { get; init; }
}
