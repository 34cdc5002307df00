using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Prismatic.Silo;

/// <summary>
/// Opens the platform's SQLite file. Orleans opens a connection for each operation; the driver pools them, and the two settings below
/// belong to a connection and have no place in a connection string.
/// </summary>
internal sealed class SqliteDataSource(string file) : DbDataSource
{
    public override string ConnectionString { get; } = new SqliteConnectionStringBuilder { DataSource = file }.ToString();

    protected override DbConnection CreateDbConnection() => new TunedConnection(ConnectionString);

    private sealed class TunedConnection(string connectionString) : SqliteConnection(connectionString)
    {
        // OpenAsync of the base class calls Open.
        public override void Open()
        {
            base.Open();
            using var command = CreateCommand();
            command.CommandText = Settings;
            command.ExecuteNonQuery();
        }
    }

    // FULL: a commit waits for the disk, so that what was acknowledged survives a power failure too. NORMAL survives only the death of the
    // process. Measured here with 1 KB records: 0.37 ms against 0.02 ms for one writer, 2,400 against 20,000 writes a second for sixteen.
    // busy_timeout: without it the driver polls a locked database every 150 ms.
    private const string Settings = "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL;";
}
