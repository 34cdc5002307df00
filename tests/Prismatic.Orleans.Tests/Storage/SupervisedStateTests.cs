using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;
using Prismatic.Runtime;
using Prismatic.Storage;
using Xunit;

namespace Prismatic.Tests.Storage;

public sealed class SupervisedStateTests
{
    private static readonly GrainId Grain = GrainId.Create("case-manager", "1");
    private static readonly byte[] Garbage = Encoding.UTF8.GetBytes("garbage");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ResetOrders _orders = new();
    private readonly StoredRecords _storage;

    public SupervisedStateTests() => _storage = new StoredRecords(new EnvelopeSerializer(_time));

    [Fact]
    public async Task A_grain_without_a_record_starts_with_a_new_state_and_stores_nothing()
    {
        var (state, _) = await Activate();

        Assert.Empty(state.Value.Open);
        Assert.False(state.Exists);
        Assert.Null(state.Restored);
        Assert.Empty(_storage.Writes);
    }

    [Fact]
    public async Task What_was_written_is_there_in_the_next_activation()
    {
        var (state, _) = await Activate();
        await Turn(state, "a");

        var (next, _) = await Activate();

        Assert.True(next.Exists);
        Assert.Equal(["a"], next.Value.Open);
    }

    [Fact]
    public async Task A_failed_write_passes_its_exception_on_and_keeps_the_value()
    {
        var (state, _) = await Activate();
        _storage.FailingWrites["cases"] = new IOException("disk full");

        await Assert.ThrowsAsync<IOException>(() => Turn(state, "a"));

        Assert.Equal(["a"], state.Value.Open);
        _storage.FailingWrites.Clear();
        await state.WriteAsync();
        Assert.Equal(["a"], (await Activate()).State.Value.Open);
    }

    [Fact]
    public async Task A_write_over_another_activations_write_is_refused_as_inconsistent()
    {
        var (state, _) = await Activate();
        await Turn(state, "a");
        _storage.Touch("cases");

        await Assert.ThrowsAsync<InconsistentStateException>(() => Turn(state, "b"));
    }

    [Fact]
    public async Task Writes_that_overlap_are_carried_out_in_order()
    {
        var (state, _) = await Activate();
        state.Value.Add("a");
        var first = state.WriteAsync();
        state.Value.Add("b");
        await Task.WhenAll(first, state.WriteAsync());

        Assert.Equal(["a", "b"], (await Activate()).State.Value.Open);
    }

    [Fact]
    public async Task Two_writes_of_one_turn_prove_nothing()
    {
        var (state, _) = await Activate();

        await InOneTurn(async () =>
        {
            state.Value.Add("a");
            await state.WriteAsync();
            state.Value.Add("b");
            await state.WriteAsync();
        });

        Assert.Equal(["cases", "cases"], _storage.Writes);
    }

    [Fact]
    public async Task Two_writes_in_helpers_of_one_turn_that_read_the_value_itself_prove_nothing()
    {
        var (state, _) = await Activate();

        await InOneTurn(async () =>
        {
            state.Value.Add("a");
            await Save();
            state.Value.Add("b");
            await Save();
        });

        Assert.Equal(["cases", "cases"], _storage.Writes);

        async Task Save()
        {
            await Task.Yield();
            await state.WriteAsync();
        }
    }

    [Fact]
    public async Task A_write_in_a_later_turn_keeps_what_the_turn_before_stored_as_known_good()
    {
        var (state, _) = await Activate();
        await Turn(state, "a");
        await Turn(state, "b");

        Assert.Equal(["cases", "cases", "cases~good"], _storage.Writes);
        Assert.Equal(["a"], Stored("cases~good").Open);
    }

    [Fact]
    public async Task A_state_that_was_read_is_known_good_when_a_turn_writes()
    {
        await Turn((await Activate()).State, "a");
        await Turn((await Activate()).State, "b");

        Assert.Equal(["a"], Stored("cases~good").Open);
    }

    [Fact]
    public async Task Writes_during_the_start_prove_nothing()
    {
        await Turn((await Activate()).State, "a");
        var (starting, _) = await Activate(started: false);
        await Turn(starting, "b");
        await Turn(starting, "c");

        Assert.DoesNotContain("cases~good", _storage.Writes);
    }

