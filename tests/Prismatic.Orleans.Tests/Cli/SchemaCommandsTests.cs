using System.Text.Json.Nodes;
using Prismatic.Cli;
using Prismatic.Silo;
using Prismatic.Tests.Architecture;
using Xunit;

namespace Prismatic.Tests.Cli;

public sealed class SchemaCommandsTests
{
    [Fact]
    public async Task Print_writes_the_script_that_is_in_the_repository()
    {
        var run = await ToolRun.Of("schema", "print");

        Assert.Equal((ExitCode.Fine, ""), (run.ExitCode, run.Error));
        Assert.Equal(Repository.Read("infra/postgres/schema.sql"), run.Out);
        Assert.Equal(PostgresSchema.Current.Version, (int)JsonNode.Parse((await ToolRun.Of("schema", "print", "--output", "json")).Out)!["version"]!);
    }

    [Theory]
    [InlineData("schema print --help")]
    [InlineData("schema check --help")]
    [InlineData("schema apply --help")]
    public async Task Help_is_an_answer(string line) => Assert.Equal(ExitCode.Fine, (await ToolRun.Of(line.Split(' '))).ExitCode);

    [Theory]
    [InlineData("check")]
    [InlineData("apply")]
    public async Task What_cannot_be_a_database_is_wrong_use_and_not_repeated(string verb)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "Host=db;Password=planted-7f3a", TestContext.Current.CancellationToken);

            var run = await ToolRun.Of("schema", verb, "--connection-string-file", file);

            Assert.Equal(ExitCode.WrongUse, run.ExitCode);
            Assert.StartsWith($"What {file} holds is not a connection string", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("planted", run.Error + run.Out, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_file_that_is_missing_is_wrong_use()
    {
        var run = await ToolRun.Of("schema", "check", "--connection-string-file", "/no/such/file");

        Assert.Equal(ExitCode.WrongUse, run.ExitCode);
        Assert.StartsWith("/no/such/file cannot be read:", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_ends_with_3_and_without_the_password()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, $"Host=127.0.0.1;Port={Silo.FreePort.Find()};Database=prismatic;Username=x;Password=planted-7f3a", TestContext.Current.CancellationToken);

            var run = await ToolRun.Of("schema", "check", "--connection-string-file", file);

            Assert.Equal(ExitCode.CannotReach, run.ExitCode);
            Assert.Contains("cannot be reached: Connection refused", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("planted", run.Error + run.Out, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
