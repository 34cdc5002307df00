using Prismatic.Domains.Core;
using Prismatic.Domains.Osint;
using Prismatic.Introspection;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests.Postgres;

/// <summary>Three silos, each a process on a loopback address of its own, on one PostgreSQL server.</summary>
public sealed class ClusterTests
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Three_silos_are_one_tree_and_what_was_acknowledged_is_there_after_kill_9_of_all_of_them()
    {
        await using var server = await PostgresServer.Start();
        using var directory = new TemporaryDirectory();
        using var source = new RefusingPort();
        var database = await server.CreateDatabase();
        var places = Enumerable.Range(1, 3).Select(last => SiloPlace.Find((byte)last)).ToList();

        var silos = await StartAll(directory, database, places);
        await using (var client = await PlatformClient.Connect(places))
        {
            await client.RegisterWebSource("register", source.Number);
            await Assert.ThrowsAsync<HttpRequestException>(() => client.Ask("register"));
            await Restarts(client, 1);
        }

        foreach (var silo in silos)
        {
            using var admin = silo.Admin();
            await admin.RecordedCrashes(1);
        }

        await Task.WhenAll(silos.Select(silo => silo.Kill()));
        await EndAll(silos);
        var killed = TimeProvider.System.GetTimestamp();

        // On other addresses: nobody recognises a predecessor by its place.
        var others = Enumerable.Range(11, 3).Select(last => SiloPlace.Find((byte)last)).ToList();
        silos = await StartAll(directory, database, others);
        TestContext.Current.TestOutputHelper?.WriteLine($"Three others were ready {TimeProvider.System.GetElapsedTime(killed).TotalSeconds:0.0} s after all silos were killed.");
        Assert.Contains(silos, silo => silo.Output.Text.Contains("its process is gone: it was declared dead", StringComparison.Ordinal));
        await using (var client = await PlatformClient.Connect(others))
        {
            Assert.NotNull(await client.Get<IAdapterRegistryGrain>(IAdapterRegistryGrain.Key).Find("register"));
            await Restarts(client, 1);
        }

        Assert.All(await Task.WhenAll(silos.Select(silo => silo.Stop())), code => Assert.Equal(0, code));
        Assert.All(silos, silo => Assert.DoesNotContain("could not be told a question", silo.Output.Text, StringComparison.Ordinal));
        await EndAll(silos);
    }

    private static async Task<IReadOnlyList<SiloProcess>> StartAll(TemporaryDirectory directory, string database, IEnumerable<SiloPlace> places)
    {
        var silos = places.Select(place => SiloProcess.LaunchInCluster(directory, database, place)).ToList();
        foreach (var silo in silos)
        {
            Assert.True(await silo.BecameReady(StartLimit));
        }

        return silos;
    }

    private static async Task EndAll(IEnumerable<SiloProcess> silos)
    {
        foreach (var silo in silos)
        {
            await silo.DisposeAsync();
        }
    }

    private static Task<TreeHealth> Restarts(PlatformClient client, long restarts) => Eventually.Is(
        () => client.Get<ISupervisionIntrospectorGrain>(ISupervisionIntrospectorGrain.Key).GetTreeHealth(),
        tree => tree.RestartCounts.GetValueOrDefault("prismatic/osint/source-manager") == restarts,
        $"the tree shows {restarts} restarts");
}
