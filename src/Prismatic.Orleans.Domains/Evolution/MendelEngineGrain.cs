using System.Collections.Immutable;
using System.Globalization;
using Prismatic.Domains.Records;
using Prismatic.Storage;

namespace Prismatic.Domains.Evolution;

/// <summary>A run as it is stored; its last generation is always a measured one.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.EvolutionRun")]
internal sealed record EvolutionRun
{
    [Id(0)] public required GenomeSpec Spec { get; init; }

    [Id(1)] public required int RngSeed { get; init; }

    [Id(2)] public required int Generation { get; init; }

    [Id(3)] public required ImmutableArray<Chromosome> Population { get; init; }

    [Id(4)] public required Chromosome Champion { get; init; }
}

[Alias("prismatic.domains.IEvolutionRunGrain")]
internal interface IEvolutionRunGrain : IRecordGrain<EvolutionRun>;

internal sealed class EvolutionRunGrain([SupervisedState("evolution-run")] ISupervisedState<Held<EvolutionRun>> state)
    : RecordGrain<EvolutionRun>(state), IEvolutionRunGrain;

internal sealed class Configurations
{
    public long LastRun { get; set; }

    /// <summary>What was promoted, the current one last; the defaults when empty.</summary>
    public List<Chromosome> Promoted { get; set; } = [];
}

internal sealed class MendelEngineGrain(
    [SupervisedState("evolved-configurations")] ISupervisedState<Configurations> configurations,
    IGrainFactory grains) : Grain, IMendelEngineGrain
{
    private const int MostGenerations = 1_000;
    private const int MostPromoted = 20;

    private IFitnessEvaluatorGrain Fitness => grains.GetGrain<IFitnessEvaluatorGrain>(IFitnessEvaluatorGrain.Key);

    public async Task<string> Seed(GenomeSpec g, int size, int rngSeed)
    {
        Check(g);
        Demand.Range(size, 4, 500, nameof(size));
        var population = await Measure(Genetics.First(g.Genes, size, Genetics.Chance(rngSeed, 0)), g.TraceId);
        configurations.Value.LastRun++;
        await configurations.WriteAsync();
        var runId = string.Create(CultureInfo.InvariantCulture, $"evolution-{configurations.Value.LastRun:D6}");
        await Record(runId).Write(new EvolutionRun { Spec = g, RngSeed = rngSeed, Generation = 0, Population = population, Champion = Best(population) });
        return runId;
    }

    public async Task<GenerationReport> Step(string runId)
    {
        var run = await Find(runId);
        var generation = run.Generation + 1;
        Demand.That(generation <= MostGenerations, nameof(runId), $"Run {runId} has used up its {MostGenerations} generations.");
        var next = Genetics.Next(run.Spec.Genes, run.Population, generation, Genetics.Chance(run.RngSeed, generation));
        var population = await Measure(next, run.Spec.TraceId);
        await Record(runId).Write(run with { Generation = generation, Population = population, Champion = Best(population.Prepend(run.Champion)) });
        return new GenerationReport
        {
            Generation = generation,
            Best = population.Max(each => each.Fitness!.Value),
            Mean = population.Average(each => each.Fitness!.Value),
            Converged = population.All(each => each.Fitness == population[0].Fitness),
        };
    }

    public async Task<Chromosome> Champion(string runId) => (await Find(runId)).Champion;

    public async Task<PromotionResult> Promote(string runId)
    {
        var run = await Find(runId);
        var current = configurations.Value.Promoted.LastOrDefault() ?? Defaults(run.Spec);
        var results = await Fitness.EvaluateBatch([run.Champion, current], run.Spec.HeldOutTraceId);
        var better = results[0].Total > results[1].Total;
        if (better)
        {
            configurations.Value.Promoted.Add(run.Champion);
            configurations.Value.Promoted.RemoveRange(0, Math.Max(0, configurations.Value.Promoted.Count - MostPromoted));
            await configurations.WriteAsync();
        }

        return new PromotionResult { Promoted = better, Champion = results[0].Total, Current = results[1].Total };
    }

    public async Task Rollback()
    {
        if (configurations.Value.Promoted.Count > 0)
        {
            configurations.Value.Promoted.RemoveAt(configurations.Value.Promoted.Count - 1);
            await configurations.WriteAsync();
        }
    }

    private async Task<ImmutableArray<Chromosome>> Measure(ImmutableArray<Chromosome> population, string traceId)
    {
        var unmeasured = population.Where(each => each.Fitness is null).ToImmutableArray();
        var results = (await Fitness.EvaluateBatch(unmeasured, traceId)).ToDictionary(result => result.ChromosomeId, result => result.Total);
        return [.. population.Select(each => each.Fitness is null ? each with { Fitness = results[each.Id] } : each)];
    }

    private static Chromosome Best(IEnumerable<Chromosome> population) => population.MaxBy(each => each.Fitness)!;

    private static Chromosome Defaults(GenomeSpec g) => new() { Id = "defaults", Genes = g.Genes.ToImmutableDictionary(gene => gene.Name, gene => gene.Default) };

    private static void Check(GenomeSpec g)
    {
        Demand.That(!g.Genes.IsDefaultOrEmpty && g.Genes.Length <= 50, nameof(g), "A genome has 1 to 50 genes.");
        Demand.That(g.Genes.Select(gene => gene.Name).Distinct().Count() == g.Genes.Length, nameof(g), "Two genes have the same name.");
        Demand.That(g.TraceId != g.HeldOutTraceId, nameof(g), "The held-out trace must be another one than the trace to be fit for.");
        foreach (var gene in g.Genes)
        {
            Demand.That(gene.Kind is GeneKind.Enum ? gene.Options.Length > 0 : gene.Min < gene.Max, nameof(g), $"Gene {gene.Name} has no range.");
            Demand.That(Math.Abs(Genetics.Fit(gene, gene.Default) - gene.Default) < 1e-9, nameof(g), $"The default of gene {gene.Name} is outside its range.");
        }
    }

    private async Task<EvolutionRun> Find(string runId) =>
        await Record(runId).Read() ?? throw new ArgumentException($"There is no run '{runId}'.", nameof(runId));

    private IEvolutionRunGrain Record(string runId)
    {
        Demand.Slug(runId, nameof(runId));
        return grains.GetGrain<IEvolutionRunGrain>(runId);
    }
}
