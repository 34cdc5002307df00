using System.Globalization;

namespace Prismatic.Measuring;

/// <summary>
/// The median of the ratios of pairs that were measured side by side, with the 95 % interval of the bootstrap: the pairs are drawn again
/// with replacement, and the middle 95 % of the medians is the interval.
/// </summary>
internal sealed record PairedRatio(double Median, double Low, double High, int Pairs)
{
    private const int Draws = 4_000;

    public static PairedRatio Of(IReadOnlyList<double> numerators, IReadOnlyList<double> denominators)
    {
        var ratios = numerators.Zip(denominators, (numerator, denominator) => numerator / denominator).ToArray();
        var random = new Random(20_260_101);
        var medians = new double[Draws];
        var drawn = new double[ratios.Length];
        for (var draw = 0; draw < Draws; draw++)
        {
            for (var i = 0; i < drawn.Length; i++)
            {
                drawn[i] = ratios[random.Next(ratios.Length)];
            }

            medians[draw] = MedianOf(drawn);
        }

        Array.Sort(medians);
        return new PairedRatio(MedianOf(ratios), medians[(int)(Draws * 0.025)], medians[(int)(Draws * 0.975) - 1], ratios.Length);
    }

    public static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Median:0.000} [{Low:0.000}, {High:0.000}]");
}
