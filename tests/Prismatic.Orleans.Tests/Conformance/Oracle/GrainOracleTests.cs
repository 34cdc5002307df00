using System.Collections.Concurrent;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>Histories of real Erlang on real grains: supervisors that store what they know, workers that are activated and deactivated, the client's API.</summary>
public sealed class GrainOracleTests(ITestOutputHelper output)
{
    private const int Histories = 200;
    private const int StepsAtLeast = 5;
    private const int LateNewsAtLeast = 10;

    [Fact]
    public async Task Two_hundred_whole_histories_of_real_Erlang_go_the_same_way_on_grains()
    {
        var playable = ErlangHistories.All.Select(history => (All: history, Played: GrainWorld.Playable(history))).ToList();
        var whole = playable.Where(history => history.Played.Steps.Count == history.All.Steps.Count && history.Played.Steps.Count >= StepsAtLeast).Select(history => history.Played).Take(Histories).ToList();
        Assert.Equal(Histories, whole.Count);
        List<History> histories = [.. whole, .. playable.Select(history => history.Played).Where(GrainWorld.HasLateNews).Except(whole)];
        Assert.True(histories.Count(GrainWorld.HasLateNews) >= LateNewsAtLeast);
        var began = TimeProvider.System.GetTimestamp();
        var starts = new StartScripts();
        histories.ForEach(history => GrainWorld.Script(starts, history));
        await using var otp = await OtpCluster.Start(tree => histories.ForEach(history => GrainWorld.Declare(tree, history)), starts: starts);
        output.WriteLine($"started after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");

        // They do not touch each other, so that some wait while others move.
        var differences = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(histories, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (history, _) =>
        {
            if (await Difference(new GrainWorld(otp, history)) is { } difference)
            {
                differences.Add(difference);
            }
        });

        output.WriteLine($"done after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s, {histories.Count} histories, {histories.Sum(history => history.Steps.Count)} steps");
        Assert.True(differences.IsEmpty, Replay.Tell([.. differences]));
    }

    /// <summary>What a world throws is a difference too, so that the other histories are still gone through.</summary>
    private static async Task<string?> Difference(GrainWorld world)
    {
        try
        {
            return await world.Difference();
        }
        catch (Exception failure)
        {
            return $"{world}: {failure.GetType().Name}: {failure.Message}";
        }
    }
}
