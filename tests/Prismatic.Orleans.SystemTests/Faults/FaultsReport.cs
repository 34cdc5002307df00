using System.Globalization;
using System.Text;

namespace Prismatic.SystemTests.Faults;

/// <summary>The written report: a table of all scenarios beside the control arm, then every finding.</summary>
internal static class FaultsReport
{
    public static string Write(IReadOnlyList<ScenarioResult> results, int seed, double pace, string machine)
    {
        var text = new StringBuilder();
        text.AppendLine("# Faults").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Seed {seed}, {pace:0.##} of the full load, on {machine}. Times are seconds. The load is open-loop: a call's latency runs from the moment it was due.");
        text.AppendLine("`Bare` is Orleans as it comes: the same workers on the same database, supervision that only looks (the workers' state needs it to be there), Orleans' own");
        text.AppendLine("membership settings, a client without supervision. `DefaultMembership` is the platform with Orleans' own membership settings.");
        text.AppendLine("Recovery: from the fault until every kind of call was served again; in parentheses of how many faults. Gone: crashes whose report went with a killed silo.").AppendLine();
        text.AppendLine("| scenario | arm | faults | calls | acknowledged | crashed | refused | failed | unanswered | p50 | p99 | recovery p50 | p99 | lost | doubled | down | failed, may not | gone |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var result in results)
        {
            text.AppendLine(Row(result));
        }

        foreach (var result in results)
        {
            foreach (var seconds in result.History is { } history ? Figures.Storms(history) : [])
            {
                text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{result.Scenario.Name}, {result.Arm}: every child of the storm served again {seconds:0.0} s after it began.");
            }
        }

        foreach (var result in results.Where(result => !result.Findings.IsEmpty || result.Trouble is not null))
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"## {result.Scenario.Name}, {result.Arm}").AppendLine();
            foreach (var line in result.Findings.Select(finding => finding.ToString()).Prepend(result.Trouble).OfType<string>().Take(50))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"- {line.ReplaceLineEndings(" ")}");
            }
        }

        return text.ToString();
    }

    private static string Row(ScenarioResult result)
    {
        string[] cells = result.History is { } history
            ? [.. Cells(history, result)]
            : [result.LeftOut is { } reason ? $"not run: {reason}" : "could not be carried out, see below"];
        return $"| {result.Scenario.Name} | {result.Arm} | {string.Join(" | ", cells)} |";
    }

    private static IEnumerable<string> Cells(History history, ScenarioResult result)
    {
        var recoveries = Figures.Recoveries(history);
        var recovered = recoveries.OfType<double>().ToList();
        var latencies = Figures.Latencies(history).ToList();
        return
        [
            $"{history.Faults.Length}",
            $"{history.Calls.Length}",
            .. new[] { CallOutcome.Acknowledged, CallOutcome.Crashed, CallOutcome.Refused, CallOutcome.Failed, CallOutcome.Unanswered }
                .Select(outcome => $"{history.Calls.Count(call => call.Outcome == outcome)}"),
            Seconds(Figures.Percentile(latencies, 0.5)),
            Seconds(Figures.Percentile(latencies, 0.99)),
            $"{Seconds(Figures.Percentile(recovered, 0.5))} ({recovered.Count}/{recoveries.Length})",
            Seconds(Figures.Percentile(recovered, 0.99)),
            .. Enum.GetValues<FindingKind>().Select(kind => $"{result.Findings.Count(finding => finding.Kind == kind)}"),
            $"{Checker.GoneWithTheirSilo(history)}",
        ];
    }

    private static string Seconds(double? seconds) => seconds is { } number ? number.ToString("0.000", CultureInfo.InvariantCulture) : "-";
}
