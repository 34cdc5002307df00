using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>
/// Real OTP is the oracle: histories that Debian's Erlang went through (<c>Oracle/erlang/regenerate.sh</c>) are gone through again, by the plain
/// model of OTP, and by the code that decides for our supervisors.
/// </summary>
public sealed class OracleTests(ITestOutputHelper output)
{
    [Fact]
    public void The_reference_model_goes_every_way_that_real_Erlang_went()
    {
        var differences = ErlangHistories.All.Select(history => Replay.Difference(history, new ModelWorld())).OfType<string>().ToList();
        Assert.True(differences.Count == 0, Replay.Tell(differences));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_core_goes_every_way_that_real_Erlang_went_but_for_the_documented_differences(bool queueReads)
    {
        var met = new List<string>();
        var differences = new List<string>();
        foreach (var history in ErlangHistories.All)
        {
            var documented = new Documented();
            if (Replay.Difference(history, new CoreWorld(queueReads), documented) is { } difference)
            {
                differences.Add(difference);
            }

            met.AddRange(documented.Met);
        }

        Assert.True(differences.Count == 0, Replay.Tell(differences));
        var counts = met.CountBy(name => name).ToDictionary();
        output.WriteLine(string.Join(", ", counts.Select(one => $"{one.Key}: {one.Value} histories")));
        string[] expected = [Documented.Miscount, Documented.KeyMeansSuccessor, Documented.KeyWithoutChild, Documented.ReadsDoNotQueue];
        Assert.Equal(expected[..(queueReads ? 3 : 4)], counts.Keys.Order(StringComparer.Ordinal));
        Assert.InRange(counts[Documented.KeyMeansSuccessor], 1, ErlangHistories.All.Count / 200);
    }
}
