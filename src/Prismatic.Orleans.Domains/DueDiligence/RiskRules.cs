using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Prismatic.Domains.DueDiligence;

/// <summary>
/// A case's risk. In each dimension independent signs of risk add up, and every source that answered, with or without a sign, lessens the
/// doubt. What nobody could tell counts as one half, give or take one half: never as no risk.
/// </summary>
internal static class RiskRules
{
    public static RiskScore Score(IReadOnlyCollection<EvidenceItem> evidence, RiskWeights weights)
    {
        var dimensions = Enum.GetValues<RiskDimension>().Select(dimension => Score(dimension, evidence)).ToImmutableArray();
        var sum = dimensions.Sum(d => Weight(weights, d.Dimension));
        return new RiskScore
        {
            Total = dimensions.Sum(d => Weight(weights, d.Dimension) * d.Score) / sum,
            Low = dimensions.Sum(d => Weight(weights, d.Dimension) * d.Low) / sum,
            High = dimensions.Sum(d => Weight(weights, d.Dimension) * d.High) / sum,
            Dimensions = dimensions,
        };
    }

    private static DimensionScore Score(RiskDimension dimension, IEnumerable<EvidenceItem> evidence)
    {
        var items = evidence.Where(item => item.Dimension == dimension && item.Confidence > 0 && item.Kind is not (EvidenceKind.SourceMissing or EvidenceKind.Score)).ToArray();
        // The same sign from the same source, found again by a later run, is no further sign.
        var signs = 1 - items.DistinctBy(item => (item.Source, item.Summary, item.Payload, item.Risk)).Aggregate(1.0, (product, item) => product * (1 - item.Risk * item.Confidence));
        // A source that repeats itself does not lessen the doubt again.
        var doubt = items.GroupBy(item => item.Source).Aggregate(1.0, (product, source) => product * (1 - source.Max(item => item.Confidence)));
        var score = signs + doubt * (0.5 - signs);
        return new DimensionScore
        {
            Dimension = dimension,
            Score = score,
            Uncertainty = doubt,
            Low = Math.Max(0, score - doubt / 2),
            High = Math.Min(1, score + doubt / 2),
            Evidence = [.. items.Select(item => item.Id)],
        };
    }

    /// <summary>The dimension that a source of this category speaks of; null when none.</summary>
    public static RiskDimension? Dimension(string category) =>
        Enum.TryParse<RiskDimension>(category, ignoreCase: true, out var dimension) && !char.IsAsciiDigit(category[0]) ? dimension : null;

    /// <summary>The risk that a row shows: its own field <c>risk</c> (0 to 1), else what a mere entry in such a source means.</summary>
    public static double RowRisk(RiskDimension? dimension, IReadOnlyDictionary<string, string> fields) =>
        fields.TryGetValue("risk", out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var risk) && risk is >= 0 and <= 1
            ? risk
            : dimension switch
            {
                RiskDimension.Sanctions => 0.9,
                RiskDimension.Insolvency => 0.7,
                RiskDimension.Litigation => 0.4,
                RiskDimension.Ownership or RiskDimension.Financial => 0.1,
                _ => 0,
            };

    public static void Check(RiskWeights weights, string parameter)
    {
        var all = Enum.GetValues<RiskDimension>().Select(dimension => Weight(weights, dimension)).ToArray();
        Demand.That(all.All(weight => weight >= 0 && double.IsFinite(weight)) && all.Sum() > 0, parameter, $"The weights {JsonSerializer.Serialize(weights)} must not be negative, nor all zero.");
    }

    private static double Weight(RiskWeights weights, RiskDimension dimension) => dimension switch
    {
        RiskDimension.Sanctions => weights.Sanctions,
        RiskDimension.Insolvency => weights.Insolvency,
        RiskDimension.Ownership => weights.Ownership,
        RiskDimension.Financial => weights.Financial,
        RiskDimension.Litigation => weights.Litigation,
        _ => throw new ArgumentOutOfRangeException(nameof(dimension)),
    };
}
