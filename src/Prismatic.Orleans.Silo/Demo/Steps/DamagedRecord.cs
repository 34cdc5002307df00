using Microsoft.Data.Sqlite;
using Prismatic.Domains.Osint;
using Prismatic.Events;
using Prismatic.Storage;

namespace Prismatic.Silo.Demo.Steps;

/// <summary>Bytes of a worker's stored record are overwritten behind the silo's back.</summary>
internal sealed class DamagedRecord(DemoSilo silo, DemoData data, Narrator narrator)
{
    private const string State = "adapters";
    private const string Child = "prismatic/osint/adapter-registry";
    private const int Overwritten = 24;

    public async Task Tell()
    {
        narrator.Step("A stored record is damaged on disk");
        var before = await Slugs();
        var damaged = await Damage();
        narrator.Say($"{Overwritten} bytes in the middle of the adapter registry's record, {damaged.Length} bytes of {data.Shown}/prismatic.db, were overwritten.");
        await silo.Supervisor("prismatic/osint").Restart(Child, incarnation: null);
        narrator.Say("The worker's activation is ended, so that the next call has to read the record.");

        var seen = await Expect.Failure<StateDamagedException>("The call that reads the damaged record", Slugs);
        var crash = Expect.Crash(seen);
        narrator.Say($"The caller gets {nameof(StateDamagedException)}: {seen.Message}");
        var after = await Expect.Served("The call after the reset", Slugs);
        Expect.That(after.SequenceEqual(before), $"the reset put back {after.Count} adapters, not the {before.Count} of before.");
        narrator.Say($"The next call is served: all {after.Count} adapters are back, from the last known-good state.");
        await silo.Events.WaitFor(SupervisionEventKind.Recovered, crash);
        await CheckKept(crash, damaged);
        await silo.Events.WaitForHealing(crash);
    }

    private async Task<IReadOnlyList<string>> Slugs() => [.. (await silo.Adapters.ForInput(InputKind.Company, category: null)).Select(adapter => adapter.Slug)];

    /// <summary>Overwrites the middle of the record; the record as it is then.</summary>
    private async Task<byte[]> Damage()
    {
        await using var database = await Open();
        var record = await Read(database, State) ?? throw new StepFailedException($"the database has no record '{State}'.");
        record.AsSpan(record.Length / 2, Overwritten).Fill(0xFF);
        await using var write = database.CreateCommand();
        write.CommandText = "UPDATE OrleansStorage SET PayloadBinary = @record WHERE GrainTypeString = @state;";
        write.Parameters.AddWithValue("@record", record);
        write.Parameters.AddWithValue("@state", State);
        Expect.That(await write.ExecuteNonQueryAsync() == 1, $"the database has more than one record '{State}'.");
        return record;
    }

    private async Task CheckKept(string crash, byte[] damaged)
    {
        var name = $"{State}~replaced~{crash}";
        await using var database = await Open();
        var kept = await Read(database, name) ?? throw new StepFailedException($"the replaced bytes are not kept: there is no record '{name}'.");
        Expect.That(kept.AsSpan().EndsWith(damaged), $"the record '{name}' does not hold the replaced bytes.");
        narrator.Say($"The {damaged.Length} replaced bytes are kept, unchanged, as '{name}'.");
    }

    private async Task<SqliteConnection> Open()
    {
        var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = data.DatabaseFile, DefaultTimeout = 5 }.ToString());
        await database.OpenAsync();
        return database;
    }

    private static async Task<byte[]?> Read(SqliteConnection database, string state)
    {
        await using var read = database.CreateCommand();
        read.CommandText = "SELECT PayloadBinary FROM OrleansStorage WHERE GrainTypeString = @state;";
        read.Parameters.AddWithValue("@state", state);
        return await read.ExecuteScalarAsync() as byte[];
    }
}
