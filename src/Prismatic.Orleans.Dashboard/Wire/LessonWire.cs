using System.Text.Json.Serialization;
using Prismatic.Lessons;
using Prismatic.Remediation;

namespace Prismatic.Dashboard;

internal sealed record LessonPageWire
{
    public required LessonWire[] Items { get; init; }

    public required string? Next { get; init; }
}

internal record LessonWire
{
    public required string Id { get; init; }

    public required string FailureMode { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<FailureClass>))]
    public required FailureClass Class { get; init; }

    public required string WorkerType { get; init; }

    public required string Child { get; init; }

    public required string RootCause { get; init; }

    /// <summary>Who gave its answer; empty when nobody did.</summary>
    public required string AnsweredBy { get; init; }

    /// <summary>What that person added; empty when nothing.</summary>
    public required string AnswerNote { get; init; }

    public required RemediationWire? Remediation { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<RuleOrigin>))]
    public required RuleOrigin Origin { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<LessonStatus>))]
    public required LessonStatus Status { get; init; }

    /// <summary>What is done about the next crash, and why.</summary>
    public required string Next { get; init; }

    public required long Crashes { get; init; }

    public required IReadOnlyDictionary<string, OutcomesWire> Outcomes { get; init; }

    public required DateTimeOffset FirstSeen { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    public required string Build { get; init; }
}

/// <summary>A lesson with what is known of its last crash, which is written behind what every lesson has.</summary>
internal sealed record LessonDetailWire : LessonWire
{
    [JsonPropertyOrder(1)]
    public required string[] Types { get; init; }

    [JsonPropertyOrder(1)]
    public required string MessageTemplate { get; init; }

    [JsonPropertyOrder(1)]
    public required string[] Frames { get; init; }

    [JsonPropertyOrder(1)]
    public required IReadOnlyDictionary<string, string> State { get; init; }

    [JsonPropertyOrder(1)]
    public required string CorrelationId { get; init; }

    [JsonPropertyOrder(1)]
    public required long Version { get; init; }
}

internal sealed record OutcomesWire(long Healed, long Failed, long Inconclusive);

internal sealed record StatisticsWire
{
    public required long TotalLessons { get; init; }

    public required long TotalCrashes { get; init; }

    public required double? AutoRemediatedRate { get; init; }

    public required double? AutoRemediatedKnownRate { get; init; }

    public required double? MeanTimeToRecoverySeconds { get; init; }

    public required double? EscalationRate { get; init; }

    public required double? FalsePositiveRate { get; init; }

    public required double? ContainedRate { get; init; }
}
