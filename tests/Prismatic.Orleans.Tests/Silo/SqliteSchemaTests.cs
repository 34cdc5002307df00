using Prismatic.Silo;
using Prismatic.Tests.Storage;
using Xunit;

namespace Prismatic.Tests.Silo;

public sealed class SqliteSchemaTests
{
    [Fact]
    public async Task Applying_the_schema_again_changes_nothing_that_is_stored()
    {
        await using var sqlite = await SqliteProvider.Start();
        await sqlite.Execute(
            "INSERT INTO OrleansStorage VALUES (1, 1, 0, 0, 'k', 'state', 'tests', X'01', 7, datetime('now'));");

        await SchemaMigration.Apply(sqlite.Described, TestContext.Current.CancellationToken);

        Assert.Equal(1L, await Query(sqlite, "SELECT COUNT(*) FROM PrismaticSchema;"));
        Assert.Equal(7L, await Query(sqlite, "SELECT Version FROM OrleansStorage;"));
        Assert.Equal(4L, await Query(sqlite, "SELECT COUNT(*) FROM OrleansQuery;"));
    }

    [Fact]
    public async Task A_query_changed_by_an_older_version_is_replaced_by_the_programs_own()
    {
        await using var sqlite = await SqliteProvider.Start();
        await sqlite.Execute("UPDATE OrleansQuery SET QueryText = 'old';");

        await SchemaMigration.Apply(sqlite.Described, TestContext.Current.CancellationToken);

        Assert.Equal(0L, await Query(sqlite, "SELECT COUNT(*) FROM OrleansQuery WHERE QueryText = 'old';"));
    }

    [Fact]
    public async Task A_newer_schema_is_refused_in_one_sentence_and_left_alone()
    {
        await using var sqlite = await SqliteProvider.Start();
        await sqlite.Execute("INSERT INTO PrismaticSchema VALUES (2); UPDATE OrleansQuery SET QueryText = 'newer';");

        var refused = await Assert.ThrowsAsync<NewerSchemaException>(() => SchemaMigration.Apply(sqlite.Described, TestContext.Current.CancellationToken));

        Assert.StartsWith(
            $"The database {sqlite.File} has schema version 2, and this version of Prismatic knows up to 1.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(4L, await Query(sqlite, "SELECT COUNT(*) FROM OrleansQuery WHERE QueryText = 'newer';"));
    }

    [Fact]
    public async Task Two_processes_may_apply_it_at_the_same_time()
    {
        await using var sqlite = await SqliteProvider.Start();
        await sqlite.Execute("DROP TABLE OrleansStorage; DROP TABLE OrleansQuery; DROP TABLE PrismaticSchema;");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => SchemaMigration.Apply(sqlite.Described, TestContext.Current.CancellationToken))));

        Assert.Equal(1L, await Query(sqlite, "SELECT COUNT(*) FROM PrismaticSchema;"));
    }

    [Theory]
    [InlineData("PRAGMA journal_mode;", "wal")]
    [InlineData("PRAGMA synchronous;", 2L)]
    [InlineData("PRAGMA busy_timeout;", 5000L)]
    public async Task Each_connection_waits_for_locks_and_commits_to_the_disk(string pragma, object value)
    {
        await using var sqlite = await SqliteProvider.Start();

        Assert.Equal(value, await Query(sqlite, pragma));
    }

    private static async Task<object?> Query(SqliteProvider sqlite, string sql)
    {
        await using var connection = await sqlite.Database.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}
