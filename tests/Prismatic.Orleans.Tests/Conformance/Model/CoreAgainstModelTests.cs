using CsCheck;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>The code that decides for our supervisors against the reference model, which goes every way that real Erlang went.</summary>
public sealed class CoreAgainstModelTests
{
    private const int Count = 12_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_core_and_the_reference_model_go_the_same_way_through_twelve_thousand_random_histories(bool queueReads)
    {
        var steps = 0;
        for (ulong number = 1; number <= Count; number++)
        {
            var seed = new PCG(1, number * 0x9E3779B97F4A7C15);
            var text = seed.ToString();
            var history = HistoryGen.Histories.Generate(seed, null, out _);
            steps += history.Steps.Count;
            if (Difference(history, queueReads) is null)
            {
                continue;
            }

            // Fails again at once, and then looks for a smaller history that fails as well: what it throws names the seed of that one.
            TestContext.Current.SendDiagnosticMessage($"History {number} (seed {text}) goes another way; looking for a shorter one.");
            HistoryGen.Histories.Sample(one => Difference(one, queueReads) is null, seed: text, iter: 20_000, threads: 1, print: one => $"\n{Difference(one, queueReads)}\n\nwhole: {ErlangHistories.Text(one)}");
        }

        Assert.True(steps > 5 * Count, $"The histories are short: {steps} steps.");
    }

    private static string? Difference(History history, bool queueReads) => Replay.Difference(history, new CoreWorld(queueReads), new Documented());
}
