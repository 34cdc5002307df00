using System.Collections.Immutable;

namespace Prismatic.Domains.DueDiligence;

/// <summary>
/// The due-diligence cases. A case is a list of events in a durable record of its own; its evidence is chained by hashes, so that a
/// record that was changed by hand, or holds an event that no version of the program wrote, is found damaged when it is read.
/// </summary>
[Alias("prismatic.ICaseManagerGrain")]
public interface ICaseManagerGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "case-manager";

    /// <summary>Opens a case as a draft and returns its id.</summary>
    [Alias("Open")]
    Task<string> Open(CaseRequest r);

    /// <summary>The case.</summary>
    /// <exception cref="ArgumentException">There is no such case.</exception>
    [Alias("Get")]
    Task<CaseView> Get(string id);

    /// <summary>
    /// Moves the case one step along draft, collecting, review, decided, closed; review may go back to collecting.
    /// Four eyes: who decides is neither who opened the case nor who sent it to review.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such step, or the actor may not take it.</exception>
    [Alias("Transition")]
    Task Transition(string id, CaseState to, string actor, string reason);

    /// <summary>Appends evidence while the case is collecting or in review. The same item again changes nothing.</summary>
    /// <exception cref="ArgumentException">The case is in another state, or its id belongs to another item.</exception>
    [Alias("AddEvidence")]
    Task AddEvidence(string id, EvidenceItem e);

    /// <summary>
    /// How well a claim is supported: contradicted when any evidence denies it, verified by three or more independent sources,
    /// partial by one or two, else unverified.
    /// </summary>
    [Alias("Verify")]
    Task<ClaimStatus> Verify(string id, string claim);

    /// <summary>The report.</summary>
    [Alias("Report")]
    Task<string> Report(string id, ReportFormat f);
}

/// <summary>What a case is about.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.CaseRequest")]
public sealed record CaseRequest
{
    /// <summary>The subject; its name is not empty.</summary>
    [Id(0)] public required EntityRecord Subject { get; init; }

    /// <summary>Who opens it; not empty.</summary>
    [Id(1)] public required string OpenedBy { get; init; }

    /// <summary>Why; may be empty.</summary>
    [Id(2)] public string Purpose { get; init; } = "";
}

/// <summary>Where a case stands.</summary>
[GenerateSerializer, Alias("prismatic.domains.CaseState")]
public enum CaseState
{
    /// <summary>Opened.</summary>
    Draft,

    /// <summary>Evidence is being gathered.</summary>
    Collecting,

    /// <summary>A person looks at it.</summary>
    Review,

    /// <summary>Decided.</summary>
    Decided,

    /// <summary>Closed.</summary>
    Closed,
}

/// <summary>A report's format.</summary>
[GenerateSerializer, Alias("prismatic.domains.ReportFormat")]
public enum ReportFormat
{
    /// <summary>Markdown.</summary>
    Markdown,

    /// <summary>JSON.</summary>
    Json,
}

/// <summary>How well a claim is supported.</summary>
[GenerateSerializer, Alias("prismatic.domains.ClaimStatus")]
public enum ClaimStatus
{
    /// <summary>No evidence speaks of it.</summary>
    Unverified,

    /// <summary>One or two independent sources support it.</summary>
    Partial,

    /// <summary>Three or more independent sources support it.</summary>
    Verified,

    /// <summary>Evidence denies it.</summary>
    Contradicted,
}

/// <summary>What a piece of evidence is.</summary>
[GenerateSerializer, Alias("prismatic.domains.EvidenceKind")]
public enum EvidenceKind
{
    /// <summary>A source's row about the subject.</summary>
    Record,

    /// <summary>A source answered and knows nothing of the subject.</summary>
    NothingFound,

    /// <summary>A source could not be asked.</summary>
    SourceMissing,

    /// <summary>A hit on a list.</summary>
    Screening,

    /// <summary>An owner of the subject.</summary>
    Ownership,

    /// <summary>A risk score.</summary>
    Score,
}

/// <summary>A piece of evidence.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.EvidenceItem")]
public sealed record EvidenceItem
{
    /// <summary>Its id within the case.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>What it is.</summary>
    [Id(1)] public required EvidenceKind Kind { get; init; }

    /// <summary>Who says so.</summary>
    [Id(2)] public required string Source { get; init; }

    /// <summary>What it says, in a sentence.</summary>
    [Id(3)] public required string Summary { get; init; }

    /// <summary>The dimension of risk it bears on; null when none.</summary>
    [Id(4)] public RiskDimension? Dimension { get; init; }

    /// <summary>The risk it shows, 0 to 1.</summary>
    [Id(5)] public double Risk { get; init; }

    /// <summary>How far it is trusted, 0 to 1.</summary>
    [Id(6)] public double Confidence { get; init; }

    /// <summary>The claim it speaks to, such as <c>ico=27074358</c>; null when none.</summary>
    [Id(7)] public string? Claim { get; init; }

    /// <summary>Whether it denies <see cref="Claim"/>.</summary>
    [Id(8)] public bool Denies { get; init; }

    /// <summary>The content, as JSON; may be empty.</summary>
    [Id(9)] public string Payload { get; init; } = "";

    /// <summary>SHA-256 of the raw answer it was read from; may be empty.</summary>
    [Id(10)] public string RawSha256 { get; init; } = "";

    /// <summary>When it was obtained.</summary>
    [Id(11)] public DateTimeOffset ObtainedAt { get; init; }
}

/// <summary>A step in a case's history.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.CaseStep")]
public sealed record CaseStep
{
    /// <summary>When.</summary>
    [Id(0)] public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    [Id(1)] public required string Actor { get; init; }

    /// <summary>The state it led to.</summary>
    [Id(2)] public required CaseState State { get; init; }

    /// <summary>Why.</summary>
    [Id(3)] public required string Reason { get; init; }
}

/// <summary>A case.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.CaseView")]
public sealed record CaseView
{
    /// <summary>Its id.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>Its subject.</summary>
    [Id(1)] public required EntityRecord Subject { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(2)] public required CaseState State { get; init; }

    /// <summary>Who opened it.</summary>
    [Id(3)] public required string OpenedBy { get; init; }

    /// <summary>Why.</summary>
    [Id(4)] public required string Purpose { get; init; }

    /// <summary>Its steps, oldest first.</summary>
    [Id(5)] public required ImmutableArray<CaseStep> Steps { get; init; }

    /// <summary>Its evidence, oldest first.</summary>
    [Id(6)] public required ImmutableArray<EvidenceItem> Evidence { get; init; }

    /// <summary>The hash of the last event, which covers all events before it.</summary>
    [Id(7)] public required string HeadHash { get; init; }
}
