using CsCheck;
using Prismatic.Lessons;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class SeenReportsTests
{
    [Fact]
    public void Numbers_in_any_order_count_once_each()
    {
        Gen.Int[1, 60].Array[0, 200].Sample(numbers =>
        {
            var seen = new SeenReports();
            var counted = 0;
            foreach (var number in numbers)
            {
                counted += seen.TryAdd("s", number, maxSilos: 4, maxRanges: 100, out seen) ? 1 : 0;
            }

            var expected = numbers.Distinct().Order().ToList();
            var ranges = seen.Silos.IsEmpty ? [] : seen.Silos[0].Ranges;
            var held = ranges.Chunk(2).SelectMany(range => Enumerable.Range((int)range[0], (int)(range[1] - range[0] + 1))).ToList();
            return counted == expected.Count && held.SequenceEqual(expected);
        }, seed: "0000KOIPe036", iter: 500);
    }

    [Fact]
    public void Numbers_without_gaps_are_one_range()
    {
        var seen = Add(new SeenReports(), "s", [3, 1, 2, 5, 4]);

        Assert.Equal([1, 5], seen.Silos[0].Ranges);
    }

    [Fact]
    public void Beyond_the_bound_the_lowest_gap_closes_and_what_lay_in_it_never_counts()
    {
        var seen = Add(new SeenReports(), "s", [1, 3, 5], maxRanges: 2);

        Assert.Equal([1, 3, 5, 5], seen.Silos[0].Ranges);
        Assert.False(seen.TryAdd("s", 2, 4, 2, out _));
        Assert.True(seen.TryAdd("s", 4, 4, 2, out _));
    }

    [Fact]
    public void Beyond_the_bound_the_silo_that_was_silent_longest_is_forgotten()
    {
        var seen = Add(new SeenReports(), "a", [1]);
        seen = Add(seen, "b", [1]);
        seen = Add(seen, "a", [2]);
        seen = Add(seen, "c", [1], maxSilos: 2);

        Assert.Equal(["a", "c"], seen.Silos.Select(silo => silo.Silo));
    }

    private static SeenReports Add(SeenReports seen, string silo, long[] numbers, int maxSilos = 4, int maxRanges = 8)
    {
        foreach (var number in numbers)
        {
            Assert.True(seen.TryAdd(silo, number, maxSilos, maxRanges, out seen));
        }

        return seen;
    }
}
