namespace Prismatic.Silo;

/// <summary>The tables and queries that Orleans' ADO.NET grain storage expects, for SQLite.</summary>
internal static class SqliteSchema
{
    public static DatabaseSchema Current => new()
    {
        // Kept in the file. A reader then never waits for a writer, and a crash of the process loses nothing that was committed.
        Before = "PRAGMA journal_mode = WAL;",
        FindVersions = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'PrismaticSchema';",
        Migrations = [Tables],
        Queries = Queries,
    };

    private const string Tables =
        """
        CREATE TABLE IF NOT EXISTS OrleansQuery (
            QueryKey TEXT NOT NULL PRIMARY KEY,
            QueryText TEXT NOT NULL
        );
        CREATE TABLE IF NOT EXISTS OrleansStorage (
            GrainIdHash INTEGER NOT NULL,
            GrainTypeHash INTEGER NOT NULL,
            GrainIdN0 INTEGER NOT NULL,
            GrainIdN1 INTEGER NOT NULL,
            GrainIdExtensionString TEXT NOT NULL DEFAULT '',
            GrainTypeString TEXT NOT NULL,
            ServiceId TEXT NOT NULL,
            PayloadBinary BLOB NULL,
            Version INTEGER NOT NULL,
            ModifiedOn TEXT NOT NULL,
            PRIMARY KEY (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainIdExtensionString, GrainTypeString, ServiceId)
        ) WITHOUT ROWID;
        """;

    private const string Row =
        """
        GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
        AND GrainIdExtensionString = COALESCE(@GrainIdExtensionString, '') AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId
        """;

    private static readonly (string Key, string Text)[] Queries =
    [
        ("ReadFromStorageKey", $"SELECT PayloadBinary, Version FROM OrleansStorage WHERE {Row};"),

        // One statement for both: without a version it inserts and meets no row, with one it updates the row of that version. Where the
        // caller's picture is wrong it returns no row, which the provider reports as InconsistentStateException.
        ("WriteToStorageKey",
            $"""
            INSERT INTO OrleansStorage (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainIdExtensionString, GrainTypeString,
                                        ServiceId, PayloadBinary, Version, ModifiedOn)
            SELECT @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, COALESCE(@GrainIdExtensionString, ''), @GrainTypeString,
                   @ServiceId, @PayloadBinary, COALESCE(@GrainStateVersion, 0) + 1, datetime('now')
            WHERE @GrainStateVersion IS NULL OR EXISTS (SELECT 1 FROM OrleansStorage WHERE {Row})
            ON CONFLICT DO UPDATE
            SET PayloadBinary = excluded.PayloadBinary, Version = OrleansStorage.Version + 1, ModifiedOn = excluded.ModifiedOn
            WHERE OrleansStorage.Version = @GrainStateVersion
            RETURNING Version AS NewGrainStateVersion;
            """),

        ("ClearStorageKey",
            $"""
            UPDATE OrleansStorage SET PayloadBinary = NULL, Version = Version + 1, ModifiedOn = datetime('now')
            WHERE {Row} AND Version = @GrainStateVersion
            RETURNING Version;
            """),

        ("DeleteStorageKey", $"DELETE FROM OrleansStorage WHERE {Row} AND Version = @GrainStateVersion RETURNING Version + 1;"),
    ];
}
