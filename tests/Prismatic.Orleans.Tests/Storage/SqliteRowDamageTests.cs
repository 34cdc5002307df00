using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;
using Prismatic.Runtime;
using Prismatic.Storage;
using Xunit;

namespace Prismatic.Tests.Storage;

/// <summary>The provider deserializes before it learns the row's version; only a serializer that does not throw keeps the row replaceable.</summary>
public sealed class SqliteRowDamageTests
{
    private static readonly GrainId Grain = GrainId.Create("case-manager", "one");

    [Theory]
    [InlineData("X'00FF10'")]
    [InlineData("X''")]
    [InlineData("substr(PayloadBinary, 1, length(PayloadBinary) - 3)")]
    [InlineData("CAST(replace(PayloadBinary, 'Count', 'count') AS BLOB)")]
    public async Task A_row_damaged_on_disk_is_read_with_its_version_and_can_be_written_over(string damagedPayload)
    {
        await using var sqlite = await SqliteProvider.Start();
        await Write(sqlite, "first");
        await sqlite.Execute($"UPDATE OrleansStorage SET PayloadBinary = {damagedPayload};");

        var read = new GrainState<StateEnvelope>(new StateEnvelope());
        await sqlite.Storage.ReadStateAsync("cases", Grain, read);

        Assert.NotNull(read.State!.Damage);
        Assert.Equal("1", read.ETag);
        Assert.True(read.RecordExists);

        read.State = StateCodec.Encode(new Cases().Add("repaired"), 1, default);
        await sqlite.Storage.WriteStateAsync("cases", Grain, read);
        Assert.Equal("2", read.ETag);
    }

    [Fact]
    public async Task A_state_damaged_on_disk_is_reset_by_order_to_its_known_good_state()
    {
        await using var sqlite = await SqliteProvider.Start();
        var state = await Activate(sqlite, new ResetOrders());
        await InOneTurn(state, "a");
        await InOneTurn(state, "b");
        await sqlite.Execute("UPDATE OrleansStorage SET PayloadBinary = X'00' WHERE GrainTypeString = 'cases';");
        var orders = new ResetOrders();
        orders.Order(Grain, "crash-7");

        Assert.Equal(["a"], (await Activate(sqlite, orders)).Value.Open);
        Assert.Equal(["a"], (await Activate(sqlite, new ResetOrders())).Value.Open);
    }

    [Fact]
    public async Task A_null_version_inserts_only_where_no_row_is()
    {
        await using var sqlite = await SqliteProvider.Start();
        await Write(sqlite, "first");

        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(sqlite, "second"));
    }

    [Fact]
    public async Task A_cleared_row_keeps_its_version_and_can_be_written_again()
    {
        await using var sqlite = await SqliteProvider.Start();
        var record = await Write(sqlite, "first");

        await sqlite.Storage.ClearStateAsync("cases", Grain, record);
        Assert.Equal(("2", false), (record.ETag, record.RecordExists));

        record.State = StateCodec.Encode(new Cases(), 1, default);
        await sqlite.Storage.WriteStateAsync("cases", Grain, record);
        Assert.Equal("3", record.ETag);
    }

    private static async Task<GrainState<StateEnvelope>> Write(SqliteProvider sqlite, string name)
    {
        var record = new GrainState<StateEnvelope>(StateCodec.Encode(new Cases().Add(name), 1, default));
        await sqlite.Storage.WriteStateAsync("cases", Grain, record);
        return record;
    }

    private static async Task<SupervisedState<Cases>> Activate(SqliteProvider sqlite, ResetOrders orders)
    {
        var life = new ActivationLife();
        var identity = new StateIdentity("cases", Grain, DamagePolicy.Crash, Schema: 1);
        var state = new SupervisedState<Cases>(identity, sqlite.Storage, orders, life, TimeProvider.System, NullLogger.Instance);
        await state.Start(CancellationToken.None);
        life.HasStarted = true;
        return state;
    }

    private static async Task InOneTurn(SupervisedState<Cases> state, string added)
    {
        state.Value.Add(added);
        await state.WriteAsync();
    }
}
