using System.Collections.Immutable;

namespace Prismatic.Domains.Evolution;

/// <summary>
/// Evolves configuration by a genetic algorithm: tournaments of three, uniform crossover, Gaussian mutation, the best tenth kept.
/// Fitness comes from replaying recorded incidents (<see cref="IFitnessEvaluatorGrain"/>). The same seed gives the same run, also across restarts.
/// </summary>
[Alias("prismatic.IMendelEngineGrain")]
public interface IMendelEngineGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "mendel-engine";

    /// <summary>Makes the first generation and returns the run's id. The defaults are one of its members.</summary>
    /// <param name="g">The genes, and the trace to be fit for.</param>
    /// <param name="size">Chromosomes in a generation, 4 to 500.</param>
    /// <param name="rngSeed">The seed of all chance in the run.</param>
    [Alias("Seed")]
    Task<string> Seed(GenomeSpec g, int size, int rngSeed);

    /// <summary>Makes and measures the next generation. At most 1,000 for a run.</summary>
    [Alias("Step")]
    Task<GenerationReport> Step(string runId);

    /// <summary>The best chromosome so far.</summary>
    [Alias("Champion")]
    Task<Chromosome> Champion(string runId);

    /// <summary>Makes the champion the current configuration if it beats it on the held-out trace; otherwise nothing changes.</summary>
    [Alias("Promote")]
    Task<PromotionResult> Promote(string runId);

    /// <summary>Goes back to the configuration before the last promotion; nothing happens when there is none. The last 20 are kept.</summary>
    [Alias("Rollback")]
    Task Rollback();
}

/// <summary>What values a gene has.</summary>
[GenerateSerializer, Alias("prismatic.domains.GeneKind")]
public enum GeneKind
{
    /// <summary>Any number of the range.</summary>
    Float,

    /// <summary>A whole number of the range.</summary>
    Integer,

    /// <summary>One of the options; the value is its position.</summary>
    Enum,
}

/// <summary>A gene.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.GeneSpec")]
public sealed record GeneSpec
{
    /// <summary>Its name, such as <c>breaker.consecutive</c>.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>What values it has.</summary>
    [Id(1)] public required GeneKind Kind { get; init; }

    /// <summary>The least value; 0 for an enum.</summary>
    [Id(2)] public double Min { get; init; }

    /// <summary>The greatest value; ignored for an enum.</summary>
    [Id(3)] public double Max { get; init; }

    /// <summary>The options of an enum.</summary>
    [Id(4)] public ImmutableArray<string> Options { get; init; } = [];

    /// <summary>The value in use today.</summary>
    [Id(5)] public required double Default { get; init; }
}

/// <summary>What a run evolves, and for what.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.GenomeSpec")]
public sealed record GenomeSpec
{
    /// <summary>The genes; 1 to 50.</summary>
    [Id(0)] public required ImmutableArray<GeneSpec> Genes { get; init; }

    /// <summary>The trace to be fit for.</summary>
    [Id(1)] public required string TraceId { get; init; }

    /// <summary>The trace that decides on promotion; another one.</summary>
    [Id(2)] public required string HeldOutTraceId { get; init; }
}

/// <summary>A configuration.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.Chromosome")]
public sealed record Chromosome
{
    /// <summary>Its id, within its run.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>The genes' values by name.</summary>
    [Id(1)] public required ImmutableDictionary<string, double> Genes { get; init; }

    /// <summary>Its fitness, 0 to 1; null until measured.</summary>
    [Id(2)] public double? Fitness { get; init; }

    /// <summary>The generation it was born in, from 0.</summary>
    [Id(3)] public int Generation { get; init; }

    /// <summary>The ids of its parents; empty in generation 0.</summary>
    [Id(4)] public ImmutableArray<string> Parents { get; init; } = [];
}

/// <summary>A generation.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.GenerationReport")]
public sealed record GenerationReport
{
    /// <summary>Its number; the seeded one is 0.</summary>
    [Id(0)] public required int Generation { get; init; }

    /// <summary>The best fitness.</summary>
    [Id(1)] public required double Best { get; init; }

    /// <summary>The mean fitness.</summary>
    [Id(2)] public required double Mean { get; init; }

    /// <summary>Whether all chromosomes are equally fit.</summary>
    [Id(3)] public required bool Converged { get; init; }
}

/// <summary>What became of a promotion.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.PromotionResult")]
public sealed record PromotionResult
{
    /// <summary>Whether the champion is now the current configuration.</summary>
    [Id(0)] public required bool Promoted { get; init; }

    /// <summary>The champion's fitness on the held-out trace.</summary>
    [Id(1)] public required double Champion { get; init; }

    /// <summary>The fitness of what was current before, on the same trace.</summary>
    [Id(2)] public required double Current { get; init; }
}
