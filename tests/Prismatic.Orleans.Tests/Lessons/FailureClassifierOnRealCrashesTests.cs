using Prismatic.Lessons;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class FailureClassifierOnRealCrashesTests(ITestOutputHelper output)
{
    [Fact]
    public void At_least_88_of_100_real_crashes_are_classified_as_a_person_did()
    {
        var real = RealCrashes.All.Where(crash => crash.Kind == "real").ToList();

        var all = Accuracy("all real crashes", real);
        Accuracy("looked at while tuning", [.. real.Where(crash => !crash.HeldBack)]);
        var heldBack = Accuracy("held back", [.. real.Where(crash => crash.HeldBack)]);
        Accuracy("variants and hard negatives", [.. RealCrashes.All.Where(crash => crash.Kind != "real")]);
        foreach (var crash in real.Where(crash => !crash.HeldBack && FailureClassifier.Classify(crash.Facts) != crash.Class))
        {
            output.WriteLine($"miss: {FailureClassifier.Classify(crash.Facts)} for {crash.Shown}");
        }

        Assert.True(all.Value >= 0.88, $"{all} of all real crashes");
        Assert.True(heldBack.Value >= 0.85, $"{heldBack} of those held back");
    }

    private Estimate Accuracy(string name, List<LabelledCrash> crashes)
    {
        var right = crashes.Select(crash => FailureClassifier.Classify(crash.Facts) == crash.Class ? 1.0 : 0).ToArray();
        var random = new Random(20_260_101);
        var drawn = Enumerable.Range(0, 1000).Select(_ => right.Average(_ => right[random.Next(right.Length)])).Order().ToArray();
        var accuracy = new Estimate(right.Average(), drawn[25], drawn[974]);
        output.WriteLine($"{name}: {right.Sum():0} of {crashes.Count}, {accuracy}");
        return accuracy;
    }
}
