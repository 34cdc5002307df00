using System.Collections.Immutable;
using Prismatic.Domains.Records;
using Prismatic.Storage;

namespace Prismatic.Domains.Evolution;

internal sealed class WeightsByDomain
{
    public Dictionary<string, FitnessWeights> Weights { get; set; } = [];
}

[Alias("prismatic.domains.ITraceRecordGrain")]
internal interface ITraceRecordGrain : IRecordGrain<IncidentTrace>;

internal sealed class TraceRecordGrain([SupervisedState("incident-trace")] ISupervisedState<Held<IncidentTrace>> state)
    : RecordGrain<IncidentTrace>(state), ITraceRecordGrain;

internal sealed class FitnessEvaluatorGrain(
    [SupervisedState("fitness-weights")] ISupervisedState<WeightsByDomain> weights,
    IGrainFactory grains) : Grain, IFitnessEvaluatorGrain
{
    private const int MostPoints = 50_000;

    // The trace used last: a generation is measured on one trace.
    private IncidentTrace? _trace;

    public async Task<FitnessResult> Evaluate(Chromosome c, string traceId) => (await EvaluateBatch([c], traceId))[0];

    public async Task<ImmutableArray<FitnessResult>> EvaluateBatch(ImmutableArray<Chromosome> c, string traceId)
    {
        foreach (var chromosome in c)
        {
            Demand.That(chromosome.Genes.Values.All(double.IsFinite), nameof(c), $"Chromosome {chromosome.Id} has a gene that is not a finite number.");
        }

        var trace = await Find(traceId);
        var used = weights.Value.Weights.GetValueOrDefault(trace.Domain) ?? new FitnessWeights();
        return [.. c.Select(chromosome => FitnessRules.Judge(chromosome.Id, chromosome.Genes, trace, used))];
    }

    public Task SetWeights(string domain, FitnessWeights w)
    {
        Demand.Slug(domain, nameof(domain));
        double[] all = [w.Correctness, w.Performance, w.Maintainability, w.Compliance];
        Demand.That(all.All(weight => weight >= 0 && double.IsFinite(weight)) && all.Sum() > 0, nameof(w), "The weights must not be negative, nor all zero.");
        weights.Value.Weights[domain] = w;
        return weights.WriteAsync();
    }

    public async Task LoadTrace(IncidentTrace t)
    {
        Demand.Slug(t.Id, nameof(t));
        Demand.Slug(t.Domain, nameof(t));
        Demand.Range(t.Points.Length, 1, MostPoints, nameof(t));
        Demand.That(
            t.Points.All(p => double.IsFinite(p.AtMs) && p.LatencyMs >= 0 && double.IsFinite(p.LatencyMs)) && t.Points.Zip(t.Points.Skip(1)).All(pair => pair.First.AtMs <= pair.Second.AtMs),
            nameof(t),
            $"The points of trace {t.Id} must be finite and in order of time.");
        await grains.GetGrain<ITraceRecordGrain>(t.Id).Write(t);
        _trace = t;
    }

    public Task<FitnessResult> Baseline(string traceId) =>
        Evaluate(new Chromosome { Id = "defaults", Genes = BreakerGenes.Defaults.ToImmutableDictionary() }, traceId);

    private async Task<IncidentTrace> Find(string traceId)
    {
        if (_trace?.Id == traceId)
        {
            return _trace;
        }

        Demand.Slug(traceId, nameof(traceId));
        return _trace = await grains.GetGrain<ITraceRecordGrain>(traceId).Read()
            ?? throw new ArgumentException($"There is no trace '{traceId}'. Load it first.", nameof(traceId));
    }
}
