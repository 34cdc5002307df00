using Prismatic.Domains.Core;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests.Postgres;

/// <summary>
/// Each silo is asked to stop and started again in its turn, as a deployment does, while a client goes on calling one grain. The client is told which gateway
/// stops, and what it had sent there before is answered: see <see cref="Prismatic.Silo.LeavingSettings"/>.
/// </summary>
public sealed class RollingRestartTests
{
    [Fact]
    public async Task While_silos_are_restarted_one_after_the_other_no_call_of_a_client_fails()
    {
        await using var server = await PostgresServer.Start();
        using var directory = new TemporaryDirectory();
        var database = await server.CreateDatabase();
        var places = Enumerable.Range(1, 3).Select(last => SiloPlace.Find((byte)last)).ToList();
        var silos = places.Select(place => Launch(directory, database, place)).ToArray();
        foreach (var silo in silos)
        {
            Assert.True(await silo.BecameReady(TimeSpan.FromMinutes(2)));
        }

        await using var client = await PlatformClient.Connect(places);
        using var over = new CancellationTokenSource();
        var calling = Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Call(client, caller, over.Token)));
        for (var turn = 0; turn < silos.Length; turn++)
        {
            Assert.Equal(0, await silos[turn].Stop());
            await silos[turn].DisposeAsync();
            silos[turn] = Launch(directory, database, places[turn]);
            Assert.True(await silos[turn].BecameReady(TimeSpan.FromMinutes(2)));
        }

        await over.CancelAsync();
        var calls = await calling;
        TestContext.Current.TestOutputHelper?.WriteLine($"{calls.Sum(call => call.Served)} calls were served while three silos were restarted.");
        Assert.True(calls.All(call => call.Failures.Count == 0), string.Join('\n', calls.SelectMany(call => call.Failures)));
        Assert.All(calls, call => Assert.True(call.Served > 0));
        foreach (var silo in silos)
        {
            Assert.Equal(0, await silo.Stop());
            await silo.DisposeAsync();
        }
    }

    private static SiloProcess Launch(TemporaryDirectory directory, string database, SiloPlace place) =>
        SiloProcess.LaunchInCluster(directory, database, place, ("DrainSeconds", "2"));

    private static async Task<(int Served, IReadOnlyList<string> Failures)> Call(PlatformClient client, int caller, CancellationToken over)
    {
        var storage = client.Get<IStorageCoordinatorGrain>(IStorageCoordinatorGrain.Key);
        var served = 0;
        List<string> failures = [];
        while (!over.IsCancellationRequested)
        {
            try
            {
                await storage.Put("load", $"{caller}", "{}", expectedVersion: served);
                served++;
            }
            catch (Exception failure)
            {
                failures.Add($"call {served + 1} of caller {caller}: {failure}");
                return (served, failures);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }

        return (served, failures);
    }
}
