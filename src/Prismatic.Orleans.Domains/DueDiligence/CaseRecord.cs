using System.Collections.Immutable;
using Prismatic.Domains.Records;
using Prismatic.Storage;

namespace Prismatic.Domains.DueDiligence;

/// <summary>What happened to a case. <see cref="Kind"/> is a text, so that an event of another version of the program can be read and refused.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.CaseEvent")]
internal sealed record CaseEvent
{
    public const string Opened = "opened";
    public const string Moved = "moved";
    public const string EvidenceAdded = "evidence-added";

    [Id(0)] public required string Kind { get; init; }

    [Id(1)] public required DateTimeOffset At { get; init; }

    [Id(2)] public required string Actor { get; init; }

    [Id(3)] public string Reason { get; init; } = "";

    [Id(4)] public CaseState? To { get; init; }

    [Id(5)] public EntityRecord? Subject { get; init; }

    [Id(6)] public EvidenceItem? Evidence { get; init; }

    /// <summary>SHA-256 of the hash before and of everything above, in hex.</summary>
    [Id(7)] public string Hash { get; init; } = "";
}

/// <summary>A case as it is stored.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.CaseRecord")]
internal sealed record CaseRecord : ICheckedState
{
    [Id(0)] public required string Id { get; init; }

    [Id(1)] public required ImmutableArray<CaseEvent> Events { get; init; }

    public string? FindDamage() => CaseHistory.FindDamage(this);
}

[Alias("prismatic.domains.ICaseRecordGrain")]
internal interface ICaseRecordGrain : IRecordGrain<CaseRecord>;

internal sealed class CaseRecordGrain([SupervisedState("case-record")] ISupervisedState<Held<CaseRecord>> state)
    : RecordGrain<CaseRecord>(state), ICaseRecordGrain;
