using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Prismatic.Remediation;

namespace Prismatic.Lessons;

/// <summary>The stored record of one lesson, with marks of its own of what it counted: it is written before the totals are.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonRecord")]
internal sealed record LessonRecord
{
    /// <summary>The form of this record; grows when a field changes its meaning.</summary>
    [Id(0)] public int SchemaVersion { get; init; } = 1;

    /// <summary>The lesson; null until the group's first crash or a person's answer.</summary>
    [Id(1)] public Lesson? Lesson { get; init; }

    /// <summary>The first index page that may list it, chosen before any does: where a listing that was cut short is looked for.</summary>
    [Id(2)] public long Page { get; init; }

    /// <summary>Reports that were counted.</summary>
    [Id(3)] public SeenReports Seen { get; init; } = new();

    /// <summary>Outcomes that were counted.</summary>
    [Id(4)] public ImmutableArray<ulong> SeenOutcomes { get; init; } = [];

    /// <summary>Whether the index lists it and the totals know.</summary>
    [Id(5)] public bool Listed { get; init; }

    /// <summary>What decides about the next crash.</summary>
    [Id(6)] public GroupEvidence Evidence { get; init; } = new();

    /// <summary>What its members answered to.</summary>
    [Id(7)] public MemberEvidence Members { get; init; } = new();

    /// <summary>How often it crashes.</summary>
    [Id(8)] public CrashRate Rate { get; init; } = new();

    /// <summary>Members that became lessons of their own, by signature.</summary>
    [Id(9)] public ImmutableDictionary<string, SplitMember> Splits { get; init; } = ImmutableDictionary<string, SplitMember>.Empty;

    /// <summary>The newest changes by people; older ones are on audit pages.</summary>
    [Id(10)] public ImmutableArray<LessonAuditEntry> Audit { get; init; } = [];

    /// <summary>The number of the last change by a person.</summary>
    [Id(11)] public long AuditNumber { get; init; }

    /// <summary>The lesson's version at the last change by a person.</summary>
    [Id(12)] public long EditedVersion { get; init; }

    /// <summary>The rules of this lesson that the registry has.</summary>
    [Id(13)] public ImmutableArray<RemediationRule> Published { get; init; } = [];

    /// <summary>On what grounds the next crash is treated.</summary>
    [Id(14)] public AdviceGround Ground { get; init; }

    /// <summary>What is done then; null where the rules decide.</summary>
    [Id(15)] public RemediationAction? Advised { get; init; }

    /// <summary>What follows it in the same incident when it did not help; null when nothing does.</summary>
    [Id(16)] public RemediationAction? Then { get; init; }

    /// <summary>Where the index starts to look for it, or for room for it; null once it is listed.</summary>
    [JsonIgnore]
    public long? Unlisted => Lesson is null || Listed ? null : Page;
}

/// <summary>A member of a group that became a lesson of its own, since it answered differently to the same remedy.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.SplitMember")]
internal sealed record SplitMember
{
    /// <summary>Its lesson.</summary>
    [Id(0)] public required string Group { get; init; }

    /// <summary>What it begins with: the member's own outcomes.</summary>
    [Id(1)] public required GroupEvidence Evidence { get; init; }
}
