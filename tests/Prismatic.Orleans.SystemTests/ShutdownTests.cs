using System.Net;
using Prismatic.Domains.Core;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests;

/// <summary>SIGTERM: first the silo says that it is not ready, then it drains, then it ends.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public async Task While_it_drains_a_silo_is_not_ready_and_serves_as_before()
    {
        await using var server = await PostgresServer.Start();
        using var directory = new TemporaryDirectory();
        await using var silo = await SiloProcess.Join(directory, await server.CreateDatabase(), SiloPlace.Find(), ("DrainSeconds", "10"), ("ShutdownSeconds", "40"));
        await using var client = await silo.Connect();
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK), (await silo.Health("live"), await silo.Health("startup"), await silo.Health("ready")));

        silo.Terminate();
        await Eventually.Is(() => silo.Health("ready"), status => status != HttpStatusCode.OK, "the silo says that it is not ready");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (await silo.Health("ready"), await silo.Health("live")));
        Assert.Equal(1, await client.Get<IStorageCoordinatorGrain>(IStorageCoordinatorGrain.Key).Put("firms", "acme", "{}", 0));
        Assert.Equal(0, await silo.Exit());
        Assert.Empty(silo.Errors.Lines);
    }
}
