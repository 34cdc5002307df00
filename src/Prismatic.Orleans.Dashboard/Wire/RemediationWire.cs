using System.Text.Json.Serialization;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Dashboard;

/// <summary>A remediation with its own parameters only, and as a sentence.</summary>
internal sealed record RemediationWire
{
    public required string Action { get; init; }

    public required string Sentence { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FirstSeconds { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? InitialSeconds { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MaxSeconds { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Factor { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(JsonStringEnumConverter<BackoffJitter>))]
    public BackoffJitter? Jitter { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? GiveUpAfter { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? DurationSeconds { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Target { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }
}

internal sealed record RuleWire
{
    public required string Id { get; init; }

    public required string Sentence { get; init; }

    public required PatternWire Pattern { get; init; }

    public required RemediationWire Remediation { get; init; }

    /// <summary>What is done instead, one after the other, when the remediation did not help.</summary>
    public required RemediationWire[] Ladder { get; init; }

    /// <summary>Whether it only says what it would do.</summary>
    public required bool Shadow { get; init; }

    public required int Priority { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<RuleOrigin>))]
    public required RuleOrigin Origin { get; init; }

    public required string? Lesson { get; init; }
}

internal sealed record PatternWire
{
    public required string? Signature { get; init; }

    public required string? ExceptionType { get; init; }

    public required string? Code { get; init; }

    public required string[] CodeValues { get; init; }

    public required string? MessageTemplate { get; init; }

    public required string? MessageContains { get; init; }

    public required string? MessageRegex { get; init; }

    public required string? FrameStartsWith { get; init; }

    public required string? Worker { get; init; }

    public required string? Under { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<FailureClass>))]
    public required FailureClass? Class { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<Blame>))]
    public required Blame? Blame { get; init; }

    public required bool StateDamaged { get; init; }

    public required bool TargetKnown { get; init; }

    public required bool FailedStart { get; init; }
}
