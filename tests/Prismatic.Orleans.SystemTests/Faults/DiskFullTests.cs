using System.Net;
using Prismatic.Domains.Core;
using Prismatic.Domains.DueDiligence;
using Prismatic.Domains.Osint;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests.Faults;

/// <summary>The disk of a silo by itself, with its SQLite file and its journals, is full for a while.</summary>
public sealed class DiskFullTests
{
    [Fact]
    public async Task While_the_disk_is_full_what_needs_none_is_served_and_what_was_acknowledged_before_and_after_is_there_after_kill_9()
    {
        await using var disk = await SmallDisk.Mount(megabytes: 24);
        using var directory = new TemporaryDirectory();
        var acknowledged = new List<string>();
        var cases = new List<string>();
        await using (var silo = SiloProcess.LaunchAlone(Arm.Platform, directory, SiloPlace.Find(), ("DataDirectory", disk.Path)))
        {
            Assert.True(await silo.BecameReady(), "A port is taken.");
            await using var client = await silo.Connect();
            for (var number = 0; number < 10; number++)
            {
                await Write(client, $"before-{number}");
            }

            disk.Fill();
            var refused = 0;
            for (var number = 0; number < 10; number++)
            {
                refused += await TryWrite(client, $"full-{number}") ? 0 : 1;
                Assert.Equal("0.5", (await client.Sources.Assess([new SourceClaim { Source = "register", Value = "0.5", Confidence = 0.5 }])).Value);
            }

            Assert.InRange(refused, 1, 10);
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await silo.Health("ready"), await silo.Health("live")));

            disk.MakeRoom();
            await Eventually.Is(() => TryWrite(client, $"after-{acknowledged.Count}"), written => written, "documents and cases can be written again");
            await silo.Kill();
        }

        await using (var silo = SiloProcess.LaunchAlone(Arm.Platform, directory, SiloPlace.Find(), ("DataDirectory", disk.Path)))
        {
            Assert.True(await silo.BecameReady(), "A port is taken.");
            await using var client = await silo.Connect();
            foreach (var document in acknowledged)
            {
                Assert.NotNull(await client.Get<IStorageCoordinatorGrain>(IStorageCoordinatorGrain.Key).Get(Load.Collection, document));
            }

            foreach (var id in cases)
            {
                Assert.Equal(id, (await client.Get<ICaseManagerGrain>(ICaseManagerGrain.Key).Get(id)).Id);
            }
        }

        async Task Write(PlatformClient client, string key)
        {
            await client.Get<IStorageCoordinatorGrain>(IStorageCoordinatorGrain.Key).Put(Load.Collection, key, """{"call":1}""", null);
            acknowledged.Add(key);
            cases.Add(await client.Get<ICaseManagerGrain>(ICaseManagerGrain.Key).Open(new CaseRequest
            {
                Subject = new EntityRecord { Id = key, Name = $"Company {key}", Kind = EntityKind.Company },
                OpenedBy = "load",
            }));
        }

        async Task<bool> TryWrite(PlatformClient client, string key)
        {
            try
            {
                await Write(client, key);
                return true;
            }
            catch (Exception refused) when (refused is not Xunit.Sdk.XunitException)
            {
                // No room on the disk, or the worker backs off because of it.
                return false;
            }
        }
    }
}
