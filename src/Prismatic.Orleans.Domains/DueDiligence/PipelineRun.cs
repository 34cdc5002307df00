using System.Collections.Immutable;
using Prismatic.Domains.Osint;
using Prismatic.Domains.Records;
using Prismatic.Storage;

namespace Prismatic.Domains.DueDiligence;

/// <summary>A run as it is stored. What is known after each stage is all in here, so that any incarnation can go on.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.PipelineRun")]
internal sealed record PipelineRun
{
    [Id(0)] public required string RunId { get; init; }

    [Id(1)] public required string CaseId { get; init; }

    [Id(2)] public required PipelineSpec Spec { get; init; }

    [Id(3)] public RunState State { get; init; }

    [Id(4)] public ImmutableArray<PipelineStage> Committed { get; init; } = [];

    [Id(5)] public int Attempts { get; init; }

    [Id(6)] public ImmutableArray<SourceRow> Rows { get; init; } = [];

    [Id(7)] public ImmutableArray<DeadLetter> DeadLetters { get; init; } = [];

    [Id(8)] public RiskScore? Score { get; init; }

    [Id(9)] public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The stage to run next; null when all are committed.</summary>
    public PipelineStage? Next() => Enum.GetValues<PipelineStage>().Except(Committed).Cast<PipelineStage?>().FirstOrDefault();

    public PipelineStatus ToStatus() => new()
    {
        RunId = RunId,
        CaseId = CaseId,
        State = State,
        Committed = Committed,
        Attempts = Attempts,
        Sources = [.. Rows.Select(row => new SourceOutcome { Source = row.Source, Status = row.Status, Items = row.Result?.Items.Length ?? 0 })],
        Score = Score,
    };
}

[Alias("prismatic.domains.IPipelineRunGrain")]
internal interface IPipelineRunGrain : IRecordGrain<PipelineRun>;

internal sealed class PipelineRunGrain([SupervisedState("pipeline-run")] ISupervisedState<Held<PipelineRun>> state)
    : RecordGrain<PipelineRun>(state), IPipelineRunGrain;
