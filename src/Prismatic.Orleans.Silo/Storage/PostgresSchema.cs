namespace Prismatic.Silo;

/// <summary>The tables and queries that Orleans' ADO.NET storage, clustering and reminders expect, and the platform's documents, for PostgreSQL.</summary>
internal static class PostgresSchema
{
    public static DatabaseSchema Current => new()
    {
        // Held until the transaction ends. The number says "Prismatic" to nobody else.
        Lock = "SELECT pg_advisory_xact_lock(8101141167320);",
        FindVersions = "SELECT CASE WHEN to_regclass('prismaticschema') IS NULL THEN 0 ELSE 1 END;",
        Migrations = [Tables],
        Queries = Queries,
    };

    /// <summary>The schema as a script for psql.</summary>
    public static string Script => Current.ToScript(
        $"""
        DO $$ BEGIN
            IF (SELECT MAX(Version) FROM PrismaticSchema) > {Current.Version} THEN
                RAISE EXCEPTION 'This database has a newer schema than version {Current.Version}; it is left as it is.';
            END IF;
        END $$;
        """);

    private const string Tables =
        """
        CREATE TABLE IF NOT EXISTS OrleansQuery (
            QueryKey text PRIMARY KEY,
            QueryText text NOT NULL
        );
        CREATE TABLE IF NOT EXISTS OrleansStorage (
            GrainIdHash integer NOT NULL,
            GrainTypeHash integer NOT NULL,
            GrainIdN0 bigint NOT NULL,
            GrainIdN1 bigint NOT NULL,
            GrainIdExtensionString text NOT NULL DEFAULT '',
            GrainTypeString text NOT NULL,
            ServiceId text NOT NULL,
            PayloadBinary bytea NULL,
            Version integer NOT NULL,
            ModifiedOn timestamptz NOT NULL,
            PRIMARY KEY (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainIdExtensionString, GrainTypeString, ServiceId)
        );
        CREATE TABLE IF NOT EXISTS OrleansMembershipVersion (
            DeploymentId text PRIMARY KEY,
            Version integer NOT NULL DEFAULT 0,
            ChangedOn timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE IF NOT EXISTS OrleansMembership (
            DeploymentId text NOT NULL REFERENCES OrleansMembershipVersion,
            Address text NOT NULL,
            Port integer NOT NULL,
            Generation integer NOT NULL,
            SiloName text NOT NULL,
            HostName text NOT NULL,
            Status integer NOT NULL,
            ProxyPort integer NULL,
            SuspectTimes text NULL,
            StartTime timestamptz NOT NULL,
            IAmAliveTime timestamptz NOT NULL,
            PRIMARY KEY (DeploymentId, Address, Port, Generation)
        );
        CREATE TABLE IF NOT EXISTS OrleansReminders (
            ServiceId text NOT NULL,
            GrainId text NOT NULL,
            ReminderName text NOT NULL,
            StartTime timestamptz NOT NULL,
            Period bigint NOT NULL,
            GrainHash integer NOT NULL,
            Version integer NOT NULL,
            PRIMARY KEY (ServiceId, GrainId, ReminderName)
        );
        CREATE INDEX IF NOT EXISTS OrleansReminders_GrainHash ON OrleansReminders (ServiceId, GrainHash);
        CREATE TABLE IF NOT EXISTS PrismaticDocument (
            ServiceId text NOT NULL,
            Collection text NOT NULL,
            Id text NOT NULL,
            Version bigint NOT NULL,
            WrittenAt timestamptz NOT NULL,
            Json text NOT NULL,
            Checksum text NOT NULL,
            PRIMARY KEY (ServiceId, Collection, Id)
        );
        CREATE TABLE IF NOT EXISTS PrismaticDocumentAside (
            Aside text NOT NULL,
            ServiceId text NOT NULL,
            Collection text NOT NULL,
            Id text NOT NULL,
            Version bigint NOT NULL,
            WrittenAt timestamptz NOT NULL,
            Json text NOT NULL,
            Checksum text NOT NULL
        );
        CREATE TABLE IF NOT EXISTS PrismaticDocumentSnapshot (
            Snapshot text NOT NULL,
            ServiceId text NOT NULL,
            Collection text NOT NULL,
            Id text NOT NULL,
            Version bigint NOT NULL,
            WrittenAt timestamptz NOT NULL,
            Json text NOT NULL,
            Checksum text NOT NULL,
            PRIMARY KEY (ServiceId, Snapshot, Collection, Id)
        );
        """;

