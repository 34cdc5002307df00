using System.Text.Json.Nodes;
using Prismatic.Cli;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests.Postgres;

/// <summary><c>prismatic schema</c> against a server, as a person uses it whose program may change nothing.</summary>
public sealed class SchemaToolTests
{
    [Fact]
    public async Task Check_says_no_apply_makes_it_check_says_yes_and_a_silo_that_may_not_apply_starts()
    {
        await using var server = await PostgresServer.Start();
        using var directory = new TemporaryDirectory();
        var database = await server.CreateDatabase();
        var file = directory.WriteSecret("connection", database);

        var missing = await Tool("check", file);
        await using (var refused = SiloProcess.LaunchInCluster(directory, database, SiloPlace.Find(), ("ApplySchema", "false")))
        {
            Assert.Equal(2, await refused.Exit());
            Assert.Contains("has no schema of Prismatic", Assert.Single(refused.Errors.Lines), StringComparison.Ordinal);
        }

        var applied = await Tool("apply", file);
        var again = await Tool("apply", file);
        var there = await Tool("check", file);
        await using (var silo = await SiloProcess.Join(directory, database, SiloPlace.Find(), ("ApplySchema", "false")))
        {
            Assert.Equal(0, await silo.Stop());
        }

        await PostgresServer.Execute(database, "INSERT INTO PrismaticSchema VALUES (99)");
        var newer = await Tool("apply", file);

        Assert.Equal([1, 0, 0, 0, 1], new[] { missing, applied, again, there, newer }.Select(run => run.Code));
        Assert.Equal((true, true), (applied.Flag("applied"), applied.Flag("current")));
        Assert.Equal((false, true), (again.Flag("applied"), there.Flag("current")));
        Assert.Contains("has schema version 99", newer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(new[] { missing, applied, again, there, newer }, run => (run.Out + run.Error).Contains(PostgresServer.Password, StringComparison.Ordinal));
    }

    private static async Task<Run> Tool(string verb, string file)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await PrismaticTool.Run(["schema", verb, "--connection-string-file", file, "--output", "json"], new Terminal(output, error));
        return new Run(code, output.ToString(), error.ToString());
    }

    private sealed record Run(int Code, string Out, string Error)
    {
        public bool Flag(string name) => JsonNode.Parse(Out)![name]!.GetValue<bool>();
    }
}
