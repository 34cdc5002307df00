using System.Net;
using Prismatic.Domains.Core;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests.Postgres;

/// <summary>The database fails while silos run: what needs it fails, and nothing else.</summary>
public sealed class DatabaseAwayTests
{
    [Fact]
    public async Task While_the_database_is_away_workers_serve_and_the_silo_stays_ready_and_afterwards_writes_go_on()
    {
        await using var server = await PostgresServer.Start();
        using var directory = new TemporaryDirectory();
        await using var silo = await SiloProcess.Join(directory, await server.CreateDatabase(), SiloPlace.Find());
        await using var client = await silo.Connect();
        var storage = client.Get<IStorageCoordinatorGrain>(IStorageCoordinatorGrain.Key);
        var cache = client.Get<ICacheManagerGrain>(ICacheManagerGrain.Key);
        var key = new CacheKey { Collection = "firms", Id = "acme" };
        await storage.Put(key.Collection, key.Id, """{"n":1}""", 0);
        await cache.GetOrLoad(key, TimeSpan.FromHours(1));

        await server.StopImmediately();
        await Assert.ThrowsAnyAsync<Exception>(() => storage.Put(key.Collection, key.Id, """{"n":2}""", 1));
        Assert.Equal(CacheSource.Hit, (await cache.GetOrLoad(key, TimeSpan.FromHours(1))).Source);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await silo.Health("ready"), await silo.Health("live")));

        await server.StartAgain();
        await Eventually.Is(() => Put(storage, key), version => version is not null, "a document can be written again");
        Assert.Equal("""{"n":3}""", (await storage.Get(key.Collection, key.Id))!.Json);
        Assert.Equal(0, await silo.Stop());
        Assert.DoesNotContain(PostgresServer.Password, silo.Output.Text + silo.Errors.Text, StringComparison.Ordinal);
    }

    private static async Task<long?> Put(IStorageCoordinatorGrain storage, CacheKey key)
    {
        try
        {
            return await storage.Put(key.Collection, key.Id, """{"n":3}""", null);
        }
        catch (Exception stillAway) when (stillAway is not Xunit.Sdk.XunitException)
        {
            return null;
        }
    }
}
