-- The schema of Prismatic.Orleans, version 1. One transaction: it is applied whole or not at all.
BEGIN;
SELECT pg_advisory_xact_lock(8101141167320);
CREATE TABLE IF NOT EXISTS PrismaticSchema (Version INTEGER NOT NULL PRIMARY KEY);
DO $$ BEGIN
    IF (SELECT MAX(Version) FROM PrismaticSchema) > 1 THEN
        RAISE EXCEPTION 'This database has a newer schema than version 1; it is left as it is.';
    END IF;
END $$;
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
INSERT INTO PrismaticSchema (Version) VALUES (1) ON CONFLICT (Version) DO NOTHING;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('ReadFromStorageKey', 'SELECT PayloadBinary AS "PayloadBinary", Version AS "Version" FROM OrleansStorage WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
AND GrainIdExtensionString = COALESCE(@GrainIdExtensionString::text, '''') AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('WriteToStorageKey', 'WITH Updated AS (
    UPDATE OrleansStorage SET PayloadBinary = @PayloadBinary, Version = Version + 1, ModifiedOn = now()
    WHERE @GrainStateVersion::integer IS NOT NULL AND GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
AND GrainIdExtensionString = COALESCE(@GrainIdExtensionString::text, '''') AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId AND Version = @GrainStateVersion::integer
    RETURNING Version
), Inserted AS (
    INSERT INTO OrleansStorage (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainIdExtensionString, GrainTypeString,
                                ServiceId, PayloadBinary, Version, ModifiedOn)
    SELECT @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, COALESCE(@GrainIdExtensionString::text, ''''), @GrainTypeString,
           @ServiceId, @PayloadBinary, 1, now()
    WHERE @GrainStateVersion::integer IS NULL
    ON CONFLICT DO NOTHING
    RETURNING Version
)
SELECT Version AS "NewGrainStateVersion" FROM Updated UNION ALL SELECT Version FROM Inserted;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('ClearStorageKey', 'UPDATE OrleansStorage SET PayloadBinary = NULL, Version = Version + 1, ModifiedOn = now()
WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
AND GrainIdExtensionString = COALESCE(@GrainIdExtensionString::text, '''') AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId AND Version = @GrainStateVersion::integer
RETURNING Version;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('DeleteStorageKey', 'DELETE FROM OrleansStorage WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
AND GrainIdExtensionString = COALESCE(@GrainIdExtensionString::text, '''') AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId AND Version = @GrainStateVersion::integer RETURNING Version + 1;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('GatewaysQueryKey', 'SELECT Address AS "Address", ProxyPort AS "ProxyPort", Generation AS "Generation" FROM OrleansMembership
WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('MembershipReadRowKey', 'SELECT m.Address AS "Address", m.Port AS "Port", m.Generation AS "Generation", m.SiloName AS "SiloName", m.HostName AS "HostName",
m.Status AS "Status", m.ProxyPort AS "ProxyPort", m.SuspectTimes AS "SuspectTimes", m.StartTime AS "StartTime",
m.IAmAliveTime AS "IAmAliveTime", v.Version AS "Version" FROM OrleansMembershipVersion v
LEFT JOIN OrleansMembership m ON m.DeploymentId = v.DeploymentId AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation
WHERE v.DeploymentId = @DeploymentId;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('MembershipReadAllKey', 'SELECT m.Address AS "Address", m.Port AS "Port", m.Generation AS "Generation", m.SiloName AS "SiloName", m.HostName AS "HostName",
m.Status AS "Status", m.ProxyPort AS "ProxyPort", m.SuspectTimes AS "SuspectTimes", m.StartTime AS "StartTime",
m.IAmAliveTime AS "IAmAliveTime", v.Version AS "Version" FROM OrleansMembershipVersion v
LEFT JOIN OrleansMembership m ON m.DeploymentId = v.DeploymentId
WHERE v.DeploymentId = @DeploymentId;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('InsertMembershipVersionKey', 'WITH Inserted AS (INSERT INTO OrleansMembershipVersion (DeploymentId) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
SELECT EXISTS (SELECT 1 FROM Inserted);')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('InsertMembershipKey', 'WITH Versioned AS (
    UPDATE OrleansMembershipVersion SET Version = Version + 1, ChangedOn = now() WHERE DeploymentId = @DeploymentId AND Version = @Version AND NOT EXISTS (SELECT 1 FROM OrleansMembership WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation) RETURNING 1
), Inserted AS (
    INSERT INTO OrleansMembership (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
    SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM Versioned
    RETURNING 1
)
SELECT EXISTS (SELECT 1 FROM Inserted);')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('UpdateMembershipKey', 'WITH Versioned AS (UPDATE OrleansMembershipVersion SET Version = Version + 1, ChangedOn = now() WHERE DeploymentId = @DeploymentId AND Version = @Version AND EXISTS (SELECT 1 FROM OrleansMembership WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation) RETURNING 1), Updated AS (
    UPDATE OrleansMembership SET Status = @Status, SuspectTimes = @SuspectTimes::text, IAmAliveTime = @IAmAliveTime
    WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation AND EXISTS (SELECT 1 FROM Versioned)
    RETURNING 1
)
SELECT EXISTS (SELECT 1 FROM Updated);')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('UpdateIAmAlivetimeKey', 'UPDATE OrleansMembership SET IAmAliveTime = @IAmAliveTime WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('DeleteMembershipTableEntriesKey', 'WITH Members AS (DELETE FROM OrleansMembership WHERE DeploymentId = @DeploymentId)
DELETE FROM OrleansMembershipVersion WHERE DeploymentId = @DeploymentId;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('CleanupDefunctSiloEntriesKey', 'DELETE FROM OrleansMembership WHERE DeploymentId = @DeploymentId AND Status = 6 AND IAmAliveTime < @IAmAliveTime;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('ReadReminderRowsKey', 'SELECT GrainId AS "GrainId", ReminderName AS "ReminderName", StartTime AS "StartTime", Period AS "Period", Version AS "Version"
FROM OrleansReminders WHERE ServiceId = @ServiceId AND GrainId = @GrainId;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('ReadReminderRowKey', 'SELECT GrainId AS "GrainId", ReminderName AS "ReminderName", StartTime AS "StartTime", Period AS "Period", Version AS "Version"
FROM OrleansReminders WHERE ServiceId = @ServiceId AND GrainId = @GrainId AND ReminderName = @ReminderName;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('ReadRangeRows1Key', 'SELECT GrainId AS "GrainId", ReminderName AS "ReminderName", StartTime AS "StartTime", Period AS "Period", Version AS "Version"
FROM OrleansReminders WHERE ServiceId = @ServiceId AND GrainHash > @BeginHash AND GrainHash <= @EndHash;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('ReadRangeRows2Key', 'SELECT GrainId AS "GrainId", ReminderName AS "ReminderName", StartTime AS "StartTime", Period AS "Period", Version AS "Version"
FROM OrleansReminders WHERE ServiceId = @ServiceId AND (GrainHash > @BeginHash OR GrainHash <= @EndHash);')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('UpsertReminderRowKey', 'INSERT INTO OrleansReminders AS r (ServiceId, GrainId, ReminderName, StartTime, Period, GrainHash, Version)
VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
ON CONFLICT (ServiceId, GrainId, ReminderName) DO UPDATE
SET StartTime = EXCLUDED.StartTime, Period = EXCLUDED.Period, GrainHash = EXCLUDED.GrainHash, Version = r.Version + 1
RETURNING Version AS "Version";')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('DeleteReminderRowKey', 'WITH Deleted AS (
    DELETE FROM OrleansReminders
    WHERE ServiceId = @ServiceId AND GrainId = @GrainId AND ReminderName = @ReminderName AND Version = @Version
    RETURNING 1
)
SELECT EXISTS (SELECT 1 FROM Deleted);')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('DeleteReminderRowsKey', 'DELETE FROM OrleansReminders WHERE ServiceId = @ServiceId;')
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
COMMIT;