    [Theory]
    [InlineData(9.999, "a")]
    [InlineData(10, "b")]
    public async Task A_snapshot_follows_the_last_one_after_ten_seconds_at_the_earliest(double seconds, string newest)
    {
        var (state, _) = await Activate();
        await Turn(state, "a");
        await Turn(state, "b");
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await Turn(state, "c");

        Assert.Equal(newest, Stored("cases~good").Open[^1]);
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_kept_fails_nothing_and_is_tried_again()
    {
        var (state, _) = await Activate();
        await Turn(state, "a");
        _storage.FailingWrites["cases~good"] = new IOException("disk full");
        await Turn(state, "b");

        _storage.FailingWrites.Clear();
        _time.Advance(KnownGood.Interval);
        await Turn(state, "c");

        Assert.Equal(["a", "b"], Stored("cases~good").Open);
    }

    [Theory]
    [InlineData(DeactivationReasonCode.ActivationIdle, true)]
    [InlineData(DeactivationReasonCode.ShuttingDown, true)]
    [InlineData(DeactivationReasonCode.ApplicationRequested, true)]
    [InlineData(DeactivationReasonCode.ApplicationError, false)]
    [InlineData(DeactivationReasonCode.ActivationFailed, false)]
    [InlineData(DeactivationReasonCode.ActivationUnresponsive, false)]
    [InlineData(DeactivationReasonCode.DuplicateActivation, false)]
    [InlineData(null, false)]
    public async Task Only_a_clean_end_keeps_the_last_write_as_known_good(DeactivationReasonCode? reason, bool kept)
    {
        var (state, life) = await Activate();
        await Turn(state, "a");

        life.End = reason;
        await state.End(CancellationToken.None);

        Assert.Equal(kept, _storage.Names.Contains("cases~good"));
    }

    [Fact]
    public async Task A_damaged_record_without_an_order_fails_the_activation_and_changes_nothing()
    {
        await StoreAndDamage();
        var before = _storage.Writes.Count;

        var thrown = await Assert.ThrowsAsync<StateDamagedException>(Activate);

        Assert.Equal("cases", thrown.StateName);
        Assert.Equal(
            "The stored state 'cases' of case-manager/1 cannot be used: it does not begin with a record header", thrown.Message);
        Assert.Equal(before, _storage.Writes.Count);
        Assert.Equal(Garbage, _storage.Bytes("cases"));
    }

    [Fact]
    public async Task An_ordered_reset_puts_back_the_known_good_state_and_keeps_the_replaced_bytes()
    {
        await StoreAndDamage();
        _orders.Order(Grain, "crash-7");

        var (state, _) = await Activate();

        Assert.Equal(["a"], state.Value.Open);
        Assert.True(state.Exists);
        Assert.Equal(
            "The stored state 'cases' could not be used: it does not begin with a record header. The known-good snapshot written at "
            + "2026-01-01 00:00:00Z was put back. The replaced bytes are kept as 'cases~replaced~crash-7'.",
            state.Restored);
        Assert.Equal(Garbage, Read("cases~replaced~crash-7").Payload);
        Assert.Equal(["a"], Stored("cases").Open);
        Assert.Equal(0, _orders.Count);
    }

    [Fact]
    public async Task A_reset_without_a_known_good_state_starts_anew()
    {
        await Turn((await Activate()).State, "a");
        _storage.Damage("cases", Garbage);
        _orders.Order(Grain, "crash-7");

        var (state, _) = await Activate();

        Assert.Empty(state.Value.Open);
        Assert.Contains("There was no known-good snapshot", state.Restored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_known_good_state_that_fails_its_own_check_is_not_put_back_and_can_be_replaced_later()
    {
        await StoreAndDamage();
        _storage.Damage("cases~good", RecordFrame.Write(StateEnvelope.Seal("""{"Open":["x"],"Count":5}"""u8.ToArray(), 1, default)).ToArray());
        _orders.Order(Grain, "crash-7");

        var (state, _) = await Activate();
        Assert.Empty(Stored("cases").Open);
        Assert.Contains("(it counts 5 cases and lists 1)", state.Restored, StringComparison.Ordinal);

        await Turn(state, "y");
        _time.Advance(KnownGood.Interval);
        await Turn(state, "z");
        Assert.Equal(["y"], Stored("cases~good").Open);
    }

    [Fact]
    public async Task The_states_own_check_is_evidence_for_a_reset()
    {
        await StoreAndDamage();
        _storage.Damage("cases", RecordFrame.Write(StateEnvelope.Seal("""{"Open":["x"],"Count":5}"""u8.ToArray(), 1, default)).ToArray());
        _orders.Order(Grain, "crash-7");

        Assert.Equal(["a"], (await Activate()).State.Value.Open);
    }

    [Theory]
    [InlineData("cases~replaced~crash-7")]
    [InlineData("cases")]
    public async Task A_reset_that_dies_at_any_write_is_resumed_by_the_next_activation(string diesAt)
    {
        await StoreAndDamage();
        _orders.Order(Grain, "crash-7");
        _storage.FailingWrites[diesAt] = new IOException("silo killed");
        await Assert.ThrowsAsync<IOException>(Activate);
        Assert.Equal(Garbage, _storage.Bytes("cases"));

        _storage.FailingWrites.Clear();
        var (state, _) = await Activate();

        Assert.Equal(["a"], state.Value.Open);
        Assert.Equal(["cases", "cases~good", "cases~replaced~crash-7"], _storage.Names);
    }

    [Fact]
    public async Task Other_bytes_under_the_same_order_are_kept_beside_the_first()
    {
        await StoreAndDamage();
        _orders.Order(Grain, "crash-7");
        await Activate();
        _storage.Damage("cases", [0xFF]);
        _orders.Order(Grain, "crash-7");
        await Activate();

        var kept = _storage.Names.Where(name => name.Contains("~replaced~", StringComparison.Ordinal)).Select(name => Read(name).Payload);
        Assert.Equal([Garbage, [0xFF]], kept);
    }

    [Fact]
    public async Task An_order_for_a_record_that_is_intact_is_settled_and_resets_nothing()
    {
        await Turn((await Activate()).State, "a");
        _orders.Order(Grain, "crash-7");

        var (state, _) = await Activate();

        Assert.Equal(["a"], state.Value.Open);
        Assert.Null(state.Restored);
        Assert.Equal(0, _orders.Count);
        Assert.Equal(["cases"], _storage.Names);
    }

    [Fact]
    public async Task An_order_stays_until_every_state_of_the_grain_was_read()
    {
        await Turn((await Activate()).State, "a");
        _orders.Order(Grain, "crash-7");
        var intact = Create(new ActivationLife(), DamagePolicy.Crash);

        await intact.Start(CancellationToken.None);

        Assert.Equal(1, _orders.Count);
    }

    [Fact]
    public async Task A_control_grain_sets_a_damaged_record_aside_without_an_order()
    {
        await StoreAndDamage();

        var (state, _) = await Activate(onDamage: DamagePolicy.SetAside);

        Assert.Equal(["a"], state.Value.Open);
        Assert.NotNull(state.Restored);
        Assert.Equal(Garbage, Read($"cases~replaced~{StateEnvelope.ChecksumOf(Garbage)}").Payload);
    }

    [Fact]
    public async Task Reading_again_drops_what_was_not_written()
    {
        var (state, _) = await Activate();
        await Turn(state, "a");
        state.Value.Add("b");

        await state.ReadAsync();

        Assert.Equal(["a"], state.Value.Open);
    }

    [Fact]
    public async Task Reading_damage_again_throws_even_with_an_order_and_keeps_the_value()
    {
        var (state, _) = await Activate();
        await Turn(state, "a");
        _storage.Damage("cases", Garbage);
        _orders.Order(Grain, "crash-7");

        await Assert.ThrowsAsync<StateDamagedException>(state.ReadAsync);

        Assert.Equal(["a"], state.Value.Open);
        Assert.Equal(1, _orders.Count);
    }

    [Fact]
    public async Task What_was_cleared_does_not_come_back_through_a_reset()
    {
        var (state, _) = await Activate();
        await Turn(state, "a");
        await Turn(state, "b");
        await state.ClearAsync();
        Assert.False(state.Exists);
        Assert.Empty(state.Value.Open);
        Assert.Empty(_storage.Names);

        await Turn(state, "c");
        _storage.Damage("cases", Garbage);
        _orders.Order(Grain, "crash-7");
        Assert.Empty((await Activate()).State.Value.Open);
    }

    private async Task StoreAndDamage()
    {
        var (state, _) = await Activate();
        await Turn(state, "a");
        await Turn(state, "b");
        _storage.Damage("cases", Garbage);
    }

    private Task<(SupervisedState<Cases> State, ActivationLife Life)> Activate() => Activate(DamagePolicy.Crash);

    private async Task<(SupervisedState<Cases> State, ActivationLife Life)> Activate(
        DamagePolicy onDamage = DamagePolicy.Crash, bool started = true)
    {
        var life = new ActivationLife();
        var state = Create(life, onDamage);
        await state.Start(CancellationToken.None);
        await state.SettleOrder(CancellationToken.None);
        life.HasStarted = started;
        return (state, life);
    }

    private SupervisedState<Cases> Create(ActivationLife life, DamagePolicy onDamage) =>
        new(new StateIdentity("cases", Grain, onDamage, Schema: 1), _storage, _orders, life, _time, NullLogger.Instance);

    private static Task Turn(SupervisedState<Cases> state, string added) => InOneTurn(() =>
    {
        state.Value.Add(added);
        return state.WriteAsync();
    });

    // An async method gives its caller's flow back as it was: what the action marks ends here, as it does at the end of a grain's turn.
    private static async Task InOneTurn(Func<Task> turn) => await turn();

    private Cases Stored(string stateName)
    {
        Assert.True(StateCodec.TryDecode<Cases>(Read(stateName), schemaVersion: 1, out var state, out var damage), damage);
        return state!;
    }

    private StateEnvelope Read(string stateName) => RecordFrame.Read(_storage.Bytes(stateName)!);
}
