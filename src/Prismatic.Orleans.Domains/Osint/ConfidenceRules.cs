using System.Collections.Immutable;

namespace Prismatic.Domains.Osint;

/// <summary>How sure a fact is, given who claims what. A source that repeats itself counts once, with its highest confidence.</summary>
internal static class ConfidenceRules
{
    public static Confidence Assess(IReadOnlyCollection<SourceClaim> claims)
    {
        var supports = claims.GroupBy(claim => claim.Value, StringComparer.OrdinalIgnoreCase).Select(Support).ToArray();
        var all = supports.Sum(support => support.Weight);
        var best = supports.OrderByDescending(support => support.Weight).ThenBy(support => support.Value, StringComparer.Ordinal).First();
        var share = all == 0 ? 0 : best.Weight / all;
        return new Confidence
        {
            Value = best.Value,
            Score = best.Weight * share,
            Epistemic = 1 - best.Weight,
            Aleatoric = all == 0 ? 0 : 1 - share,
            Sources = best.Sources,
            EvidenceCount = claims.Count,
            LastVerified = best.Last,
        };
    }

    private static (string Value, double Weight, ImmutableArray<string> Sources, DateTimeOffset Last) Support(IGrouping<string, SourceClaim> claims)
    {
        var bySource = claims.GroupBy(claim => claim.Source).ToArray();
        var doubt = bySource.Aggregate(1.0, (product, source) => product * (1 - source.Max(claim => claim.Confidence)));
        return (claims.Key, 1 - doubt, [.. bySource.Select(source => source.Key).Order(StringComparer.Ordinal)], claims.Max(claim => claim.RetrievedAt));
    }
}
