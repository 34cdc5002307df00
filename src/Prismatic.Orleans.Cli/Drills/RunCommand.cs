using System.CommandLine;
using System.Text.Json;
using Prismatic.Cli.Admin;
using Prismatic.Silo.Drills;

namespace Prismatic.Cli.Drills;

/// <summary>
/// <c>prismatic drill run</c>: carries out drill files, on a running cluster or each on a platform of its own that is started for it, and
/// says for each expectation what was seen. Ends with 1 when an expectation was not met.
/// </summary>
internal static class RunCommand
{
    public static Command Create(Terminal terminal)
    {
        var files = new Argument<FileInfo[]>("file") { Description = "Drill files; several are carried out one after the other.", Arity = ArgumentArity.OneOrMore };
        var host = new AdminHost(standard: null, "The address of a running host whose drills are switched on. Without it the platform is started on a temporary database.");
        var twice = new Option<bool>("--twice") { Description = "Carries out each file twice and compares plans, signatures, classes, remediations and verdicts." };
        var output = OutputOption.Create();
        var command = new Command("run", "Carries out drills and checks what they expect.") { files, host.Endpoint, host.Token, twice, output };
        command.SetAction(async (parsed, cancelled) =>
        {
            using var client = await host.Named(parsed, cancelled);
            return await Run(terminal, parsed.GetRequiredValue(files), client, parsed.GetValue(twice), parsed.GetValue(output), cancelled);
        });
        return command;
    }

    private static async Task<int> Run(Terminal terminal, FileInfo[] files, AdminClient? host, bool twice, OutputForm form, CancellationToken cancelled)
    {
        var outcomes = new List<DrillOutcome>();
        foreach (var file in files)
        {
            var text = await Read(file, cancelled);
            var runs = new List<DrillOutcome>();
            for (var run = 0; run < (twice ? 2 : 1); run++)
            {
                runs.Add(await terminal.During($"{file.Name}:", progress => Carry(text, file.Name, host, progress, cancelled)));
            }

            outcomes.AddRange(twice ? runs.Select(run => run with { Repeated = runs[0].Figure == runs[1].Figure }) : runs);
        }

        Show(terminal, form, outcomes);
        return outcomes.TrueForAll(outcome => outcome.Passed && outcome.Repeated) ? ExitCode.Fine : ExitCode.NotFine;
    }

    private static async Task<DrillOutcome> Carry(string text, string file, AdminClient? host, Action<string> progress, CancellationToken cancelled)
    {
        if (host is not null)
        {
            return await DrillClient.Run(host, text, file, progress, cancelled);
        }

        var start = await DrillPlatform.Run(text, view => progress(view.Progress), cancelled);
        if (start.Mistakes.Length > 0)
        {
            throw new CommandFailedException(ExitCode.WrongUse, $"{file} is no drill that can be carried out:{Environment.NewLine}{string.Join(Environment.NewLine, start.Mistakes)}");
        }

        return start.Started is { Report: { } report }
            ? DrillOutcome.Of(file, report)
            : throw new CommandFailedException(ExitCode.CannotReach, $"{file} could not be carried out: {start.Started?.Trouble ?? "the platform lost it"}");
    }

    private static void Show(Terminal terminal, OutputForm form, List<DrillOutcome> outcomes)
    {
        var rows = outcomes.SelectMany(outcome => outcome.Expectations.Select(expectation => new[]
        {
            outcome.File, expectation.Met ? "met" : "NOT MET", expectation.Name, expectation.Expected, expectation.Seen,
        }).Append([outcome.File, outcome.Repeated ? "" : "DIFFERED", "crashes", "", outcome.Crashes]));
        var passed = outcomes.Count(outcome => outcome.Passed && outcome.Repeated);
        terminal.Show(
            form,
            outcomes.Count == 1 ? (object)outcomes[0].Report : new { drills = outcomes.Select(outcome => new { outcome.File, outcome.Passed, outcome.Repeated, outcome.Report }) },
            new Grid(["drill", "", "expectation", "expected", "seen"], [.. rows]),
            $"{passed} of {outcomes.Count} passed.");
    }

    private static async Task<string> Read(FileInfo file, CancellationToken cancelled)
    {
        try
        {
            return await File.ReadAllTextAsync(file.FullName, cancelled);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.WrongUse, $"{file.FullName} cannot be read: {failure.Message}");
        }
    }
}

/// <summary>A drill that is over.</summary>
internal sealed record DrillOutcome(string File, bool Passed, IReadOnlyList<DrillExpectation> Expectations, string Crashes, string Figure, JsonElement Report)
{
    /// <summary>Whether a second run gave the same; true when there was none.</summary>
    public bool Repeated { get; init; } = true;

    public static DrillOutcome Of(string file, string json)
    {
        using var document = JsonDocument.Parse(json);
        var report = document.RootElement.Clone();
        var crashes = report.GetProperty("crashes").EnumerateArray()
            .Select(crash => $"{crash.GetProperty("child")} {crash.GetProperty("signature")} {crash.GetProperty("class")} {crash.GetProperty("remediation")}").ToList();
        var expectations = report.GetProperty("expectations").EnumerateArray()
            .Select(one => new DrillExpectation(one.GetProperty("name").GetString()!, one.GetProperty("expected").GetString()!, one.GetProperty("seen").GetString()!, one.GetProperty("met").GetBoolean()))
            .ToList();
        var figure = string.Join('\n', [report.GetProperty("plan").GetRawText(), .. crashes.Distinct().Order(StringComparer.Ordinal), .. expectations.Select(one => $"{one.Name} {one.Met}")]);
        var summary = string.Join(", ", crashes.GroupBy(crash => crash).Select(same => $"{same.Count()} x {same.Key}"));
        return new DrillOutcome(file, report.GetProperty("passed").GetBoolean(), expectations, summary.Length == 0 ? "none" : summary, figure, report);
    }
}

/// <summary>One expectation with what was seen.</summary>
internal sealed record DrillExpectation(string Name, string Expected, string Seen, bool Met);
