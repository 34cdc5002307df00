using Prismatic.Silo;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests.Postgres;

/// <summary>The schema on a real server: made, migrated, checked, refused.</summary>
public sealed class SchemaTests(SchemaTests.Server server) : IClassFixture<SchemaTests.Server>, IAsyncLifetime
{
    private static int _databases;
    private string _connection = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Database Database => PostgresDatabase.Open(_connection);

    /// <summary>An empty database for each test.</summary>
    public async ValueTask InitializeAsync() => _connection = await (await server.Started()).CreateDatabase($"schema{Interlocked.Increment(ref _databases)}");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_empty_database_gets_it_and_a_second_time_changes_nothing()
    {
        var before = await SchemaMigration.Apply(Database, Stop);
        await PostgresServer.Execute(_connection, "INSERT INTO OrleansStorage VALUES (1, 1, 0, 0, 'k', 'state', 'tests', '\\x01', 7, now())");

        var again = await SchemaMigration.Apply(Database, Stop);

        Assert.Equal((0, false), (before.Found, before.IsCurrent));
        Assert.True(again.IsCurrent);
        Assert.Equal(7, await PostgresServer.Execute(_connection, "SELECT Version FROM OrleansStorage"));
        Assert.Equal(PostgresSchema.Current.Queries.Count, (int)(long)(await PostgresServer.Execute(_connection, "SELECT COUNT(*) FROM OrleansQuery"))!);
    }

    [Fact]
    public async Task Silos_that_start_at_the_same_time_apply_it_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => SchemaMigration.Apply(Database, Stop))));

        Assert.Equal(1L, await PostgresServer.Execute(_connection, "SELECT COUNT(*) FROM PrismaticSchema"));
        Assert.True((await SchemaMigration.Check(Database, Stop)).IsCurrent);
    }

    [Fact]
    public async Task A_newer_schema_is_refused_in_one_sentence_and_left_alone()
    {
        await SchemaMigration.Apply(Database, Stop);
        await PostgresServer.Execute(_connection, "INSERT INTO PrismaticSchema VALUES (99); UPDATE OrleansQuery SET QueryText = 'newer'");

        var refused = await Assert.ThrowsAsync<NewerSchemaException>(() => SchemaMigration.Apply(Database, Stop));

        Assert.StartsWith($"The database '{Name}' at {server.Postgres!.Host}:{server.Postgres.Port} has schema version 99, and this version of Prismatic knows up to {PostgresSchema.Current.Version}.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await PostgresServer.Execute(_connection, "SELECT COUNT(*) FROM OrleansQuery WHERE QueryText <> 'newer'"));
    }

    [Fact]
    public async Task The_printed_script_makes_the_same_schema_and_refuses_a_newer_one()
    {
        await PostgresServer.Execute(_connection, PostgresSchema.Script);
        await PostgresServer.Execute(_connection, PostgresSchema.Script);

        Assert.True((await SchemaMigration.Check(Database, Stop)).IsCurrent);

        await PostgresServer.Execute(_connection, "INSERT INTO PrismaticSchema VALUES (99)");
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => PostgresServer.Execute(_connection, PostgresSchema.Script));
        Assert.Contains("newer schema", refused.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_only_use_the_tables_can_start_on_a_schema_that_another_applied()
    {
        await PostgresServer.Execute(_connection, "DROP ROLE IF EXISTS prismatic_guest; CREATE ROLE prismatic_guest LOGIN PASSWORD 'guest-7f3a'");
        var guest = new Npgsql.NpgsqlConnectionStringBuilder(_connection) { Username = "prismatic_guest", Password = "guest-7f3a" }.ConnectionString;

        var refused = await Assert.ThrowsAsync<DatabaseNotReadyException>(() => MakeReady(guest, apply: true));
        Assert.Contains("The user may not do this", refused.Message, StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<DatabaseNotReadyException>(() => MakeReady(guest, apply: false));
        Assert.Contains("has no schema of Prismatic", missing.Message, StringComparison.Ordinal);
        Assert.Contains("prismatic schema apply", missing.Message, StringComparison.Ordinal);

        await SchemaMigration.Apply(Database, Stop);
        await PostgresServer.Execute(_connection, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO prismatic_guest");
        await MakeReady(guest, apply: false);
        await MakeReady(guest, apply: true);
    }

    private string Name => new Npgsql.NpgsqlConnectionStringBuilder(_connection).Database!;

    private static Task MakeReady(string connection, bool apply) => DatabaseStart.MakeReady(
        PostgresDatabase.Open(connection), apply, TimeSpan.Zero, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, Stop);

    /// <summary>One server for all tests of the class, started by the first: a test can be left out where there is none, a fixture cannot.</summary>
    public sealed class Server : IAsyncDisposable
    {
        internal PostgresServer? Postgres { get; private set; }

        internal async Task<PostgresServer> Started() => Postgres ??= await PostgresServer.Start();

        public ValueTask DisposeAsync() => Postgres?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
