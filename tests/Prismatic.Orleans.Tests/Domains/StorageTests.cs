using System.Text;
using Prismatic.Domains.Core;
using Xunit;

namespace Prismatic.Tests.Domains;

public sealed class StorageTests(DomainsCluster cluster) : IClassFixture<DomainsCluster>
{
    private IStorageCoordinatorGrain Storage => cluster.Worker<IStorageCoordinatorGrain>(IStorageCoordinatorGrain.Key);

    [Fact]
    public void The_checksum_is_the_known_one() => Assert.Equal(0xCBF43926u, Crc32.Of("123456789"u8));

    [Fact]
    public async Task Documents_are_versioned_searched_and_linked_and_outlive_a_restart()
    {
        Assert.Equal(1, await Storage.Put("firms", "acme", """{"name":"Ácme Trading","links":[{"to":"holding","kind":"owned-by"}]}""", 0));
        Assert.Equal(1, await Storage.Put("firms", "holding", """{"name":"Holding","links":[{"to":"novak","kind":"owned-by"},{"to":"acme","kind":"owns"}]}""", null));
        Assert.Equal(2, await Storage.Put("firms", "holding", """{"name":"Acme Holding","links":[{"to":"novak","kind":"owned-by"}]}""", 1));
        await DomainsCluster.Restart(Storage);
        Assert.Equal(2, (await Storage.Get("firms", "holding"))!.Version);
        Assert.Equal(["acme", "holding"], (await Storage.Search("firms", "ACME", 10)).Select(doc => doc.Id));
        Assert.Equal(["acme"], (await Storage.Search("firms", "trading acme", 10)).Select(doc => doc.Id));
        Assert.Equal([("acme", "holding", 1), ("holding", "novak", 2)], (await Storage.Neighbours("acme", 6)).Select(edge => (edge.From, edge.To, edge.Depth)));
        Assert.Null(await Storage.Get("firms", "nobody"));
        var snapshot = await Storage.Snapshot();
        Assert.Equal(2, File.ReadLines(Path.Combine(snapshot, "firms.jnl")).Count());
    }

    [Fact]
    public async Task Another_version_than_expected_is_the_requests_fault()
    {
        await Storage.Put("versions", "a", "{}", null);
        DomainsCluster.AssertNames("expectedVersion", await Assert.ThrowsAsync<ArgumentException>(() => Storage.Put("versions", "a", "{}", 0)));
        DomainsCluster.AssertNames("json", await Assert.ThrowsAsync<ArgumentException>(() => Storage.Put("versions", "a", "[1", null)));
        DomainsCluster.AssertNames("collection", await Assert.ThrowsAsync<ArgumentException>(() => Storage.Put("../up", "a", "{}", null)));
    }