    // Orleans sends every parameter as it is typed in C#; one that may be null needs its type named.
    private const string Row =
        """
        GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
        AND GrainIdExtensionString = COALESCE(@GrainIdExtensionString::text, '') AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId
        """;

    private const string Silo = "DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation";

    // Column names are read as they are written here; without quotes they would be in lower case.
    private const string Member =
        """
        m.Address AS "Address", m.Port AS "Port", m.Generation AS "Generation", m.SiloName AS "SiloName", m.HostName AS "HostName",
        m.Status AS "Status", m.ProxyPort AS "ProxyPort", m.SuspectTimes AS "SuspectTimes", m.StartTime AS "StartTime",
        m.IAmAliveTime AS "IAmAliveTime", v.Version AS "Version"
        """;

    private const string NextVersion =
        "UPDATE OrleansMembershipVersion SET Version = Version + 1, ChangedOn = now() WHERE DeploymentId = @DeploymentId AND Version = @Version";

    private const string Reminder =
        """
        SELECT GrainId AS "GrainId", ReminderName AS "ReminderName", StartTime AS "StartTime", Period AS "Period", Version AS "Version"
        FROM OrleansReminders WHERE ServiceId = @ServiceId
        """;

    private static readonly (string Key, string Text)[] Queries =
    [
        ("ReadFromStorageKey", $"SELECT PayloadBinary AS \"PayloadBinary\", Version AS \"Version\" FROM OrleansStorage WHERE {Row};"),

        // Without a version it inserts and must meet no row, with one it updates the row of that version. No row back means that the caller's
        // picture was wrong, which the provider reports as InconsistentStateException.
        ("WriteToStorageKey",
            $"""
            WITH Updated AS (
                UPDATE OrleansStorage SET PayloadBinary = @PayloadBinary, Version = Version + 1, ModifiedOn = now()
                WHERE @GrainStateVersion::integer IS NOT NULL AND {Row} AND Version = @GrainStateVersion::integer
                RETURNING Version
            ), Inserted AS (
                INSERT INTO OrleansStorage (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainIdExtensionString, GrainTypeString,
                                            ServiceId, PayloadBinary, Version, ModifiedOn)
                SELECT @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, COALESCE(@GrainIdExtensionString::text, ''), @GrainTypeString,
                       @ServiceId, @PayloadBinary, 1, now()
                WHERE @GrainStateVersion::integer IS NULL
                ON CONFLICT DO NOTHING
                RETURNING Version
            )
            SELECT Version AS "NewGrainStateVersion" FROM Updated UNION ALL SELECT Version FROM Inserted;
            """),
        ("ClearStorageKey",
            $"""
            UPDATE OrleansStorage SET PayloadBinary = NULL, Version = Version + 1, ModifiedOn = now()
            WHERE {Row} AND Version = @GrainStateVersion::integer
            RETURNING Version;
            """),
        ("DeleteStorageKey", $"DELETE FROM OrleansStorage WHERE {Row} AND Version = @GrainStateVersion::integer RETURNING Version + 1;"),

        ("GatewaysQueryKey",
            """
            SELECT Address AS "Address", ProxyPort AS "ProxyPort", Generation AS "Generation" FROM OrleansMembership
            WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0;
            """),

        // The version comes back without any member too.
        ("MembershipReadRowKey",
            $"""
            SELECT {Member} FROM OrleansMembershipVersion v
            LEFT JOIN OrleansMembership m ON m.DeploymentId = v.DeploymentId AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation
            WHERE v.DeploymentId = @DeploymentId;
            """),
        ("MembershipReadAllKey",
            $"""
            SELECT {Member} FROM OrleansMembershipVersion v
            LEFT JOIN OrleansMembership m ON m.DeploymentId = v.DeploymentId
            WHERE v.DeploymentId = @DeploymentId;
            """),
        ("InsertMembershipVersionKey",
            """
            WITH Inserted AS (INSERT INTO OrleansMembershipVersion (DeploymentId) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
            SELECT EXISTS (SELECT 1 FROM Inserted);
            """),

        // Row and version change together or not at all: nothing is written unless the version is the one that the silo saw.
        ("InsertMembershipKey",
            $"""
            WITH Versioned AS (
                {NextVersion} AND NOT EXISTS (SELECT 1 FROM OrleansMembership WHERE {Silo}) RETURNING 1
            ), Inserted AS (
                INSERT INTO OrleansMembership (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
                SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM Versioned
                RETURNING 1
            )
            SELECT EXISTS (SELECT 1 FROM Inserted);
            """),
        ("UpdateMembershipKey",
            $"""
            WITH Versioned AS ({NextVersion} AND EXISTS (SELECT 1 FROM OrleansMembership WHERE {Silo}) RETURNING 1), Updated AS (
                UPDATE OrleansMembership SET Status = @Status, SuspectTimes = @SuspectTimes::text, IAmAliveTime = @IAmAliveTime
                WHERE {Silo} AND EXISTS (SELECT 1 FROM Versioned)
                RETURNING 1
            )
            SELECT EXISTS (SELECT 1 FROM Updated);
            """),
        ("UpdateIAmAlivetimeKey", $"UPDATE OrleansMembership SET IAmAliveTime = @IAmAliveTime WHERE {Silo};"),
        ("DeleteMembershipTableEntriesKey",
            """
            WITH Members AS (DELETE FROM OrleansMembership WHERE DeploymentId = @DeploymentId)
            DELETE FROM OrleansMembershipVersion WHERE DeploymentId = @DeploymentId;
            """),

        // 6 is Dead.
        ("CleanupDefunctSiloEntriesKey",
            "DELETE FROM OrleansMembership WHERE DeploymentId = @DeploymentId AND Status = 6 AND IAmAliveTime < @IAmAliveTime;"),

        ("ReadReminderRowsKey", $"{Reminder} AND GrainId = @GrainId;"),
        ("ReadReminderRowKey", $"{Reminder} AND GrainId = @GrainId AND ReminderName = @ReminderName;"),
        ("ReadRangeRows1Key", $"{Reminder} AND GrainHash > @BeginHash AND GrainHash <= @EndHash;"),

        // The range goes over the end of the ring.
        ("ReadRangeRows2Key", $"{Reminder} AND (GrainHash > @BeginHash OR GrainHash <= @EndHash);"),
        ("UpsertReminderRowKey",
            """
            INSERT INTO OrleansReminders AS r (ServiceId, GrainId, ReminderName, StartTime, Period, GrainHash, Version)
            VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
            ON CONFLICT (ServiceId, GrainId, ReminderName) DO UPDATE
            SET StartTime = EXCLUDED.StartTime, Period = EXCLUDED.Period, GrainHash = EXCLUDED.GrainHash, Version = r.Version + 1
            RETURNING Version AS "Version";
            """),
        ("DeleteReminderRowKey",
            """
            WITH Deleted AS (
                DELETE FROM OrleansReminders
                WHERE ServiceId = @ServiceId AND GrainId = @GrainId AND ReminderName = @ReminderName AND Version = @Version
                RETURNING 1
            )
            SELECT EXISTS (SELECT 1 FROM Deleted);
            """),
        ("DeleteReminderRowsKey", "DELETE FROM OrleansReminders WHERE ServiceId = @ServiceId;"),
    ];
}
