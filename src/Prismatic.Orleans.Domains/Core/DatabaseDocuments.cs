using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Prismatic.Domains.Core;

/// <summary>
/// Documents in a database that all silos share, one row for the newest version of each: for a cluster, where the coordinator may live on any silo. The
/// tables <c>PrismaticDocument</c>, <c>PrismaticDocumentAside</c> and <c>PrismaticDocumentSnapshot</c> belong to the host's schema. A write names the
/// version that it replaces, so that of two activations one learns that it was not alone.
/// </summary>
/// <param name="database">Opens connections.</param>
/// <param name="service">The service whose documents these are; part of every key.</param>
/// <param name="time">The clock.</param>
internal sealed class DatabaseDocuments(DbDataSource database, string service, TimeProvider time) : IDocumentStore
{
    private const string Own = "ServiceId = @Service AND Collection = @Collection";
    private const string Columns = "ServiceId, Collection, Id, Version, WrittenAt, Json, Checksum";

    public async Task<IReadOnlyList<string>> FindCollections()
    {
        var names = new List<string>();
        await Query(
            "SELECT DISTINCT Collection FROM PrismaticDocument WHERE ServiceId = @Service ORDER BY Collection",
            row => names.Add(row.GetString(0)),
            ("@Service", service));
        return names;
    }

    public async Task<OpenedCollection> Open(string collection)
    {
        List<JournalEntry> good = [];
        List<(string Id, long Bytes)> damaged = [];
        await Query(
            $"SELECT Id, Version, WrittenAt, Json, Checksum FROM PrismaticDocument WHERE {Own} ORDER BY Id",
            row =>
            {
                var entry = EntryOf(row);
                if (row.GetString(4) == ChecksumOf(entry.Version, entry.Json))
                {
                    good.Add(entry);
                }
                else
                {
                    damaged.Add((entry.Id, Encoding.UTF8.GetByteCount(entry.Json)));
                }
            },
            ("@Service", service), ("@Collection", collection));
        var log = new Log(this, collection);
        if (damaged.Count == 0)
        {
            return new OpenedCollection(log, good, 0, 0, null);
        }

        var aside = Stamp();
        foreach (var (id, _) in damaged)
        {
            await Execute(
                $"""
                WITH Damaged AS (DELETE FROM PrismaticDocument WHERE {Own} AND Id = @Id RETURNING {Columns})
                INSERT INTO PrismaticDocumentAside (Aside, {Columns}) SELECT @Aside, {Columns} FROM Damaged
                """,
                ("@Service", service), ("@Collection", collection), ("@Id", id), ("@Aside", aside));
        }

        return new OpenedCollection(log, good, damaged.Count, damaged.Sum(row => row.Bytes), $"PrismaticDocumentAside, {aside}");
    }

    public async Task<string> Snapshot(IReadOnlyCollection<DocumentCollection> collections)
    {
        var stamp = Stamp();
        await Execute(
            $"INSERT INTO PrismaticDocumentSnapshot (Snapshot, {Columns}) SELECT @Snapshot, {Columns} FROM PrismaticDocument WHERE ServiceId = @Service",
            ("@Snapshot", stamp), ("@Service", service));
        return $"PrismaticDocumentSnapshot, {stamp}";
    }

    private string Stamp() => time.GetUtcNow().ToString("yyyyMMdd-HHmmss-fffffff", CultureInfo.InvariantCulture);

    private static string ChecksumOf(long version, string json) =>
        Crc32.Of(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{version} {json}"))).ToString("x8", CultureInfo.InvariantCulture);

    private static JournalEntry EntryOf(DbDataReader row) =>
        new(row.GetString(0), row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2), row.GetString(3));

    private async Task Query(string sql, Action<DbDataReader> each, params (string Name, object Value)[] parameters)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            each(reader);
        }
    }

    private async Task<int> Execute(string sql, params (string Name, object Value)[] parameters)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    private static DbCommand Command(DbConnection connection, string sql, (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private sealed class Log(DatabaseDocuments store, string collection) : IDocumentLog
    {
        public async Task Append(JournalEntry entry)
        {
            var sql = entry.Version == 1
                ? $"INSERT INTO PrismaticDocument ({Columns}) VALUES (@Service, @Collection, @Id, @Version, @WrittenAt, @Json, @Checksum) ON CONFLICT DO NOTHING"
                : $"UPDATE PrismaticDocument SET Version = @Version, WrittenAt = @WrittenAt, Json = @Json, Checksum = @Checksum WHERE {Own} AND Id = @Id AND Version = @Version - 1";
            var written = await store.Execute(
                sql,
                ("@Service", store.Service),
                ("@Collection", collection),
                ("@Id", entry.Id),
                ("@Version", entry.Version),
                ("@WrittenAt", entry.WrittenAt.ToUniversalTime()),
                ("@Json", entry.Json),
                ("@Checksum", ChecksumOf(entry.Version, entry.Json)));
            if (written == 0)
            {
                throw new DocumentConflictException(collection, entry.Id);
            }
        }

        public async Task<JournalEntry?> Read(string id)
        {
            JournalEntry? found = null;
            var sound = true;
            await store.Query(
                $"SELECT Id, Version, WrittenAt, Json, Checksum FROM PrismaticDocument WHERE {Own} AND Id = @Id",
                row =>
                {
                    found = EntryOf(row);
                    sound = row.GetString(4) == ChecksumOf(found.Version, found.Json);
                },
                ("@Service", store.Service), ("@Collection", collection), ("@Id", id));
            return sound ? found : throw new JournalDamagedException($"The document {collection}/{id}", "its row does not fit its checksum.");
        }
    }

    private string Service => service;
}
