namespace Prismatic.Domains.Evolution;

/// <summary>A configuration's fitness from its replay. Beyond a hard limit it is 0, whatever else it does well.</summary>
internal static class FitnessRules
{
    public static FitnessResult Judge(string chromosomeId, IReadOnlyDictionary<string, double> genes, IncidentTrace trace, FitnessWeights weights)
    {
        var counts = TraceReplay.Run(trace.Points, BreakerGenes.From(genes));
        var correctness = counts.Answerable == 0 ? 1 : (double)counts.Answered / counts.Answerable;
        var performance = counts.WaitedMs <= 0 ? 1 : 1 - counts.WastedMs / counts.WaitedMs;
        var changed = genes.Count(gene => BreakerGenes.Defaults.TryGetValue(gene.Key, out var usual) && Math.Abs(usual - gene.Value) > 1e-9);
        var maintainability = 1 - 0.5 * changed / BreakerGenes.Defaults.Count;
        var compliance = trace.MaxFailedCallsPerMinute == 0 || counts.MostFailedCallsPerMinute <= trace.MaxFailedCallsPerMinute ? 1.0 : 0.0;
        var sum = weights.Correctness + weights.Performance + weights.Maintainability + weights.Compliance;
        var total = (weights.Correctness * correctness + weights.Performance * performance + weights.Maintainability * maintainability
            + weights.Compliance * compliance) / sum;
        return new FitnessResult
        {
            ChromosomeId = chromosomeId,
            Total = compliance == 0 ? 0 : total,
            Correctness = correctness,
            Performance = performance,
            Maintainability = maintainability,
            Compliance = compliance,
        };
    }
}
