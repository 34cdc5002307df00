using System.Globalization;
using Prismatic.Domains.DueDiligence;

namespace Prismatic.Silo.Demo.Steps;

/// <summary>A case on the company, as the story opens it twice.</summary>
internal static class DemoCase
{
    public static Task<string> Open(DemoSilo silo) => Expect.Served(
        "Opening a case",
        () => silo.Cases.Open(new CaseRequest { Subject = Company.Subject, OpenedBy = "demo", Purpose = "A supplier is to be approved." }));

    public static async Task<string> Start(DemoSilo silo, DemoData data, string caseId, Registers registers)
    {
        var runId = await Expect.Served("Starting the pipeline", () => silo.Pipeline.Start(caseId, new PipelineSpec { Sources = [.. registers.All] }));
        await File.WriteAllTextAsync(data.RunFile, runId);
        return runId;
    }

    public static async Task<PipelineStatus> Completed(DemoSilo silo, string runId)
    {
        var run = await Expect.Soon($"The end of {runId}", () => silo.Pipeline.Status(runId), run => run.State is not RunState.Running, silo.Time);
        Expect.That(run is { State: RunState.Completed, Score: not null }, $"{runId} is {run.State}, not completed with a score.");
        return run;
    }

    public static DimensionScore Dimension(PipelineStatus run, RiskDimension dimension) =>
        run.Score!.Dimensions.Single(score => score.Dimension == dimension);

    public static string Risk(PipelineStatus run) =>
        string.Create(CultureInfo.InvariantCulture, $"Risk {run.Score!.Total:0.00}, between {run.Score.Low:0.00} and {run.Score.High:0.00}.");
}
