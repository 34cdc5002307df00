using System.CommandLine;

namespace Prismatic.Cli;

/// <summary>From arguments to an exit code. Never throws for anything a user can do.</summary>
internal static class PrismaticTool
{
    /// <summary>Runs the command that <paramref name="args"/> name.</summary>
    public static async Task<int> Run(string[] args, Terminal terminal)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(terminal);
        var asked = CommandTree.Create(terminal).Parse(args);
        try
        {
            var code = await asked.InvokeAsync(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
            });

            // The parser has said what is wrong, with the code that other tools use for a failure.
            return asked.Errors.Count > 0 ? ExitCode.WrongUse : code;
        }
        catch (CommandFailedException failure)
        {
            terminal.Say(failure.Message);
            return failure.ExitCode;
        }
        catch (OperationCanceledException)
        {
            terminal.Say("Stopped before it was done.");
            return ExitCode.NotFine;
        }
    }
}
