using Prismatic.Lessons;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class GroupsOnRealCrashesTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Real_crashes_their_variants_and_hard_negatives_are_grouped_as_they_belong()
    {
        var grouped = await Group(RealCrashes.All);

        var all = Score("all", grouped);
        Score("looked at while tuning", [.. grouped.Where(one => !one.Crash.HeldBack)]);
        var heldBack = Score("held back", [.. grouped.Where(one => one.Crash.HeldBack)]);

        foreach (var score in new[] { all, heldBack })
        {
            Assert.True(score.F1.Value >= 0.90, $"pairwise F1 {score.F1}");
            Assert.True(score.HardKeptApart.Value >= 0.93, $"hard negatives kept apart {score.HardKeptApart}");
            Assert.True(score.SameKeptTogether.Value >= 0.85, $"same groups kept together {score.SameKeptTogether}");
        }
    }

    [Fact]
    public async Task Those_held_back_are_grouped_as_well_when_they_come_alone()
    {
        var score = Score("held back, alone", await Group([.. RealCrashes.All.Where(crash => crash.HeldBack)]));

        Assert.True(score.F1.Value >= 0.90, $"pairwise F1 {score.F1}");
    }

    [Fact]
    public async Task The_order_in_which_crashes_come_hardly_matters()
    {
        var random = new Random(7);
        for (var round = 0; round < 5; round++)
        {
            var shuffled = RealCrashes.All.ToArray();
            random.Shuffle(shuffled);

            var score = new GroupScore(await Group(shuffled), RealCrashes.Pairs);

            output.WriteLine($"shuffled: F1 {score.F1.Value:0.000}, hard {score.HardKeptApart.Value:0.000}, same {score.SameKeptTogether.Value:0.000}");
            Assert.True(score.F1.Value >= 0.90, $"pairwise F1 {score.F1}");
        }
    }

    private static async Task<List<Grouped>> Group(IReadOnlyList<LabelledCrash> crashes)
    {
        var correlator = new CrashCorrelator(new GroupIndex());
        var grouped = new List<Grouped>();
        foreach (var crash in crashes)
        {
            grouped.Add(new Grouped(crash, await correlator.GroupOf(CrashSignature.Of(crash.Facts).Hash, crash.Facts)));
        }

        return grouped;
    }

    private GroupScore Score(string name, List<Grouped> grouped)
    {
        var score = new GroupScore(grouped, RealCrashes.Pairs);
        output.WriteLine($"{name}, {grouped.Count} crashes: F1 {score.F1}, precision {score.Precision}, recall {score.Recall}, hard negatives kept apart {score.HardKeptApart}, same kept together {score.SameKeptTogether}");
        return score;
    }
}
