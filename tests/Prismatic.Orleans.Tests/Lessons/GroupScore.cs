namespace Prismatic.Tests.Lessons;

/// <summary>A crash with the group that it has and the one that it was given.</summary>
internal sealed record Grouped(LabelledCrash Crash, string Given);

/// <summary>
/// How well crashes were grouped, counted over pairs of crashes: were they put together, and should they have been? Pairs that nobody could
/// decide are left out. Intervals are the middle 95 % of draws of whole groups with replacement: crashes of one group succeed and fail
/// together, so groups are what was sampled.
/// </summary>
internal sealed class GroupScore(IReadOnlyList<Grouped> crashes, IReadOnlyList<LabelledPair> labelled)
{
    private const int Draws = 1000;

    private readonly List<Pair> _pairs = PairsOf(crashes);
    private readonly List<Pair> _hard = LabelledOf(crashes, labelled, "hard");
    private readonly List<Pair> _same = LabelledOf(crashes, labelled, "same_group");

    public Estimate Precision => Of(weight => Share(_pairs, weight, pair => pair.Together, pair => pair.Same));

    public Estimate Recall => Of(weight => Share(_pairs, weight, pair => pair.Same, pair => pair.Together));

    public Estimate F1 => Of(weight =>
    {
        var precision = Share(_pairs, weight, pair => pair.Together, pair => pair.Same);
        var recall = Share(_pairs, weight, pair => pair.Same, pair => pair.Together);
        return 2 * precision * recall / (precision + recall);
    });

    public Estimate HardKeptApart => Of(weight => Share(_hard, weight, _ => true, pair => pair.Same == pair.Together));

    public Estimate SameKeptTogether => Of(weight => Share(_same, weight, _ => true, pair => pair.Same == pair.Together));

    private Estimate Of(Func<Func<Pair, double>, double> measure)
    {
        var groups = crashes.Select(one => one.Crash.Group).Distinct().ToArray();
        var random = new Random(20_260_101);
        var drawn = Enumerable.Range(0, Draws).Select(_ =>
        {
            var weights = Enumerable.Range(0, groups.Length).Select(_ => groups[random.Next(groups.Length)]).CountBy(group => group).ToDictionary();
            return measure(pair => pair.Same
                ? weights.GetValueOrDefault(pair.GroupA)
                : (double)weights.GetValueOrDefault(pair.GroupA) * weights.GetValueOrDefault(pair.GroupB));
        }).Where(double.IsFinite).Order().ToArray();
        return new Estimate(measure(_ => 1), drawn[drawn.Length / 40], drawn[drawn.Length - 1 - (drawn.Length / 40)]);
    }

    private static double Share(List<Pair> pairs, Func<Pair, double> weight, Func<Pair, bool> among, Func<Pair, bool> right)
    {
        var counted = pairs.Where(among).ToList();
        return counted.Where(right).Sum(weight) / counted.Sum(weight);
    }

    /// <summary>Only pairs that are together, or should be, move any of the figures.</summary>
    private static List<Pair> PairsOf(IReadOnlyList<Grouped> crashes)
    {
        var pairs = new List<Pair>();
        for (var i = 0; i < crashes.Count; i++)
        {
            for (var j = i + 1; j < crashes.Count; j++)
            {
                var pair = PairOf(crashes[i], crashes[j]);
                var undecidable = !pair.Same && crashes[i].Crash.Ambiguity is { } key && key == crashes[j].Crash.Ambiguity;
                if (!undecidable && (pair.Same || pair.Together))
                {
                    pairs.Add(pair);
                }
            }
        }

        return pairs;
    }

    private static List<Pair> LabelledOf(IReadOnlyList<Grouped> crashes, IReadOnlyList<LabelledPair> labelled, string stratum)
    {
        var byId = crashes.ToDictionary(one => one.Crash.Id);
        return [.. labelled.Where(pair => pair.Stratum == stratum && byId.ContainsKey(pair.A) && byId.ContainsKey(pair.B)).Select(pair => PairOf(byId[pair.A], byId[pair.B]))];
    }

    private static Pair PairOf(Grouped a, Grouped b) => new(a.Crash.Group, b.Crash.Group, a.Crash.Group == b.Crash.Group, a.Given == b.Given);

    private sealed record Pair(string GroupA, string GroupB, bool Same, bool Together);
}

/// <summary>A figure and its 95 % interval.</summary>
internal sealed record Estimate(double Value, double Low, double High)
{
    public override string ToString() => FormattableString.Invariant($"{Value:0.000} [{Low:0.000}, {High:0.000}]");
}