    [Fact]
    public async Task A_torn_tail_crashes_the_worker_that_wrote_it_and_the_next_incarnation_sets_it_aside()
    {
        await Storage.Put("torn", "a", """{"n":1}""", null);
        await Storage.Put("torn", "b", """{"n":2}""", null);
        var path = Path.Combine(cluster.DataDirectory, "journals", "torn.jnl");
        await using (var file = new FileStream(path, FileMode.Open))
        {
            file.SetLength(file.Length - 5);
        }

        var crash = await Assert.ThrowsAnyAsync<Exception>(() => Storage.Put("torn", "c", "{}", null));
        Assert.Contains("is damaged", crash.Message, StringComparison.Ordinal);
        await DomainsCluster.Restart(Storage);
        Assert.Equal(1, await Storage.Put("torn", "c", """{"n":3}""", 0));
        Assert.Null(await Storage.Get("torn", "b"));
        Assert.NotNull(await Storage.Get("torn", "a"));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!, "torn.jnl.damaged-*"));
    }

    [Fact]
    public async Task A_rotten_line_in_the_middle_is_reported_by_recovery_and_the_lines_after_it_are_kept()
    {
        // What other tests of this class have damaged is set aside first: the report is about every journal.
        await Storage.VerifyAndRecover();
        await Storage.Put("rot", "a", """{"n":1}""", null);
        await Storage.Put("rot", "b", """{"n":2}""", null);
        var path = Path.Combine(cluster.DataDirectory, "journals", "rot.jnl");
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[20] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        var crash = await Assert.ThrowsAnyAsync<Exception>(() => Storage.Get("rot", "a"));
        Assert.Contains("does not fit its checksum", crash.Message, StringComparison.Ordinal);
        var report = await Storage.VerifyAndRecover();
        Assert.Equal(1, report.LostLines);
        Assert.Null(await Storage.Get("rot", "a"));
        Assert.NotNull(await Storage.Get("rot", "b"));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(-1, 0)]
    public void A_line_is_good_only_when_whole(int cut, int bad)
    {
        var line = JournalLine.Write(new JournalEntry("a", 1, DateTimeOffset.UnixEpoch, "{}"));
        var bytes = cut < 0 ? [] : line[..^cut];
        Assert.Equal(bad, JournalLine.Scan(bytes).Bad.Count);
        Assert.Equal("a", JournalLine.Read(line)!.Id);
    }

    [Fact]
    public async Task The_cache_loads_once_hits_and_answers_stale_values_when_storage_fails()
    {
        var cache = cluster.Worker<ICacheManagerGrain>(ICacheManagerGrain.Key);
        var key = new CacheKey { Collection = "cached", Id = "a" };
        await Storage.Put("cached", "a", """{"n":1}""", null);
        Assert.Equal(CacheSource.Miss, (await cache.GetOrLoad(key, TimeSpan.FromHours(1))).Source);
        var hit = await cache.GetOrLoad(key, TimeSpan.FromHours(1));
        Assert.Equal((CacheSource.Hit, """{"n":1}"""), (hit.Source, Encoding.UTF8.GetString(hit.Value!)));

        var path = Path.Combine(cluster.DataDirectory, "journals", "cached.jnl");
        await using (var file = new FileStream(path, FileMode.Open))
        {
            file.SetLength(10);
        }

        var stale = await cache.GetOrLoad(key, TimeSpan.FromTicks(1));
        Assert.Equal((CacheSource.Stale, """{"n":1}"""), (stale.Source, Encoding.UTF8.GetString(stale.Value!)));
        Assert.Equal(1, await cache.InvalidatePrefix("cached/"));
        await Assert.ThrowsAnyAsync<Exception>(() => cache.GetOrLoad(key, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void The_shelf_drops_what_was_used_longest_ago()
    {
        var shelf = new CacheShelf(30);
        foreach (var name in new[] { "a", "b", "c" })
        {
            shelf.Put(name, new CacheEntry { Value = new byte[10], LoadedAt = TimeSpan.Zero, TimeToLive = TimeSpan.FromSeconds(5) });
        }

        Assert.NotNull(shelf.Find("a"));
        shelf.Put("d", new CacheEntry { Value = new byte[10], LoadedAt = TimeSpan.Zero, TimeToLive = TimeSpan.FromSeconds(5) });
        Assert.Null(shelf.Find("b"));
        Assert.Equal((3, 30, 1), (shelf.Count, shelf.Bytes, shelf.Evictions));
        Assert.NotNull(shelf.FindFresh("a", TimeSpan.FromSeconds(4.9), TimeSpan.FromHours(1)));
        Assert.Null(shelf.FindFresh("a", TimeSpan.FromSeconds(5), TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData(50, 2)]
    [InlineData(51, 3)]
    [InlineData(95, 4)]
    [InlineData(100, 4)]
    public void A_percentile_is_the_nearest_rank(double p, double expected) => Assert.Equal(expected, TelemetryBoard.Percentile([1, 2, 3, 4], p));

    [Fact]
    public void The_board_matches_patterns_and_refuses_name_1001()
    {
        var board = new TelemetryBoard();
        var at = DateTimeOffset.UnixEpoch;
        for (var i = 0; i < TelemetryBoard.MostNames; i++)
        {
            board.Add(new TelemetryEvent { Name = $"app/osint/s{i}/fetch", Value = i, Succeeded = i != 0 }, at);
        }

        Assert.Equal(1_000, board.Summarise("app/osint/*/fetch", at.AddSeconds(-1), TimeSpan.FromSeconds(10)).Count);
        Assert.Equal(1, board.Summarise("app/*/s0/fetch", at.AddSeconds(-1), TimeSpan.FromSeconds(10)).FailureShare);
        Assert.Throws<InvalidOperationException>(() => board.Add(new TelemetryEvent { Name = "app/osint/new/fetch", Value = 1 }, at));
        Assert.Equal(("osint", "s0", false), (board.ToTrace(at, at).Domain, board.ToTrace(at, at).Points[0].Dependency, board.ToTrace(at, at).Points[0].Up));
    }
}
