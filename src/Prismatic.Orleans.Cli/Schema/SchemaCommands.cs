using System.CommandLine;
using Prismatic.Silo;

namespace Prismatic.Cli.Schema;

/// <summary>
/// <c>prismatic schema print|check|apply</c>: the PostgreSQL schema for people whose program may not change a database. The silo does the same at start
/// unless <c>Prismatic:ApplySchema</c> is false.
/// </summary>
internal static class SchemaCommands
{
    private const string Variable = "PRISMATIC__CONNECTIONSTRING";

    /// <summary>The commands.</summary>
    public static Command Create(Terminal terminal) => new(
        "schema",
        "The PostgreSQL schema. The silo makes it at start; these are for where it may not (Prismatic:ApplySchema false).")
    {
        Print(terminal),
        Check(terminal),
        Apply(terminal),
    };

    private static Command Print(Terminal terminal)
    {
        var output = OutputOption.Create();
        var command = new Command("print", "Writes the schema as a script for psql. Running it twice changes nothing; a newer schema is left alone.") { output };
        command.SetAction(parsed =>
        {
            terminal.Write(parsed.GetValue(output), new { version = PostgresSchema.Current.Version, script = PostgresSchema.Script }, PostgresSchema.Script);
            return ExitCode.Fine;
        });
        return command;
    }

    private static Command Check(Terminal terminal)
    {
        var (connection, output) = (ConnectionOption(), OutputOption.Create());
        var command = new Command("check", "Says whether a database has the schema that this version needs; changes nothing.") { connection, output };
        command.SetAction((parsed, cancelled) => Try(parsed.GetValue(connection), async database =>
        {
            var findings = await SchemaMigration.Check(database, cancelled);
            Show(terminal, parsed.GetValue(output), findings, database, applied: false);
            return findings.IsCurrent ? ExitCode.Fine : ExitCode.NotFine;
        }));
        return command;
    }

    private static Command Apply(Terminal terminal)
    {
        var (connection, output) = (ConnectionOption(), OutputOption.Create());
        var command = new Command("apply", "Brings a database to the schema that this version needs, in one transaction; silos may be running.") { connection, output };
        command.SetAction((parsed, cancelled) => Try(parsed.GetValue(connection), async database =>
        {
            var before = await SchemaMigration.Apply(database, cancelled);
            Show(terminal, parsed.GetValue(output), before with { Found = before.Needed, OtherQueries = [] }, database, applied: !before.IsCurrent);
            return ExitCode.Fine;
        }));
        return command;
    }

    private static Option<FileInfo?> ConnectionOption() => new("--connection-string-file")
    {
        Description = $"A file that holds the connection string, such as Host=db;Database=prismatic;Username=prismatic;Password=... Without it the environment variable {Variable} is read.",
        HelpName = "file",
    };

    private static void Show(Terminal terminal, OutputForm form, SchemaFindings findings, Database database, bool applied) => terminal.Show(
        form,
        new { database = database.Name, findings.Found, findings.Needed, current = findings.IsCurrent, applied, findings.OtherQueries },
        grid: null,
        applied ? $"{findings.Describe(database.Name)} It was applied now." : findings.Describe(database.Name));

    private static async Task<int> Try(FileInfo? file, Func<Database, Task<int>> work)
    {
        var database = PostgresDatabase.Open(ReadConnectionString(file));
        try
        {
            return await work(database);
        }
        catch (NewerSchemaException newer)
        {
            throw new CommandFailedException(ExitCode.NotFine, newer.Message);
        }
        catch (Exception thrown) when (DatabaseFailure.OfWork(thrown, database) is { } failure)
        {
            throw new CommandFailedException(ExitCode.CannotReach, failure.Sentence);
        }
        finally
        {
            await database.Source.DisposeAsync();
        }
    }

    private static string ReadConnectionString(FileInfo? file)
    {
        var (text, where) = file is null
            ? (Environment.GetEnvironmentVariable(Variable), $"The environment variable {Variable}")
            : (ReadFile(file), file.FullName);
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new CommandFailedException(
                ExitCode.WrongUse, file is null ? $"No database is named: give --connection-string-file, or set {Variable}." : $"{where} is empty.");
        }

        return PostgresDatabase.Parse(text.Trim()) is not null
            ? text.Trim()
            : throw new CommandFailedException(ExitCode.WrongUse, $"What {where} holds {PostgresDatabase.WrongConnectionString}");
    }

    private static string ReadFile(FileInfo file)
    {
        try
        {
            return File.ReadAllText(file.FullName);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.WrongUse, $"{file.FullName} cannot be read: {failure.Message}");
        }
    }
}
