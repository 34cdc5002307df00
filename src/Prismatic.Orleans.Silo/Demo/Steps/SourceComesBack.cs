using System.Globalization;
using Prismatic.Domains.DueDiligence;
using Prismatic.Domains.Osint;
using Prismatic.Supervision;

namespace Prismatic.Silo.Demo.Steps;

/// <summary>Somebody listens where nobody did. When the break is over one probe goes through, and closes the breaker.</summary>
internal sealed class SourceComesBack(DemoSilo silo, DemoData data, Narrator narrator)
{
    private static readonly TimeSpan LongestBreak = TimeSpan.FromSeconds(60);

    public async Task Tell(Registers registers, string crash)
    {
        narrator.Step("The source comes back");
        await using var court = await LoopbackSource.Start(registers.CourtPort, Company.CourtRegister);
        narrator.Say($"The court register listens on port {court.Port} now. Its breaker does not know that yet.");
        await Probe(registers);
        await silo.Events.WaitForHealing(crash, LongestBreak);
        var caseId = await DemoCase.Open(silo);
        var run = await DemoCase.Completed(silo, await DemoCase.Start(silo, data, caseId, registers));
        Expect.That(run.Sources.All(source => source.Status is FetchStatus.Fetched), "not every register answered.");
        var litigation = DemoCase.Dimension(run, RiskDimension.Litigation);
        Expect.That(litigation.High - litigation.Low < 1, "the court register has answered, and litigation is as uncertain as before.");
        narrator.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{caseId}, with all three registers: {DemoCase.Risk(run)} Litigation is between {litigation.Low:0.00} and {litigation.High:0.00} now."));
    }

    /// <summary>Does what a good client does: asks again when the refusal said that it is worthwhile.</summary>
    private async Task Probe(Registers registers)
    {
        var start = silo.Time.GetTimestamp();
        while (true)
        {
            try
            {
                var answer = await silo.Sources.Query(registers.Court, registers.Question);
                Expect.That(answer.Status is FetchStatus.Fetched, $"the probe answered {answer.Status}.");
                narrator.Say($"One call is let through as probe and is served with {Narrator.Count(answer.Items.Length, "row")}; the breaker closes.");
                return;
            }
            catch (BreakerOpenException refused) when (refused.RetryAfter is { } wait && silo.Time.GetElapsedTime(start) < LongestBreak)
            {
                narrator.Say(refused.Message);
                await Task.Delay(wait, silo.Time);
            }
        }
    }
}
