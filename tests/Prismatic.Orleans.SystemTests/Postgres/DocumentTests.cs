using Prismatic.Domains.Core;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests.Postgres;

/// <summary>In a cluster the storage coordinator's documents are rows: whichever silo it lives on has them.</summary>
public sealed class DocumentTests
{
    [Fact]
    public async Task Documents_are_there_after_kill_9_nothing_is_written_to_the_disk_of_the_silo_and_a_damaged_row_is_set_aside()
    {
        await using var server = await PostgresServer.Start();
        using var directory = new TemporaryDirectory();
        var database = await server.CreateDatabase();
        await using (var silo = await SiloProcess.Join(directory, database, SiloPlace.Find()))
        {
            await using var client = await silo.Connect();
            var storage = Storage(client);
            Assert.Equal(1, await storage.Put("firms", "acme", """{"name":"Ácme Trading","links":[{"to":"holding","kind":"owned-by"}]}""", 0));
            Assert.Equal(1, await storage.Put("firms", "holding", """{"name":"Holding"}""", null));
            Assert.Equal(2, await storage.Put("firms", "holding", """{"name":"Acme Holding","links":[{"to":"novak","kind":"owned-by"}]}""", 1));
            await Assert.ThrowsAsync<ArgumentException>(() => storage.Put("firms", "holding", "{}", 1));

            // A row that is not as it was written crashes the call that meets it; the next activation sets it aside.
            await PostgresServer.Execute(database, "UPDATE PrismaticDocument SET Version = 7 WHERE Id = 'acme'");
            var crash = await Assert.ThrowsAnyAsync<Exception>(() => storage.Get("firms", "acme"));
            Assert.Contains("does not fit its checksum", crash.Message, StringComparison.Ordinal);
            await silo.Kill();
        }

        await using (var silo = await SiloProcess.Join(directory, database, SiloPlace.Find()))
        {
            await using var client = await silo.Connect();
            var storage = Storage(client);

            var report = await storage.VerifyAndRecover();
            Assert.Equal((1, 1, 1), (report.Collections, report.Records, report.LostLines));
            Assert.Equal("acme", await PostgresServer.Execute(database, "SELECT Id FROM PrismaticDocumentAside"));
            Assert.Equal(["holding"], (await storage.Search("firms", "ACME", 10)).Select(doc => doc.Id));
            Assert.Equal([("holding", "novak", 1)], (await storage.Neighbours("holding", 6)).Select(edge => (edge.From, edge.To, edge.Depth)));
            Assert.Equal(3, await storage.Put("firms", "holding", """{"name":"Acme Holding"}""", 2));
            Assert.StartsWith("PrismaticDocumentSnapshot, ", await storage.Snapshot(), StringComparison.Ordinal);
            Assert.Equal(1L, await PostgresServer.Execute(database, "SELECT COUNT(*) FROM PrismaticDocumentSnapshot"));
            Assert.False(Directory.Exists(directory.Combine("data")));
            Assert.Equal(0, await silo.Stop());
        }
    }

    [Fact]
    public async Task Of_two_activations_in_a_parted_cluster_the_later_writer_learns_of_the_earlier_one_and_nothing_is_lost()
    {
        await using var server = await PostgresServer.Start();
        using var directory = new TemporaryDirectory();
        var database = await server.CreateDatabase();

        // Two clusters of one service: each has a storage coordinator of its own, as each part of a parted cluster has.
        await using var one = await SiloProcess.Join(directory, database, SiloPlace.Find(1), ("ClusterId", "one"));
        await using var other = await SiloProcess.Join(directory, database, SiloPlace.Find(2), ("ClusterId", "other"));
        await using var toOne = await one.Connect(cluster: "one");
        await using var toOther = await other.Connect(cluster: "other");
        Assert.Equal(1, await Storage(toOne).Put("firms", "acme", """{"n":1}""", 0));
        Assert.Equal(2, await Storage(toOther).Put("firms", "acme", """{"n":2}""", 1));

        var late = await Assert.ThrowsAsync<ArgumentException>(() => Storage(toOne).Put("firms", "acme", """{"n":3}""", 1));
        Assert.Contains("firms/acme has version 2, not 1", late.Message, StringComparison.Ordinal);
        Assert.Equal(3, await Storage(toOther).Put("firms", "acme", """{"n":3}""", 2));

        // What is stored decides, and not what an activation remembers: a caller who knows the newest version is served by either.
        Assert.Equal(4, await Storage(toOne).Put("firms", "acme", """{"n":4}""", 3));
        Assert.Equal(5, await Storage(toOther).Put("firms", "acme", """{"n":5}""", 4));
        Assert.Equal(6, await Storage(toOne).Put("firms", "acme", """{"n":6}""", null));
        Assert.Equal("""{"n":6}""", (await Storage(toOther).Get("firms", "acme"))!.Json);
    }

    private static IStorageCoordinatorGrain Storage(PlatformClient client) => client.Get<IStorageCoordinatorGrain>(IStorageCoordinatorGrain.Key);
}
