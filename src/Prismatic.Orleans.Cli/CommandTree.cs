using System.CommandLine;
using Prismatic.Cli.DeadLetters;
using Prismatic.Cli.Drills;
using Prismatic.Cli.Lessons;
using Prismatic.Cli.Remediations;
using Prismatic.Cli.Schema;
using Prismatic.Cli.Tickets;

namespace Prismatic.Cli;

/// <summary>Which commands there are. Each stands in a file of its own, in the folder of its feature.</summary>
internal static class CommandTree
{
    /// <summary>The whole tree; commands write to <paramref name="terminal"/> and to nothing else.</summary>
    public static RootCommand Create(Terminal terminal) => new("Looks after a Prismatic.Orleans cluster, its rules, and what it has learned.")
    {
        new Command("lessons", "What was learned from crashes.")
        {
            EvaluateCommand.Create(terminal),
        },
        new Command("remediations", "What is done about which crash.")
        {
            ValidateCommand.Create(terminal),
        },
        TicketCommands.Create(terminal),
        DeadLetterCommands.Create(terminal),
        new Command("drill", "Rehearsals: faults on purpose, and what supervision makes of them.")
        {
            RunCommand.Create(terminal),
        },
        SchemaCommands.Create(terminal),
    };
}
