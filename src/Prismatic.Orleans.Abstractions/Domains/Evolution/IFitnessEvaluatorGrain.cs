using System.Collections.Immutable;

namespace Prismatic.Domains.Evolution;

/// <summary>
/// Measures a configuration by replaying a recorded incident in simulated time: what would the breaker have let through, refused and
/// waited for? Traces have durable records of their own.
/// </summary>
[Alias("prismatic.IFitnessEvaluatorGrain")]
public interface IFitnessEvaluatorGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "fitness-evaluator";

    /// <summary>The fitness of one configuration.</summary>
    /// <exception cref="ArgumentException">There is no such trace, or a gene is not a finite number.</exception>
    [Alias("Evaluate")]
    Task<FitnessResult> Evaluate(Chromosome c, string traceId);

    /// <summary>The fitness of many, in their order.</summary>
    [Alias("EvaluateBatch")]
    Task<ImmutableArray<FitnessResult>> EvaluateBatch(ImmutableArray<Chromosome> c, string traceId);

    /// <summary>Sets the weights for a domain's traces; durable.</summary>
    [Alias("SetWeights")]
    Task SetWeights(string domain, FitnessWeights w);

    /// <summary>Keeps a trace, in place of the one with its id. At most 50,000 points.</summary>
    [Alias("LoadTrace")]
    Task LoadTrace(IncidentTrace t);

    /// <summary>The fitness of the defaults.</summary>
    [Alias("Baseline")]
    Task<FitnessResult> Baseline(string traceId);
}

/// <summary>A request to a dependency, and what the dependency would have answered then.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.TracePoint")]
public sealed record TracePoint
{
    /// <summary>Milliseconds since the trace began; never less than the point before.</summary>
    [Id(0)] public required double AtMs { get; init; }

    /// <summary>The dependency.</summary>
    [Id(1)] public required string Dependency { get; init; }

    /// <summary>Whether it would have answered.</summary>
    [Id(2)] public required bool Up { get; init; }

    /// <summary>How long the answer, or the failure, would have taken.</summary>
    [Id(3)] public required double LatencyMs { get; init; }
}

/// <summary>A recorded incident.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.IncidentTrace")]
public sealed record IncidentTrace
{
    /// <summary>Its id.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>The domain it was seen in.</summary>
    [Id(1)] public required string Domain { get; init; }

    /// <summary>The requests, in order of time.</summary>
    [Id(2)] public required ImmutableArray<TracePoint> Points { get; init; }

    /// <summary>The hard limit: calls to a dependency that is down within any minute; a configuration beyond it has fitness 0. Zero: none.</summary>
    [Id(3)] public int MaxFailedCallsPerMinute { get; init; }
}

/// <summary>The weights of the four parts; none is negative, and they are brought to a sum of 1.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.FitnessWeights")]
public sealed record FitnessWeights
{
    /// <summary>Default 0.5.</summary>
    [Id(0)] public double Correctness { get; init; } = 0.5;

    /// <summary>Default 0.3.</summary>
    [Id(1)] public double Performance { get; init; } = 0.3;

    /// <summary>Default 0.1.</summary>
    [Id(2)] public double Maintainability { get; init; } = 0.1;

    /// <summary>Default 0.1.</summary>
    [Id(3)] public double Compliance { get; init; } = 0.1;
}

/// <summary>A configuration's fitness on one trace.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.FitnessResult")]
public sealed record FitnessResult
{
    /// <summary>The chromosome.</summary>
    [Id(0)] public required string ChromosomeId { get; init; }

    /// <summary>The weighted sum, 0 to 1.</summary>
    [Id(1)] public required double Total { get; init; }

    /// <summary>Share of answerable requests that were answered.</summary>
    [Id(2)] public required double Correctness { get; init; }

    /// <summary>1 less the share of time that was waited for failures.</summary>
    [Id(3)] public required double Performance { get; init; }

    /// <summary>1 less the share of genes that differ from the defaults, halved.</summary>
    [Id(4)] public required double Maintainability { get; init; }

    /// <summary>1 within the trace's hard limit, 0 beyond it.</summary>
    [Id(5)] public required double Compliance { get; init; }
}
