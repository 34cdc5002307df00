using System.Collections.Immutable;
using System.Globalization;
using Prismatic.SystemTests.Harness;

namespace Prismatic.SystemTests.Faults;

/// <summary>What came of one scenario on one side of the comparison.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Arm">The side.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record ScenarioResult(Scenario Scenario, Arm Arm, double Seconds)
{
    /// <summary>Why it was not run on this machine; null when it was.</summary>
    public string? LeftOut { get; init; }

    /// <summary>Why it could not be carried out; null when it could.</summary>
    public string? Trouble { get; init; }

    public History? History { get; init; }

    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>Whether it was run and nothing was lost, doubled, down or failed.</summary>
    public bool Held => History is not null && Trouble is null && Findings.IsEmpty;
}

/// <summary>Carries out one scenario from an empty database to the verdict.</summary>
internal static class ScenarioRun
{
    /// <param name="scenario">The scenario.</param>
    /// <param name="arm">The side of the comparison.</param>
    /// <param name="seed">The seed of the load.</param>
    /// <param name="times">How often the fault is injected; null for the scenario's own number.</param>
    /// <param name="pace">The share of the full load.</param>
    /// <param name="keep">The directory for history and logs; null keeps none.</param>
    /// <param name="say">Is told what happens.</param>
    public static async Task<ScenarioResult> Run(Scenario scenario, Arm arm, int seed, int? times, double pace, string? keep, Action<string> say)
    {
        var began = TimeProvider.System.GetTimestamp();
        double Elapsed() => TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        if (scenario.Hindrance() is { } hindrance)
        {
            return new ScenarioResult(scenario, arm, 0) { LeftOut = hindrance };
        }

        Stage? stage = null;
        try
        {
            stage = await Stage.Open(scenario, arm, seed, pace, say);
            await Stage.Pause(3);
            await scenario.Inject(stage, times ?? scenario.Times);
            var history = await stage.Close();
            Keep(keep, $"{scenario.Name}-{arm}.history.json", history.ToJson());
            return new ScenarioResult(scenario, arm, Elapsed()) { History = history, Findings = Checker.Check(history) };
        }
        catch (Exception trouble) when (!Interruption.Token.IsCancellationRequested)
        {
            // One scenario that cannot be carried out must not cost the others their results.
            return new ScenarioResult(scenario, arm, Elapsed()) { Trouble = trouble.Message };
        }
        finally
        {
            if (stage is not null)
            {
                await stage.DisposeAsync();
                Keep(keep, $"{scenario.Name}-{arm}.silos.log", stage.DescribeSilos());
            }
        }
    }

    private static void Keep(string? directory, string name, string content)
    {
        if (directory is not null)
        {
            Directory.CreateDirectory(directory);
            File.WriteAllText(Path.Combine(directory, name.ToLower(CultureInfo.InvariantCulture)), content);
        }
    }
}
