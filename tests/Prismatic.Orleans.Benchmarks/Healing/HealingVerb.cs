using System.Globalization;
using Prismatic.Measuring;

namespace Prismatic.Healing;

/// <summary>Does it heal? The same faults through every arm; the README says what each figure is.</summary>
internal static class HealingVerb
{
    public static async Task Run(Options options)
    {
        var seeds = options.Numbers("seeds", or: [options.Number("seed", or: 1, max: 1_000_000)], max: 1_000_000);
        var arms = options.Choice("arms", "all", ["all", "none", "alwaysRestart", "rules", "lessons"]);
        var explain = options.Choice("explain", "no", ["no", "yes"]) == "yes";
        var output = options.Output();
        var chosen = Enum.GetValues<HealingArm>().Where(arm => arms == "all" || NameOf(arm) == arms).ToList();
        output.Line($"Healing. {Machine.Now(TimeProvider.System)}");
        var runs = new List<SeedResult>();
        foreach (var seed in seeds)
        {
            var figures = new Dictionary<string, HealingFigures>();
            foreach (var arm in chosen)
            {
                figures[NameOf(arm)] = await DriverThread.Run(() => HealingRun.Run(arm, seed, explain, text => Console.Error.WriteLine(text)));
            }

            Print(output, $"seed {seed}", figures);
            runs.Add(new SeedResult(seed, figures));
        }

        if (runs.Count == 1)
        {
            output.Document(runs[0]);
            return;
        }

        var worst = chosen.ToDictionary(NameOf, arm => Worst([.. runs.Select(run => run.Arms[NameOf(arm)])]));
        Print(output, "the worst of all seeds, figure by figure", worst);
        output.Document(new { seeds = runs, worst });
    }

    private static HealingFigures Worst(IReadOnlyList<HealingFigures> all) => new()
    {
        Crashes = all.Min(one => one.Crashes),
        Incidents = all.Min(one => one.Incidents),
        RightAction = all.Min(one => one.RightAction),
        AutoRemediatedAll = all.Min(one => one.AutoRemediatedAll),
        AutoRemediatedKnown = all.Min(one => one.AutoRemediatedKnown),
        AutoRemediatedKnownAndIncurable = all.Min(one => one.AutoRemediatedKnownAndIncurable),
        FalsePositiveRate = all.Max(one => one.FalsePositiveRate),
        TicketRate = all.Max(one => one.TicketRate),
        Availability = all.Min(one => one.Availability),
        MttrWithWaitsP50Ms = all.Max(one => one.MttrWithWaitsP50Ms),
        MttrWithWaitsP99Ms = all.Max(one => one.MttrWithWaitsP99Ms),
        MttrP50Ms = all.Max(one => one.MttrP50Ms),
        MttrP99Ms = all.Max(one => one.MttrP99Ms),
        ManualInterventions = all.Max(one => one.ManualInterventions),
        Tickets = all.Max(one => one.Tickets),
        OutageAlerts = all.Max(one => one.OutageAlerts),
        CrashLoopAlerts = all.Max(one => one.CrashLoopAlerts),
        UnansweredForTwoMinutes = all.Max(one => one.UnansweredForTwoMinutes),
    };

    private static void Print(Output output, string title, Dictionary<string, HealingFigures> arms)
    {
        output.Line();
        output.Line(title);
        output.Table(
            ["arm", "crashes", "right", "auto all", "auto known", "false pos.", "tickets", "availability", "MTTR with waits p50 ms", "p99 ms", "without p50 ms", "manual", "= tickets + outage + loop alerts", "unanswered 2 min"],
            arms.Select(arm => new[]
            {
                arm.Key, $"{arm.Value.Crashes}", P(arm.Value.RightAction), P(arm.Value.AutoRemediatedAll), P(arm.Value.AutoRemediatedKnown), P(arm.Value.FalsePositiveRate), P(arm.Value.TicketRate),
                arm.Value.Availability.ToString("0.00000", CultureInfo.InvariantCulture), N(arm.Value.MttrWithWaitsP50Ms), N(arm.Value.MttrWithWaitsP99Ms), N(arm.Value.MttrP50Ms),
                $"{arm.Value.ManualInterventions}", $"{arm.Value.Tickets} + {arm.Value.OutageAlerts} + {arm.Value.CrashLoopAlerts}", $"{arm.Value.UnansweredForTwoMinutes}",
            }));
    }

    private static string P(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string N(double value) => value.ToString("#,0.#", CultureInfo.InvariantCulture);

    private static string NameOf(HealingArm arm) => arm switch
    {
        HealingArm.None => "none",
        HealingArm.AlwaysRestart => "alwaysRestart",
        HealingArm.Rules => "rules",
        _ => "lessons",
    };

    private sealed record SeedResult(int Seed, Dictionary<string, HealingFigures> Arms);
}
