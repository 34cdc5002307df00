using System.Text.Json.Serialization;
using Prismatic.Lessons;

namespace Prismatic.Dashboard;

internal sealed record TicketWire
{
    public required string Id { get; init; }

    public required bool Open { get; init; }

    public required string Child { get; init; }

    public required string Group { get; init; }

    public required string Signature { get; init; }

    public required string Reason { get; init; }

    public required string Summary { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<FailureClass>))]
    public required FailureClass Class { get; init; }

    public required long Crashes { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public required DateTimeOffset LastSeenAt { get; init; }

    public required string CorrelationId { get; init; }

    public required DateTimeOffset? ResolvedAt { get; init; }

    public required ResolutionWire? Resolution { get; init; }
}

internal sealed record ResolutionWire(RemediationWire Remediation, string RootCause, string Note, string By);

/// <summary>The answer to a resolution; no lesson when the ticket was of a quarantine.</summary>
internal sealed record ResolvedWire
{
    public required string Id { get; init; }

    public required LessonDetailWire? Lesson { get; init; }
}
