using System.CommandLine;
using System.Globalization;
using Prismatic.SystemTests.Harness;

namespace Prismatic.SystemTests.Faults;

/// <summary>The long version, as <c>infra/faults.sh</c> starts it: scenarios on all sides of the comparison, a line of progress on a terminal, and a report.</summary>
internal static class FaultsCommand
{
    public const string Verb = "faults";

    /// <summary>What shells say of a program that was ended by SIGINT.</summary>
    private const int Interrupted = 130;

    public static Task<int> Run(string[] args)
    {
        var seed = new Option<int>("--seed") { Description = "The seed of the load; the same seed draws the same calls.", DefaultValueFactory = _ => 1 };
        var only = new Option<string[]>("--only") { Description = "Names of scenarios; all when it is left out.", AllowMultipleArgumentsPerToken = true };
        only.AcceptOnlyFromAmong([.. Scenarios.All.Append(Scenarios.Short).Select(scenario => scenario.Name)]);
        var arms = new Option<Arm[]>("--arms") { Description = "Sides of the comparison.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [Arm.Platform, Arm.Bare] };
        var times = new Option<int?>("--times") { Description = "How often each fault is injected; each scenario's own number when it is left out." };
        var pace = new Option<double>("--pace") { Description = "The share of the full load, 29 calls per second.", DefaultValueFactory = _ => 1 };
        var report = new Option<string>("--report") { Description = "The file for the report.", DefaultValueFactory = _ => "artifacts/faults/report.md" };
        var command = new RootCommand("Injects faults into silos, database and network while a load runs, and checks that nothing acknowledged is lost.") { seed, only, arms, times, pace, report };
        command.SetAction(async (parsed, interrupted) =>
        {
            Interruption.Is(interrupted);
            try
            {
                return await Run(
                    parsed.GetValue(seed), parsed.GetValue(only) ?? [], parsed.GetValue(arms)!, parsed.GetValue(times), parsed.GetValue(pace), parsed.GetValue(report)!);
            }
            catch (Exception) when (interrupted.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync("\nInterrupted. Processes, networks and directories of the scenario are gone; the report has the scenarios before it.");
                return Interrupted;
            }
        });
        return command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
    }

    private static async Task<int> Run(int seed, string[] only, Arm[] arms, int? times, double pace, string report)
    {
        var file = Path.GetFullPath(report);
        var directory = Path.GetDirectoryName(file)!;
        Directory.CreateDirectory(directory);
        var chosen = (only.Length == 0 ? Scenarios.All : Scenarios.All.Append(Scenarios.Short).Where(scenario => only.Contains(scenario.Name))).ToList();
        var jobs = chosen.SelectMany(scenario => arms.Select(arm => (scenario, arm))).ToList();
        var results = new List<ScenarioResult>();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seed {seed}. Histories and logs go to {directory}."));
        foreach (var (scenario, arm) in jobs)
        {
            var progress = new Progress(results.Count + 1, jobs.Count, $"{scenario.Name} ({arm})");
            var result = await ScenarioRun.Run(scenario, arm, seed, times, pace, directory, progress.Say);
            progress.Say(Verdict(result), last: true);
            results.Add(result);

            // After each one, so that an interrupted run leaves what it has.
            await File.WriteAllTextAsync(file, FaultsReport.Write(results, seed, pace, Machine()));
        }

        Console.WriteLine();
        Console.WriteLine(await File.ReadAllTextAsync(file));
        Console.WriteLine($"The report is {file}.");
        return results.All(result => result.Held || result.LeftOut is not null || result.Arm != Arm.Platform) ? 0 : 1;
    }

    private static string Verdict(ScenarioResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(result.LeftOut is { } reason ? $"not run: {reason}" : result.Trouble is not null ? "could not be carried out" : result.Held ? "held" : $"{result.Findings.Length} findings")}, {result.Seconds:0} s");

    private static string Machine() => string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1L << 30)} GB, .NET {Environment.Version}");

    /// <summary>One line for each scenario: rewritten on a terminal, added where output is a file.</summary>
    private sealed class Progress(int number, int of, string what)
    {
        private readonly long _began = TimeProvider.System.GetTimestamp();

        public void Say(string happening) => Say(happening, last: false);

        public void Say(string happening, bool last)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"[{number}/{of}] {TimeProvider.System.GetElapsedTime(_began):mm\\:ss} {what}: {happening}");
            if (Console.IsOutputRedirected)
            {
                Console.WriteLine(line);
                return;
            }

            var width = Math.Max(20, Console.WindowWidth - 1);
            Console.Write($"\r{(line.Length > width ? line[..width] : line.PadRight(width))}{(last ? "\n" : "")}");
        }
    }
}
