using System.Collections.Immutable;
using System.Globalization;

namespace Prismatic.Domains.Evolution;

/// <summary>
/// The genetic algorithm: elite of a tenth, tournaments of three, uniform crossover, Gaussian mutation with a deviation of a tenth of the
/// gene's range. All chance comes from the generator that is passed in.
/// </summary>
internal static class Genetics
{
    private const double MutationRate = 0.1;

    /// <summary>The generator of one generation. Drawn from seed and number, so that a run goes on the same after a restart.</summary>
    public static Random Chance(int seed, int generation) => new(unchecked((seed * 486_187_739) ^ (generation * 16_777_619)));

    /// <summary>The first generation: the defaults, and chance for the rest.</summary>
    public static ImmutableArray<Chromosome> First(ImmutableArray<GeneSpec> genes, int size, Random chance) =>
    [
        .. Enumerable.Range(0, size).Select(i => new Chromosome
        {
            Id = Name(0, i),
            Genes = genes.ToImmutableDictionary(gene => gene.Name, gene => i == 0 ? gene.Default : Fit(gene, gene.Min + chance.NextDouble() * (Top(gene) - gene.Min))),
        }),
    ];

    /// <summary>The next generation of a measured one. The elite keeps its fitness; the rest is to be measured.</summary>
    public static ImmutableArray<Chromosome> Next(ImmutableArray<GeneSpec> genes, ImmutableArray<Chromosome> measured, int generation, Random chance)
    {
        var ranked = measured.OrderByDescending(each => each.Fitness).ThenBy(each => each.Id, StringComparer.Ordinal).ToArray();
        var elite = Math.Max(1, ranked.Length / 10);
        var children = Enumerable.Range(elite, ranked.Length - elite).Select(i => Child(Tournament(ranked, chance), Tournament(ranked, chance), Name(generation, i)));
        return [.. ranked.Take(elite), .. children];

        Chromosome Child(Chromosome a, Chromosome b, string id) => new()
        {
            Id = id,
            Generation = generation,
            Parents = [a.Id, b.Id],
            Genes = genes.ToImmutableDictionary(gene => gene.Name, gene => Mutate(gene, chance.Next(2) == 0 ? a.Genes[gene.Name] : b.Genes[gene.Name], chance)),
        };
    }

    /// <summary>The value brought into the gene's range, and to a whole number where it must be one.</summary>
    internal static double Fit(GeneSpec gene, double value)
    {
        var inside = Math.Clamp(value, gene.Min, Top(gene));
        return gene.Kind is GeneKind.Float ? inside : Math.Clamp(Math.Round(inside), Math.Ceiling(gene.Min), Math.Floor(Top(gene)));
    }

    internal static double Top(GeneSpec gene) => gene.Kind is GeneKind.Enum ? gene.Options.Length - 1 : gene.Max;

    // A rank stands for a chromosome here: the array is sorted, so the least index wins.
    private static Chromosome Tournament(Chromosome[] ranked, Random chance) =>
        ranked[Math.Min(chance.Next(ranked.Length), Math.Min(chance.Next(ranked.Length), chance.Next(ranked.Length)))];

    private static double Mutate(GeneSpec gene, double value, Random chance)
    {
        if (chance.NextDouble() >= MutationRate)
        {
            return value;
        }

        if (gene.Kind is GeneKind.Enum)
        {
            return chance.Next(gene.Options.Length);
        }

        // Box-Muller. The logarithm's argument is in (0, 1].
        var normal = Math.Sqrt(-2 * Math.Log(1 - chance.NextDouble())) * Math.Cos(2 * Math.PI * chance.NextDouble());
        return Fit(gene, value + normal * 0.1 * (gene.Max - gene.Min));
    }

    private static string Name(int generation, int index) => string.Create(CultureInfo.InvariantCulture, $"g{generation}-{index}");
}
