using System.Globalization;
using Prismatic.Measuring;

namespace Prismatic.Storm;

/// <summary>
/// Crash storms, supervised and bare, each round in fresh silos of both kinds, one silo at a time, the order turning with the rounds.
/// A round before the first is not counted. After the last round it waits until supervision has let go of the storm.
/// </summary>
internal static class StormVerb
{
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(40);
    private static readonly TimeProvider Time = TimeProvider.System;

    /// <summary>True when every count was exact.</summary>
    public static async Task<bool> Run(Options options)
    {
        var rounds = options.Number("rounds", or: 5, max: 1_000);
        var crashes = options.Number("crashes", or: 1_000, max: 1_000_000);
        var members = options.Number("members", or: 10_000, max: 19_000);
        var output = options.Output();
        var machine = Machine.Now(Time);
        output.Line($"Crash storms. {machine}");

        var runs = new List<Round>();
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var supervised in round % 2 == 0 ? new[] { true, false } : [false, true])
            {
                var run = await RunRound(supervised, crashes, members, settle: supervised && round == rounds);
                if (round > 0)
                {
                    runs.Add(run);
                }
            }
        }

        var storms = new[]
        {
            Compare($"one worker, {crashes:#,0} crashes, one after the other", crashes, runs, run => run.Worker),
            Compare($"a family, {members:#,0} members crash once, 64 callers", members, runs, run => run.Family),
        };
        foreach (var storm in storms)
        {
            Print(output, storm);
        }

        var supervisedRuns = runs.Where(run => run.Supervised).ToList();
        var exact = supervisedRuns.TrueForAll(run => run.Counts!.AreExact(crashes, members));
        output.Line(exact
            ? $"counts: exact in all {rounds} rounds: {crashes:#,0} crashes and restarts of the worker, {members:#,0} of the family, {crashes + members:#,0} in the lessons, none dropped"
            : $"counts: NOT exact: {string.Join("; ", supervisedRuns.Select(run => run.Counts))}");
        var settled = supervisedRuns.Select(run => run.Settled).Last()!;
        output.Line($"settled: {settled.After.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s after the last storm {settled.Gates} gates are left and the heap is {MB(settled.Heap)}; with the same activations it was {MB(settled.HeapBefore)} before that storm and {MB(settled.HeapAfter)} right after it");
        output.Document(new { verb = "storm", machine, rounds, crashes, members, storms, exact, counts = supervisedRuns.Select(run => run.Counts), settled });
        return exact;
    }

    private static async Task<Round> RunRound(bool supervised, int crashes, int members, bool settle)
    {
        await using var silo = await StormSilo.Start(supervised);
        var worker = await StormRun.OfWorker(silo, crashes);
        var family = await StormRun.OfFamily(silo, members);
        var counts = supervised ? await silo.Count() : null;
        return new Round(supervised, worker, family, counts, settle ? await Settle(silo, family) : null);
    }

    private static async Task<Settled> Settle(StormSilo silo, StormCost storm)
    {
        var start = Time.GetTimestamp();
        while (silo.Gates > 0 && Time.GetElapsedTime(start) < SettleLimit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250), Time);
        }

        await silo.Reported();
        return new Settled(Time.GetElapsedTime(start), silo.Gates, storm.HeapBefore, storm.HeapAfter, StormRun.LiveBytes());
    }

    private static Storm Compare(string name, int crashes, List<Round> runs, Func<Round, StormCost> of)
    {
        var bare = runs.Where(run => !run.Supervised).Select(of).ToList();
        var supervised = runs.Where(run => run.Supervised).Select(of).ToList();
        return new Storm(
            name,
            [ArmCost.Of("bare", crashes, bare), ArmCost.Of("supervised", crashes, supervised)],
            Ratio(cost => cost.Wall.TotalSeconds),
            PairedRatio.Of([.. supervised.Select(cost => cost.Reported.TotalSeconds)], [.. bare.Select(cost => cost.Wall.TotalSeconds)]),
            Ratio(cost => cost.Allocated));

        PairedRatio Ratio(Func<StormCost, double> value) => PairedRatio.Of([.. supervised.Select(value)], [.. bare.Select(value)]);
    }

    private static void Print(Output output, Storm storm)
    {
        output.Line();
        output.Line(storm.Name);
        output.Table(
            ["arm", "wall s", "min..max", "crashes/s", "all reported s", "KB/crash", "heap before", "heap after"],
            storm.Arms.Select(arm => new[]
            {
                arm.Arm, N(arm.WallSeconds, "0.00"), $"{N(arm.Fastest, "0.00")}..{N(arm.Slowest, "0.00")}", N(arm.CrashesPerSecond, "#,0"), N(arm.ReportedSeconds, "0.00"),
                N(arm.BytesPerCrash / 1024, "0.0"), MB(arm.HeapBefore), MB(arm.HeapAfter),
            }));
        output.Table(
            ["supervised/bare", "median ratio [95 %]", "pairs"],
            [
                ["wall time until all have served again", storm.Wall.ToString(), N(storm.Wall.Pairs, "0")],
                ["time until all is reported", storm.Reported.ToString(), N(storm.Reported.Pairs, "0")],
                ["allocation", storm.Allocation.ToString(), N(storm.Allocation.Pairs, "0")],
            ]);
    }

    private static string N(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string MB(double bytes) => $"{N(bytes / 1024 / 1024, "0.0")} MB";

    private sealed record Round(bool Supervised, StormCost Worker, StormCost Family, StormCounts? Counts, Settled? Settled);

    private sealed record Settled(TimeSpan After, int Gates, long HeapBefore, long HeapAfter, long Heap);

    private sealed record Storm(string Name, ArmCost[] Arms, PairedRatio Wall, PairedRatio Reported, PairedRatio Allocation);

    private sealed record ArmCost(
        string Arm, double WallSeconds, double Fastest, double Slowest, double CrashesPerSecond, double ReportedSeconds, double BytesPerCrash, double HeapBefore, double HeapAfter)
    {
        public static ArmCost Of(string arm, int crashes, List<StormCost> costs)
        {
            var wall = PairedRatio.MedianOf(costs.Select(cost => cost.Wall.TotalSeconds));
            return new ArmCost(
                arm,
                wall,
                costs.Min(cost => cost.Wall.TotalSeconds),
                costs.Max(cost => cost.Wall.TotalSeconds),
                crashes / wall,
                PairedRatio.MedianOf(costs.Select(cost => cost.Reported.TotalSeconds)),
                PairedRatio.MedianOf(costs.Select(cost => (double)cost.Allocated)) / crashes,
                PairedRatio.MedianOf(costs.Select(cost => (double)cost.HeapBefore)),
                PairedRatio.MedianOf(costs.Select(cost => (double)cost.HeapAfter)));
        }
    }
}
