using System.Globalization;
using Microsoft.Data.Sqlite;
using Orleans.Runtime;
using Orleans.Storage;
using Prismatic.Storage;

namespace Prismatic.Store;

/// <summary>
/// Grain storage in one table of a SQLite file: a record is a row with the bytes that the host's provider would store, replaced only by who
/// saw its version. Writes are on the disk when they return (WAL, synchronous FULL). Counts what is read and written.
/// </summary>
internal sealed class SqliteRecords : IGrainStorage, IDisposable
{
    private readonly Lock _one = new();
    private readonly SqliteConnection _connection;
    private readonly EnvelopeSerializer _serializer = new(TimeProvider.System);

    /// <param name="file">The file, made when it is not there.</param>
    /// <param name="bulk">Whether it is only to be filled: without a journal, nothing waits for the disk, and the pages stay in memory until the end.</param>
    public SqliteRecords(string file, bool bulk = false)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        _connection.Open();
        foreach (var pragma in bulk
            ? (string[])["journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -4000000"]
            : ["journal_mode = WAL", "synchronous = FULL"])
        {
            Execute($"PRAGMA {pragma}");
        }

        Execute("CREATE TABLE IF NOT EXISTS Records (Key TEXT PRIMARY KEY, Payload BLOB NOT NULL, Version INTEGER NOT NULL) WITHOUT ROWID");
    }

    public long Reads { get; private set; }

    public long Writes { get; private set; }

    /// <summary>Inserts many records at once, in one transaction.</summary>
    public void Fill(IEnumerable<(string Key, byte[] Payload)> records)
    {
        using var transaction = _connection.BeginTransaction();
        using var insert = Command("INSERT INTO Records (Key, Payload, Version) VALUES ($key, $payload, 1)");
        var (key, payload) = (insert.Parameters.Add("$key", SqliteType.Text), insert.Parameters.Add("$payload", SqliteType.Blob));
        insert.Transaction = transaction;
        foreach (var record in records)
        {
            (key.Value, payload.Value) = (record.Key, record.Payload);
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_one)
        {
            Reads++;
            using var select = Command("SELECT Payload, Version FROM Records WHERE Key = $key");
            select.Parameters.AddWithValue("$key", Key(stateName, grainId));
            using var row = select.ExecuteReader();
            if (row.Read())
            {
                grainState.State = _serializer.Deserialize<T>(new BinaryData((byte[])row[0]))!;
                (grainState.RecordExists, grainState.ETag) = (true, row.GetInt64(1).ToString(CultureInfo.InvariantCulture));
            }
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var bytes = _serializer.Serialize(grainState.State).ToArray();
        var seen = grainState.ETag is { } tag ? long.Parse(tag, CultureInfo.InvariantCulture) : 0;
        lock (_one)
        {
            Writes++;
            using var write = Command(seen == 0
                ? "INSERT INTO Records (Key, Payload, Version) VALUES ($key, $payload, 1) ON CONFLICT DO NOTHING"
                : "UPDATE Records SET Payload = $payload, Version = $seen + 1 WHERE Key = $key AND Version = $seen");
            write.Parameters.AddWithValue("$key", Key(stateName, grainId));
            write.Parameters.AddWithValue("$payload", bytes);
            write.Parameters.AddWithValue("$seen", seen);
            if (write.ExecuteNonQuery() == 0)
            {
                throw new InconsistentStateException($"{stateName} of {grainId} was written by somebody else since version {seen}.");
            }
        }

        (grainState.RecordExists, grainState.ETag) = (true, (seen + 1).ToString(CultureInfo.InvariantCulture));
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_one)
        {
            using var delete = Command("DELETE FROM Records WHERE Key = $key");
            delete.Parameters.AddWithValue("$key", Key(stateName, grainId));
            delete.ExecuteNonQuery();
        }

        (grainState.RecordExists, grainState.ETag) = (false, null);
        return Task.CompletedTask;
    }

    public static string Key(string stateName, GrainId grainId) => $"{stateName}/{grainId}";

    public void Dispose() => _connection.Dispose();

    private SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }
}
