using System.Globalization;
using Prismatic.Measuring;

namespace Prismatic.Calls;

/// <summary>
/// Calls the same grain in silos that differ only in what is in the way of a call. All silos live at once in this process and one is driven
/// at a time; each round has one slice of every arm, in an order that turns with the rounds, so that what disturbs the machine disturbs
/// all arms alike. Ratios are of slices of the same round.
/// </summary>
internal static class CallsVerb
{
    private static readonly (string Of, string Over)[] Comparisons =
        [(Arm.Supervised, Arm.Empty), (Arm.Supervised, Arm.Bare), (Arm.Supervised, Arm.BothSides), (Arm.Empty, Arm.Bare)];

    private static readonly TimeProvider Time = TimeProvider.System;

    public static async Task Run(Options options)
    {
        var rounds = options.Number("rounds", or: 24, max: 10_000);
        var slice = TimeSpan.FromMilliseconds(options.Number("slice", or: 300, max: 60_000));
        var output = options.Output();
        var machine = Machine.Now(Time);
        output.Line($"Calls. {machine}");

        var arms = await Arm.StartAll();
        var results = new List<Result>();
        foreach (var load in Load.All)
        {
            var result = await Measure(load, arms, rounds, slice);
            results.Add(result);
            Print(output, result);
        }

        foreach (var arm in arms)
        {
            output.Line($"{arm.Name}: {arm.What}");
            await arm.DisposeAsync();
        }

        output.Document(new { verb = "calls", machine, rounds, sliceMilliseconds = slice.TotalMilliseconds, arms = arms.ToDictionary(arm => arm.Name, arm => arm.What), results });
    }

    private static async Task<Result> Measure(Load load, Arm[] arms, int rounds, TimeSpan slice)
    {
        var grains = arms.ToDictionary(arm => arm.Name, load.GrainsOf);
        var calls = await WarmUp(load, arms, grains, slice);
        var slices = arms.ToDictionary(arm => arm.Name, _ => new List<Slice>());
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < arms.Length; i++)
            {
                var arm = arms[(round + i) % arms.Length].Name;
                slices[arm].Add(await Slice.Measure(Time, () => load.Drive(grains[arm], calls)));
            }
        }

        return new Result(
            load.Name,
            calls,
            [.. arms.Select(arm => new ArmResult(
                arm.Name,
                PairedRatio.MedianOf(slices[arm.Name].Select(one => one.CallsPerSecond)),
                PairedRatio.MedianOf(slices[arm.Name].Select(one => one.BytesPerCall))))],
            [.. Comparisons.Select(comparison => new Comparison(
                $"{comparison.Of}/{comparison.Over}",
                PairedRatio.Of(Rates(comparison.Of), Rates(comparison.Over)),
                PairedRatio.MedianOf(slices[comparison.Of].Zip(slices[comparison.Over], (of, over) => of.MicrosecondsPerCall - over.MicrosecondsPerCall))))]);

        List<double> Rates(string arm) => [.. slices[arm].Select(one => one.CallsPerSecond)];
    }

    /// <summary>Activates the grains, lets the compiler settle, and finds how many calls the first arm makes in a slice: all arms then make as many.</summary>
    private static async Task<int> WarmUp(Load load, Arm[] arms, Dictionary<string, IPingGrain[]> grains, TimeSpan slice)
    {
        var calls = 2_000;
        for (var turn = 0; turn < 4; turn++)
        {
            foreach (var arm in arms)
            {
                var measured = await Slice.Measure(Time, () => load.Drive(grains[arm.Name], calls));
                if (arm == arms[0] && turn < 3)
                {
                    calls = Math.Max(load.Callers, (int)(measured.CallsPerSecond * slice.TotalSeconds));
                }
            }
        }

        return calls;
    }

    private static void Print(Output output, Result result)
    {
        output.Line();
        output.Line($"{result.Load}; {result.CallsPerSlice:#,0} calls in a slice");
        output.Table(
            ["arm", "calls/s", "us/call", "B/call"],
            result.Arms.Select(arm => new[] { arm.Arm, N(arm.CallsPerSecond, "#,0"), N(1e6 / arm.CallsPerSecond, "0.00"), N(arm.BytesPerCall, "0") }));
        output.Table(
            ["calls per second", "median ratio [95 %]", "pairs", "+us/call"],
            result.Ratios.Select(ratio => new[] { ratio.Arms, ratio.Ratio.ToString(), N(ratio.Ratio.Pairs, "0"), N(ratio.MoreMicroseconds, "+0.00;-0.00") }));
    }

    private static string N(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed record Result(string Load, int CallsPerSlice, List<ArmResult> Arms, List<Comparison> Ratios);

    private sealed record ArmResult(string Arm, double CallsPerSecond, double BytesPerCall);

    private sealed record Comparison(string Arms, PairedRatio Ratio, double MoreMicroseconds);

    private sealed record Slice(double CallsPerSecond, double BytesPerCall)
    {
        public double MicrosecondsPerCall => 1e6 / CallsPerSecond;

        public static async Task<Slice> Measure(TimeProvider time, Func<Task<int>> drive)
        {
            var allocated = GC.GetTotalAllocatedBytes();
            var start = time.GetTimestamp();
            var calls = await drive();
            var elapsed = time.GetElapsedTime(start);
            return new Slice(calls / elapsed.TotalSeconds, (double)(GC.GetTotalAllocatedBytes() - allocated) / calls);
        }
    }
}
