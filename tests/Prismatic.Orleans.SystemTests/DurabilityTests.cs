using System.Text.Json.Nodes;
using Prismatic.Domains.Osint;
using Prismatic.Supervision;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests;

/// <summary>What the platform knows lies in one file, and the next start on that file knows it all.</summary>
public sealed class DurabilityTests
{
    private const string Osint = "prismatic/osint";

    [Fact]
    public async Task What_was_acknowledged_is_there_after_kill_9_and_again_after_SIGTERM()
    {
        using var directory = new TemporaryDirectory();
        using var source = new RefusingPort();
        Knowledge before;
        await using (var silo = await SiloProcess.Start(directory))
        {
            await using var client = await silo.Connect();
            using var admin = silo.Admin();
            await CrashTwice(client, source);
            await admin.RecordedCrashes(2);
            before = await Knowledge.Of(client, admin);

            // The last answer before the end: what it acknowledges must already be on the disk.
            await admin.Resolve(before.Tickets.Single()!["id"]!.GetValue<string>(), "The list was retired.");
            await silo.Kill();
        }

        Assert.Equal(2, before.Crashes);
        Knowledge afterKill;
        await using (var silo = await SiloProcess.Start(directory))
        {
            await using var client = await silo.Connect();
            using var admin = silo.Admin();
            afterKill = await Knowledge.Of(client, admin);

            Assert.Equal((before.Lessons.Count, before.Crashes), (afterKill.Lessons.Count, afterKill.Crashes));
            Assert.Equal(before.Children, afterKill.Children);
            Assert.Equal(before.Rules.Count + 1, afterKill.Rules.Count);
            Assert.Contains(afterKill.Lessons, lesson => lesson!["rootCause"]!.GetValue<string>() == "The list was retired.");
            Assert.False(afterKill.Tickets.Single()!["open"]!.GetValue<bool>());
            Assert.NotNull(await client.Get<IAdapterRegistryGrain>(IAdapterRegistryGrain.Key).Find("register"));
            Assert.Equal(0, await silo.Stop());
        }

        await using (var silo = await SiloProcess.Start(directory))
        {
            await using var client = await silo.Connect();
            using var admin = silo.Admin();

            Assert.Equal(afterKill.ToString(), (await Knowledge.Of(client, admin)).ToString());
        }
    }

    [Fact]
    public async Task A_crash_just_before_SIGTERM_is_in_the_counts_of_the_next_start_and_the_exit_code_is_0()
    {
        using var directory = new TemporaryDirectory();
        using var source = new RefusingPort();
        await using (var silo = await SiloProcess.Start(directory))
        {
            await using var client = await silo.Connect();
            await CrashTwice(client, source);

            Assert.Equal(0, await silo.Stop());
            Assert.Empty(silo.Errors.Lines);
        }

        await using (var silo = await SiloProcess.Start(directory))
        {
            await using var client = await silo.Connect();
            using var admin = silo.Admin();

            var found = await Knowledge.Of(client, admin);

            Assert.Equal((2, 2, 1), (found.Crashes, found.Lessons.Count, found.Tickets.Count));
            var child = Assert.Single(found.Children);
            Assert.Equal((2, 2), (child.Crashes, child.Restarts));
        }
    }

    private static async Task CrashTwice(PlatformClient client, RefusingPort source)
    {
        await client.RegisterWebSource("register", source.Number);
        await client.RegisterListSource("old-list", "no-such-list.csv");
        await Assert.ThrowsAsync<HttpRequestException>(() => client.Ask("register"));
        await Assert.ThrowsAsync<FileNotFoundException>(() => client.Ask("old-list"));
    }

    /// <summary>What a start must know of the starts before it, without what depends on the moment it is asked.</summary>
    private sealed record Knowledge(
        long Crashes,
        JsonArray Lessons,
        JsonArray Rules,
        JsonArray Tickets,
        IReadOnlyList<(string Path, long Incarnation, long Crashes, long Restarts)> Children)
    {
        public static async Task<Knowledge> Of(PlatformClient client, AdminApi admin)
        {
            var lessons = (await admin.Get("lessons"))["items"]!.AsArray();
            foreach (var lesson in lessons)
            {
                // Outcomes go on being recorded while the remedies are verified.
                lesson!.AsObject().Remove("outcomes");
            }

            var osint = await client.Get<ISupervisorGrain>(Osint).GetState();
            return new Knowledge(
                (await admin.Get("lessons/statistics"))["totalCrashes"]!.GetValue<long>(),
                lessons,
                (await admin.Get("remediations")).AsArray(),
                (await admin.Get("escalations")).AsArray(),
                [.. osint.Children.Where(child => child.Crashes > 0).Select(child => (child.Path, child.Incarnation, child.Crashes, child.Restarts))]);
        }

        public override string ToString() =>
            $"{Crashes} crashes\n{string.Join('\n', Children)}\n{Lessons.ToJsonString()}\n{Rules.ToJsonString()}\n{Tickets.ToJsonString()}";
    }
}
