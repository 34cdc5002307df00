using System.CommandLine;
using Prismatic.Lessons;

namespace Prismatic.Cli.Lessons;

/// <summary>
/// <c>prismatic lessons evaluate</c>: what the lessons would make of recorded crashes. They are read one by one in file order by the code
/// that runs in the grains, which knows only the lines before. <c>--output</c> is a file here, since predictions are data of their own.
/// </summary>
internal static class EvaluateCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        var crashes = new Argument<FileInfo>("crashes.jsonl")
        {
            Description = "Crashes, one JSON object in each line: id, exception_type, message, stack, inner (type, message).",
        };
        var predictions = new Option<FileInfo>("--output", "-o")
        {
            Description = "The file that gets one line for each crash: id, group, class. Standard output when not given.",
            HelpName = "predictions.jsonl",
        };
        var command = new Command("evaluate", "Groups and classifies recorded crashes in file order, each with the knowledge of the earlier ones only.")
        {
            crashes,
            predictions,
        };
        command.SetAction((parsed, cancelled) => Run(terminal, parsed.GetRequiredValue(crashes), parsed.GetValue(predictions), cancelled));
        return command;
    }

    private static async Task<int> Run(Terminal terminal, FileInfo crashes, FileInfo? file, CancellationToken cancelled)
    {
        var predictions = await terminal.During("Reading crashes", async progress =>
        {
            var lines = await CrashFile.Read(crashes.FullName, cancelled);
            progress($"({lines.Count} in the file)");
            return await Predict(lines, cancelled);
        });
        if (file is null)
        {
            PredictionFile.Write(terminal.Out, predictions);
        }
        else
        {
            PredictionFile.Write(file.FullName, predictions);
        }

        terminal.Say($"{predictions.Count} crashes in {predictions.DistinctBy(prediction => prediction.Group).Count()} groups.");
        return ExitCode.Fine;
    }

    private static async Task<List<Prediction>> Predict(List<CrashLine> crashes, CancellationToken cancelled)
    {
        var correlator = new CrashCorrelator(new GroupIndex());
        var predictions = new List<Prediction>(crashes.Count);
        foreach (var crash in crashes)
        {
            cancelled.ThrowIfCancellationRequested();
            var group = await correlator.GroupOf(CrashSignature.Of(crash.Facts).Hash, crash.Facts);
            predictions.Add(new Prediction(crash.Id, group, FailureClassifier.Classify(crash.Facts)));
        }

        return predictions;
    }
}
