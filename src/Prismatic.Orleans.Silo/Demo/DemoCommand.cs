using Microsoft.Data.Sqlite;

namespace Prismatic.Silo.Demo;

/// <summary>What stands after <c>demo</c> on the command line.</summary>
internal sealed record DemoArguments(string Directory, bool Fresh, bool KeepRunning)
{
    public const string Usage =
        """
        demo [--data <directory>] [--fresh] [--keep-running]
          --data <directory>  where the demo keeps its database, lists and log; default data/demo
          --fresh             forget what earlier runs left there
          --keep-running      leave the silo running after the story, with a sign-in link to its pages
        """;

    /// <summary>The arguments, or null when they make no sense.</summary>
    public static DemoArguments? Read(IReadOnlyList<string> arguments)
    {
        var read = new DemoArguments(Path.Combine("data", "demo"), Fresh: false, KeepRunning: false);
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--data" when i + 1 < arguments.Count && !string.IsNullOrWhiteSpace(arguments[i + 1]):
                    read = read with { Directory = arguments[++i] };
                    break;
                case "--fresh":
                    read = read with { Fresh = true };
                    break;
                case "--keep-running":
                    read = read with { KeepRunning = true };
                    break;
                default:
                    return null;
            }
        }

        return read;
    }
}

/// <summary>Runs the story. Exit code 0 when every step healed as told, 1 when one did not, 2 when it could not begin.</summary>
internal static class DemoCommand
{
    private const int Told = 0;
    private const int NotAsTold = 1;
    private const int WrongUse = 2;

    public static async Task<int> Run(IReadOnlyList<string> arguments)
    {
        if (DemoArguments.Read(arguments) is not { } read)
        {
            await Console.Error.WriteLineAsync(DemoArguments.Usage);
            return WrongUse;
        }

        var (data, mistake) = DemoData.Open(read.Directory, read.Fresh);
        if (data is null)
        {
            await Console.Error.WriteLineAsync(mistake);
            return WrongUse;
        }

        using (data)
        {
            var narrator = new Narrator(Console.Out, Narrator.WantsColours(), TimeProvider.System);
            try
            {
                await using var silo = await DemoSilo.Start(data, narrator);
                return await Tell(silo, data, narrator, read.KeepRunning);
            }
            catch (Exception refused) when (refused is SqliteException or NewerSchemaException or IOException)
            {
                await Console.Error.WriteLineAsync($"The demo cannot run in {data.Directory}: {refused.Message}");
                return WrongUse;
            }
        }
    }

    private static async Task<int> Tell(DemoSilo silo, DemoData data, Narrator narrator, bool keepRunning)
    {
        try
        {
            await new Story(silo, data, narrator).Tell();
        }
        catch (Exception failed)
        {
            narrator.Failed(failed is StepFailedException ? failed.Message : $"{failed.GetType().Name}: {failed.Message}");
            narrator.Say($"The silo's log is {data.LogFile}.");
            return NotAsTold;
        }

        if (keepRunning)
        {
            silo.PrintSignInLink();
            await silo.WaitForShutdown();
        }

        return Told;
    }
}
