using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Prismatic.Runtime;
using Prismatic.Storage;
using Xunit;

namespace Prismatic.Tests.Storage;

public sealed class KnownGoodChainTests
{
    private static readonly GrainId Grain = GrainId.Create("tested", "one");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 21, 0, 0, 0, TimeSpan.Zero));
    private readonly StoredRecords _storage;

    public KnownGoodChainTests() => _storage = new StoredRecords(new EnvelopeSerializer(_time));

    [Fact]
    public async Task The_newest_snapshots_are_kept_and_the_oldest_is_written_over()
    {
        var chain = new KnownGoodChain(_storage, "cases", Grain, 3);
        for (var number = 1; number <= 5; number++)
        {
            await chain.Save(Snapshot(number), CancellationToken.None);
        }

        Assert.Equal([5, 4, 3], (await new KnownGoodChain(_storage, "cases", Grain, 3).Read(CancellationToken.None)).Select(Number));
    }

    [Fact]
    public async Task A_new_activation_goes_on_where_the_one_before_ended_and_keeps_nothing_twice()
    {
        var snapshots = new[] { Snapshot(1), Snapshot(2) };
        await new KnownGoodChain(_storage, "cases", Grain, 2).Save(snapshots[0], CancellationToken.None);
        await new KnownGoodChain(_storage, "cases", Grain, 2).Save(snapshots[1], CancellationToken.None);
        await new KnownGoodChain(_storage, "cases", Grain, 2).Save(snapshots[1], CancellationToken.None);

        Assert.Equal([2, 1], (await new KnownGoodChain(_storage, "cases", Grain, 2).Read(CancellationToken.None)).Select(Number));
    }

    [Fact]
    public async Task A_reset_goes_back_past_the_snapshots_that_the_workers_own_check_finds_damaged()
    {
        var chain = new KnownGoodChain(_storage, "cases", Grain, 3);
        await chain.Save(Snapshot(7), CancellationToken.None);
        await chain.Save(Snapshot(-1), CancellationToken.None);
        await chain.Save(Snapshot(-2), CancellationToken.None);
        var damaged = new StateRecord(_storage, "cases", Grain);
        await damaged.Write(StateEnvelope.Damaged("torn"u8.ToArray(), "torn by the test"));

        var identity = new StateIdentity("cases", Grain, DamagePolicy.Crash, Schema: 1);
        var (state, restored) = await new StateReset(identity, _storage, _time, NullLogger.Instance).Carry<Counted>(damaged, chain, "torn", "crash-1", CancellationToken.None);

        Assert.Equal(7, state.Value);
        Assert.Contains("2 newer could not be used", restored, StringComparison.Ordinal);
        Assert.Contains("cases~replaced~crash-1", restored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clearing_removes_every_snapshot()
    {
        var chain = new KnownGoodChain(_storage, "cases", Grain, 3);
        await chain.Save(Snapshot(1), CancellationToken.None);
        await chain.Save(Snapshot(2), CancellationToken.None);

        await chain.Clear();

        Assert.Empty(await new KnownGoodChain(_storage, "cases", Grain, 3).Read(CancellationToken.None));
    }

    private StateEnvelope Snapshot(int number)
    {
        _time.Advance(TimeSpan.FromSeconds(10));
        return StateCodec.Encode(new Counted { Value = number }, 1, _time.GetUtcNow());
    }

    private static int Number(StateEnvelope envelope) => System.Text.Json.JsonDocument.Parse(envelope.Payload).RootElement.EnumerateObject().First().Value.GetInt32();

    private sealed class Counted : ICheckedState
    {
        public int Value { get; set; }

        public string? FindDamage() => Value < 0 ? $"the value is {Value}" : null;
    }
}
