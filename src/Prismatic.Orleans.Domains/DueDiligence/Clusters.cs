using System.Collections.Immutable;

namespace Prismatic.Domains.DueDiligence;

/// <summary>
/// Groups a batch. Only records that share a block (the first three letters of a word, or an identifier) are compared; the number of
/// comparisons is bounded, since one huge block costs its square.
/// </summary>
internal static class Clusters
{
    public const int MostComparisons = 500_000;

    public static ResolveReport Resolve(IReadOnlyList<EntityRecord> records)
    {
        var leader = Enumerable.Range(0, records.Count).ToArray();
        var review = ImmutableArray.CreateBuilder<ReviewPair>();
        var pairs = Candidates(records);
        foreach (var (a, b) in pairs)
        {
            var match = MatchRules.Compare(records[a], records[b]);
            if (match.Decision is MatchDecision.Same)
            {
                leader[Find(leader, a)] = Find(leader, b);
            }
            else if (match.Decision is MatchDecision.Review)
            {
                review.Add(new ReviewPair { A = records[a].Id, B = records[b].Id, Score = match.Score });
            }
        }

        var clusters = Enumerable.Range(0, records.Count).GroupBy(i => Find(leader, i), i => records[i].Id)
            .Select(group => new Cluster { Members = [.. group.Order(StringComparer.Ordinal)] })
            .OrderBy(cluster => cluster.Members[0], StringComparer.Ordinal);
        return new ResolveReport { Clusters = [.. clusters], Review = review.ToImmutable(), Compared = pairs.Count };
    }

    private static SortedSet<(int, int)> Candidates(IReadOnlyList<EntityRecord> records)
    {
        var blocks = records.SelectMany((record, index) => Keys(record).Distinct().Select(key => (key, index))).ToLookup(pair => pair.key, pair => pair.index);
        var pairs = new SortedSet<(int, int)>();
        foreach (var block in blocks)
        {
            var members = block.ToArray();
            for (var i = 0; i < members.Length; i++)
            {
                for (var j = i + 1; j < members.Length; j++)
                {
                    pairs.Add((members[i], members[j]));
                }
            }

            if (pairs.Count > MostComparisons)
            {
                throw new InvalidOperationException($"The batch needs more than {MostComparisons} comparisons: block '{block.Key}' alone has {members.Length} records.");
            }
        }

        return pairs;
    }

    private static IEnumerable<string> Keys(EntityRecord record) =>
        MatchRules.Names(record).SelectMany(NameRules.Words).Select(word => "w:" + word[..Math.Min(3, word.Length)])
            .Concat(record.Identifiers.Select(id => $"{id.Key}:{id.Value}"));

    private static int Find(int[] leader, int i)
    {
        while (leader[i] != i)
        {
            i = leader[i] = leader[leader[i]];
        }

        return i;
    }
}
