using Npgsql;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests.Postgres;

/// <summary>A database that cannot be used is told in one sentence, which never holds the password.</summary>
public sealed class WrongDatabaseTests
{
    private const int WrongUse = 2;
    private const string Secret = "Other-Planted-Secret-91";

    [Fact]
    public async Task A_wrong_password_an_unknown_database_and_a_server_that_is_not_there_are_one_sentence_each()
    {
        await using var server = await PostgresServer.Start();
        using var nobody = new RefusingPort();
        var database = await server.CreateDatabase();
        var right = new NpgsqlConnectionStringBuilder(database);

        Assert.StartsWith(
            $"The database 'prismatic' at {server.Host}:{server.Port} refuses the user: password authentication failed",
            await Refused(new NpgsqlConnectionStringBuilder(database) { Password = Secret }.ConnectionString),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "The server has no such database: database \"nowhere\" does not exist.",
            await Refused(new NpgsqlConnectionStringBuilder(database) { Database = "nowhere" }.ConnectionString),
            StringComparison.Ordinal);
        Assert.Equal(
            $"The database 'prismatic' at 127.0.0.1:{nobody.Number} cannot be reached: Connection refused. It was waited for 1 s.",
            await Refused($"Host=127.0.0.1;Port={nobody.Number};Database=prismatic;Username={right.Username};Password={Secret}", ("DatabaseWaitSeconds", "1")));
        Assert.StartsWith(
            $"The database 'prismatic' at {server.Host}:{server.Port} cannot be used: SSL",
            await Refused(new NpgsqlConnectionStringBuilder(database) { SslMode = SslMode.Require }.ConnectionString),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "The database 'prismatic' at no-such-host.invalid:5432 cannot be reached: ",
            await Refused($"Host=no-such-host.invalid;Database=prismatic;Username=x;Password={Secret}", ("DatabaseWaitSeconds", "0")),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Password=" + Secret)]
    [InlineData("Host=127.0.0.1;Database=prismatic;Pasword=" + Secret)]
    [InlineData("Host=127.0.0.1;Database=prismatic;Port=" + Secret)]
    [InlineData("Host=127.0.0.1;Database=prismatic;Password=a;" + Secret)]
    public async Task A_connection_string_with_a_mistake_is_not_repeated(string connection)
    {
        var sentence = await Refused(connection);

        Assert.Matches("^Prismatic:ConnectionStringFile is .+/database, which holds what is not a connection string such as ", sentence);
    }

    [Fact]
    public async Task A_server_that_comes_a_little_later_is_waited_for()
    {
        await using var server = await PostgresServer.Start();
        using var directory = new TemporaryDirectory();
        var database = await server.CreateDatabase();
        await server.StopImmediately();
        await using var silo = SiloProcess.LaunchInCluster(directory, database, SiloPlace.Find());
        await silo.Output.First(line => line.Contains("cannot be reached: Connection refused. It is tried again in", StringComparison.Ordinal))
            .WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, TestContext.Current.CancellationToken);

        await server.StartAgain();

        Assert.True(await silo.BecameReady());
        Assert.Equal(0, await silo.Stop());
        Assert.DoesNotContain(PostgresServer.Password, silo.Output.Text + silo.Errors.Text, StringComparison.Ordinal);
    }

    private static async Task<string> Refused(string connection, params (string Name, string Value)[] settings)
    {
        using var directory = new TemporaryDirectory();
        await using var silo = SiloProcess.LaunchInCluster(directory, connection, SiloPlace.Find(), settings);

        Assert.Equal(WrongUse, await silo.Exit());
        var all = silo.Output.Text + silo.Errors.Text;
        Assert.DoesNotContain(Secret, all, StringComparison.Ordinal);
        Assert.DoesNotContain(PostgresServer.Password, all, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", all, StringComparison.Ordinal);
        return Assert.Single(silo.Errors.Lines);
    }
}
