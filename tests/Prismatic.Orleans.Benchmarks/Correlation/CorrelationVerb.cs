using System.Globalization;
using Prismatic.Lessons;
using Prismatic.Measuring;
using Prismatic.Supervision;

namespace Prismatic.Correlation;

/// <summary>
/// What it costs to find a crash's group among so many lessons, and to record it. The store is the one in memory: what is measured is the
/// decision and the index, without a database.
/// </summary>
internal static class CorrelationVerb
{
    private const int Measured = 20_000;
    private const int Warming = 5_000;

    public static bool Run(Options options)
    {
        var sizes = options.Numbers("sizes", or: [1_000, 100_000, 1_000_000], max: 10_000_000);
        var output = options.Output();
        var machine = Machine.Now(TimeProvider.System);
        output.Line($"Correlation. {machine}");
        output.Line($"{Measured:N0} crashes of each kind at each size; microseconds and bytes of one crash, with its signature computed from the facts.");
        output.Line();

        // What is measured first would otherwise pay for the compiler.
        _ = MeasureSize(Warming);
        var rows = sizes.SelectMany(MeasureSize).ToList();
        output.Table(
            ["crash", "lessons", "p50 µs", "p99 µs", "B", "index B per lesson", "groups found right"],
            rows.Select(row => new[] { row.Crash, N(row.Lessons, "N0"), N(row.P50, "0.00"), N(row.P99, "0.00"), N(row.Bytes, "N0"), N(row.BytesPerLesson, "N0"), N(row.Right, "0.0 %") }));

        var verdicts = rows.GroupBy(row => row.Crash)
            .Select(kind => new Verdict(kind.Key, kind.Last().P99 / kind.First().P99, kind.Last().P99 <= 3 * kind.First().P99)).ToList();
        foreach (var verdict in verdicts)
        {
            output.Line($"{verdict.Crash}: p99 at {rows[^1].Lessons:N0} lessons is {N(verdict.Ratio, "0.00")} times that at {rows[0].Lessons:N0}; the limit is 3: {(verdict.Met ? "met" : "MISSED")}.");
        }

        output.Document(new { machine, rows, verdicts });
        return verdicts.TrueForAll(verdict => verdict.Met);
    }

    private static List<Row> MeasureSize(int lessons)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var index = new GroupIndex();
        var correlator = new CrashCorrelator(index);
        var groups = new string[lessons];
        for (var lesson = 0; lesson < lessons; lesson++)
        {
            groups[lesson] = GroupOf(correlator, SyntheticCrashes.Of(lesson, variant: 0));
        }

        var perLesson = (GC.GetTotalMemory(forceFullCollection: true) - before - (8.0 * lessons)) / lessons;
        var random = new Random(20_260_101);
        var asked = Enumerable.Range(0, Measured).Select(_ => random.Next(lessons)).ToArray();
        var known = Measure(correlator, i => SyntheticCrashes.Of(asked[i], 0), (i, group) => group == groups[asked[i]]);
        var variants = Measure(correlator, i => SyntheticCrashes.Of(asked[i], 1 + i), (i, group) => group == groups[asked[i]]);
        var fresh = Measure(correlator, i => SyntheticCrashes.Of(lessons + i, 0), (i, group) => group == CrashSignature.Of(SyntheticCrashes.Of(lessons + i, 0)).Hash);
        GC.KeepAlive(index);
        return
        [
            known.Row("signature seen before", lessons, perLesson),
            variants.Row("new signature of a known failure", lessons, perLesson),
            fresh.Row("new failure, recorded", lessons, perLesson),
        ];
    }

    private static string GroupOf(CrashCorrelator correlator, CrashFacts facts)
    {
        var group = correlator.GroupOf(CrashSignature.Of(facts).Hash, facts);
        return group.IsCompletedSuccessfully ? group.Result : throw new InvalidOperationException("The index in memory answers at once.");
    }

    private static Series Measure(CrashCorrelator correlator, Func<int, CrashFacts> crash, Func<int, string, bool> isRight)
    {
        var time = TimeProvider.System;
        var crashes = Enumerable.Range(0, Measured).Select(crash).ToArray();
        var groups = new string[Measured];
        var elapsed = new double[Measured];
        GC.Collect();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Measured; i++)
        {
            var start = time.GetTimestamp();
            groups[i] = GroupOf(correlator, crashes[i]);
            elapsed[i] = time.GetElapsedTime(start).TotalMicroseconds;
        }

        var bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Array.Sort(elapsed);
        var right = Enumerable.Range(0, Measured).Count(i => isRight(i, groups[i]));
        return new Series(elapsed[Measured / 2], elapsed[Measured * 99 / 100], (double)bytes / Measured, (double)right / Measured);
    }

    private static string N(double value, string form) => value.ToString(form, CultureInfo.InvariantCulture);

    private sealed record Series(double P50, double P99, double Bytes, double Right)
    {
        public Row Row(string crash, int lessons, double perLesson) => new(crash, lessons, P50, P99, Bytes, perLesson, Right);
    }

    private sealed record Row(string Crash, int Lessons, double P50, double P99, double Bytes, double BytesPerLesson, double Right);

    private sealed record Verdict(string Crash, double Ratio, bool Met);
}
