using System.Collections.Immutable;
using Prismatic.Domains.Osint;

namespace Prismatic.Domains.DueDiligence;

/// <summary>
/// Runs a case through its stages: collect, screen, score. <see cref="Start"/> returns at once; the run goes on in a timer of the grain,
/// so that <see cref="Status"/> can be asked meanwhile. Every stage is committed to the run's own durable record: an incarnation that
/// follows a crash goes on after the last committed stage. A stage that crashed three times ends its run as failed.
/// </summary>
[Alias("prismatic.IPipelineCoordinatorGrain")]
public interface IPipelineCoordinatorGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "pipeline-coordinator";

    /// <summary>Starts a run and returns its id. A draft becomes collecting; when the run completes the case goes to review.</summary>
    /// <exception cref="ArgumentException">There is no such case, it is past collecting, or the spec is not valid.</exception>
    [Alias("Start")]
    Task<string> Start(string caseId, PipelineSpec s);

    /// <summary>The run as it is now.</summary>
    [Alias("Status")]
    Task<PipelineStatus> Status(string runId);

    /// <summary>Cancels a run after the stage that it is in; nothing happens to one that has ended.</summary>
    [Alias("Cancel")]
    Task Cancel(string runId);

    /// <summary>The sources that could not be asked, and the stage that ended the run when it failed.</summary>
    [Alias("DeadLetters")]
    Task<ImmutableArray<DeadLetter>> DeadLetters(string runId);

    /// <summary>Goes on with a failed or cancelled run after its last committed stage and returns its id. Does nothing to a running or completed one.</summary>
    [Alias("Resume")]
    Task<string> Resume(string runId);

    /// <summary>Scores a case from the evidence it has now. What is not known widens the range; it never counts as no risk.</summary>
    [Alias("Score")]
    Task<RiskScore> Score(string caseId, RiskWeights w);
}

/// <summary>What a run does.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.PipelineSpec")]
public sealed record PipelineSpec
{
    /// <summary>The sources to ask; empty for all that accept the subject's kind.</summary>
    [Id(0)] public ImmutableArray<string> Sources { get; init; } = [];

    /// <summary>The least score of a screening hit. 0.5 to 1; default 0.85.</summary>
    [Id(1)] public double ScreeningThreshold { get; init; } = 0.85;

    /// <summary>The weights of the score.</summary>
    [Id(2)] public RiskWeights Weights { get; init; } = new();

    /// <summary>The limits of the fan-out. By default 10 at once, 5 s each.</summary>
    [Id(3)] public FanOutLimits Limits { get; init; } = new();
}

/// <summary>A stage.</summary>
[GenerateSerializer, Alias("prismatic.domains.PipelineStage")]
public enum PipelineStage
{
    /// <summary>Asks the sources.</summary>
    Collect,

    /// <summary>Matches rows with the subject, screens it and its owners against the lists.</summary>
    Screen,

    /// <summary>Scores.</summary>
    Score,
}

/// <summary>What a run is doing.</summary>
[GenerateSerializer, Alias("prismatic.domains.RunState")]
public enum RunState
{
    /// <summary>Running, or waiting for the next incarnation to go on.</summary>
    Running,

    /// <summary>All stages are committed.</summary>
    Completed,

    /// <summary>Cancelled.</summary>
    Cancelled,

    /// <summary>A stage crashed three times.</summary>
    Failed,
}

/// <summary>A run.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.PipelineStatus")]
public sealed record PipelineStatus
{
    /// <summary>Its id.</summary>
    [Id(0)] public required string RunId { get; init; }

    /// <summary>Its case.</summary>
    [Id(1)] public required string CaseId { get; init; }

    /// <summary>What it is doing.</summary>
    [Id(2)] public required RunState State { get; init; }

    /// <summary>The stages committed.</summary>
    [Id(3)] public required ImmutableArray<PipelineStage> Committed { get; init; }

    /// <summary>How often the stage in progress was begun.</summary>
    [Id(4)] public required int Attempts { get; init; }

