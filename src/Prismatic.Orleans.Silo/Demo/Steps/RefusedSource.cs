using System.Globalization;
using Prismatic.Domains.DueDiligence;
using Prismatic.Domains.Osint;
using Prismatic.Events;
using Prismatic.Supervision;

namespace Prismatic.Silo.Demo.Steps;

/// <summary>A case asks three registers, one of which refuses connections: a real SocketException in the source manager.</summary>
internal sealed class RefusedSource(DemoSilo silo, DemoData data, Narrator narrator)
{
    /// <summary>Tells it; the id of the crash, whose outcome is known when the breaker's time is over.</summary>
    public async Task<string> Tell(Registers registers)
    {
        narrator.Step("A source refuses connections");
        var (caseId, run, opened) = await Run(registers);
        await CheckRun(run, registers, opened.CorrelationId);
        await Report(caseId, run);
        await TryAgain(registers, opened.CorrelationId);
        return opened.CorrelationId;
    }

    private async Task<(string CaseId, PipelineStatus Run, SupervisionEvent Opened)> Run(Registers registers)
    {
        var caseId = await DemoCase.Open(silo);
        narrator.Say($"{caseId} is opened on {Company.Subject.Name}; its pipeline asks three registers at once.");
        var runId = await DemoCase.Start(silo, data, caseId, registers);
        var target = $"source:{registers.Court}";
        var opened = await silo.Events.WaitFor(
            $"The breaker of {target}", seen => seen.Kind == SupervisionEventKind.BreakerOpened && seen.Subject == target);
        return (caseId, await DemoCase.Completed(silo, runId), opened);
    }

    private async Task CheckRun(PipelineStatus run, Registers registers, string crash)
    {
        foreach (var source in run.Sources)
        {
            var wanted = source.Source == registers.Court ? FetchStatus.Failed : FetchStatus.Fetched;
            Expect.That(source.Status == wanted, $"{source.Source} is {source.Status}, not {wanted}.");
        }

        var letter = (await silo.Pipeline.DeadLetters(run.RunId)).Single();
        Expect.That(letter.Correlation == crash, $"the dead letter of {letter.Source} names crash {letter.Correlation}, not {crash}.");
        narrator.Say($"The other two answered. Dead letter: {letter.Source}, {letter.ErrorType}, crash [{Narrator.Short(crash)}].");
    }

    private async Task Report(string caseId, PipelineStatus run)
    {
        var report = await silo.Cases.Report(caseId, ReportFormat.Markdown);
        var file = Path.Combine(data.Shown, $"{caseId}.md");
        await File.WriteAllTextAsync(file, report);
        var missing = report.Split('\n').SkipWhile(line => line != "## Sources that could not be asked").First(line => line.StartsWith("- ", StringComparison.Ordinal));
        var litigation = DemoCase.Dimension(run, RiskDimension.Litigation);
        Expect.That(litigation is { Low: 0, High: 1 }, "what the missing register could have told should be unknown, from 0 to 1.");
        narrator.Say($"{DemoCase.Risk(run)} Litigation, which only the missing register knows, is anything from 0 to 1.");
        narrator.Say($"The report, {file}, says so: \"{missing[2..]}\"");
    }

    private async Task TryAgain(Registers registers, string crash)
    {
        var refused = await Expect.Failure<BreakerOpenException>(
            "Asking the refusing register again", () => silo.Sources.Query(registers.Court, registers.Question));
        narrator.Say(refused.Message);
        await Expect.Served("Asking another register", () => silo.Sources.Query(registers.Register, registers.Question));
        var served = await silo.Events.WaitFor(SupervisionEventKind.Recovered, crash);
        narrator.Say(string.Create(CultureInfo.InvariantCulture, $"Asked for another register, the same worker serves, {served.TimeToRecovery?.TotalMilliseconds:0} ms after its crash."));
    }
}