    /// <summary>What became of each source, once collected.</summary>
    [Id(5)] public required ImmutableArray<SourceOutcome> Sources { get; init; }

    /// <summary>The score, once it is there.</summary>
    [Id(6)] public RiskScore? Score { get; init; }
}

/// <summary>What became of one source in a run.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.SourceOutcome")]
public sealed record SourceOutcome
{
    /// <summary>The source.</summary>
    [Id(0)] public required string Source { get; init; }

    /// <summary>What became of it.</summary>
    [Id(1)] public required FetchStatus Status { get; init; }

    /// <summary>Rows it gave.</summary>
    [Id(2)] public required int Items { get; init; }
}

/// <summary>What a run could not do.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.DeadLetter")]
public sealed record DeadLetter
{
    /// <summary>The stage.</summary>
    [Id(0)] public required PipelineStage Stage { get; init; }

    /// <summary>The source, or the stage's name when the stage itself failed.</summary>
    [Id(1)] public required string Source { get; init; }

    /// <summary>The failure's type name.</summary>
    [Id(2)] public required string ErrorType { get; init; }

    /// <summary>Its message.</summary>
    [Id(3)] public required string Message { get; init; }

    /// <summary>The id under which supervision knows the crash; null when it is none.</summary>
    [Id(4)] public string? Correlation { get; init; }

    /// <summary>When.</summary>
    [Id(5)] public required DateTimeOffset At { get; init; }
}

/// <summary>A dimension of risk.</summary>
[GenerateSerializer, Alias("prismatic.domains.RiskDimension")]
public enum RiskDimension
{
    /// <summary>Sanctions and other lists.</summary>
    Sanctions,

    /// <summary>Insolvency.</summary>
    Insolvency,

    /// <summary>Who owns it.</summary>
    Ownership,

    /// <summary>Its figures.</summary>
    Financial,

    /// <summary>Its lawsuits.</summary>
    Litigation,
}

/// <summary>The weights of the dimensions; none is negative, and they need not add up to 1.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.RiskWeights")]
public sealed record RiskWeights
{
    /// <summary>Default 0.35.</summary>
    [Id(0)] public double Sanctions { get; init; } = 0.35;

    /// <summary>Default 0.2.</summary>
    [Id(1)] public double Insolvency { get; init; } = 0.2;

    /// <summary>Default 0.15.</summary>
    [Id(2)] public double Ownership { get; init; } = 0.15;

    /// <summary>Default 0.15.</summary>
    [Id(3)] public double Financial { get; init; } = 0.15;

    /// <summary>Default 0.15.</summary>
    [Id(4)] public double Litigation { get; init; } = 0.15;
}

/// <summary>One dimension's score.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.DimensionScore")]
public sealed record DimensionScore
{
    /// <summary>The dimension.</summary>
    [Id(0)] public required RiskDimension Dimension { get; init; }

    /// <summary>The estimate, 0 to 1; 0.5 when nothing is known.</summary>
    [Id(1)] public required double Score { get; init; }

    /// <summary>How little is known, 0 to 1.</summary>
    [Id(2)] public required double Uncertainty { get; init; }

    /// <summary>The least it may be.</summary>
    [Id(3)] public required double Low { get; init; }

    /// <summary>The most it may be.</summary>
    [Id(4)] public required double High { get; init; }

    /// <summary>The evidence it rests on, by id.</summary>
    [Id(5)] public required ImmutableArray<string> Evidence { get; init; }
}

/// <summary>A risk score: an estimate and a range.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.RiskScore")]
public sealed record RiskScore
{
    /// <summary>The estimate, 0 to 1.</summary>
    [Id(0)] public required double Total { get; init; }

    /// <summary>The least it may be.</summary>
    [Id(1)] public required double Low { get; init; }

    /// <summary>The most it may be.</summary>
    [Id(2)] public required double High { get; init; }

    /// <summary>The dimensions.</summary>
    [Id(3)] public required ImmutableArray<DimensionScore> Dimensions { get; init; }
}
