using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using Prismatic.Measuring;

namespace Prismatic.Filter;

/// <summary>Runs the filter cases, prints each case's cost and the verdict on the supervision filter.</summary>
internal static class FilterVerb
{
    private const double LimitNanoseconds = 50;
    private const double LimitBytes = 0;

    private static readonly (string Case, string Method, string Reference)[] Cases =
    [
        ("no filter", nameof(FilterBenchmarks.In_none), nameof(FilterBenchmarks.In_none)),
        ("passing filter, not async", nameof(FilterBenchmarks.In_passing), nameof(FilterBenchmarks.In_none)),
        ("empty async filter, try/catch", nameof(FilterBenchmarks.In_empty), nameof(FilterBenchmarks.In_none)),
        ("supervision, type not in the tree", nameof(FilterBenchmarks.In_supervision_unsupervised), nameof(FilterBenchmarks.In_none)),
        ("supervision, healthy", nameof(FilterBenchmarks.In_supervision_healthy), nameof(FilterBenchmarks.In_empty)),
        ("supervision, healthy, sibling sick", nameof(FilterBenchmarks.In_supervision_sick_sibling), nameof(FilterBenchmarks.In_empty)),
        ("sending: as Orleans does", nameof(FilterBenchmarks.Out_none), nameof(FilterBenchmarks.Out_none)),
        ("sending: through control", nameof(FilterBenchmarks.Out_control), nameof(FilterBenchmarks.Out_none)),
        ("sending: through arrival", nameof(FilterBenchmarks.Out_arrival), nameof(FilterBenchmarks.Out_none)),
    ];

    public static void Run(Options options)
    {
        var iterations = options.Number("iterations", or: 10, max: 1_000);
        var output = options.Output();
        var machine = Machine.Now(TimeProvider.System);
        var summary = BenchmarkRunner.Run<FilterBenchmarks>(Config(iterations));

        var measured = summary.Reports.ToDictionary(
            report => (report.BenchmarkCase.Descriptor.WorkloadMethod.Name, (bool)report.BenchmarkCase.Parameters[nameof(FilterBenchmarks.Asynchronous)]),
            Measured.Of);
        var rows = Cases
            .SelectMany(one => new[] { false, true }.Select(asynchronous => new Row(
                one.Case, asynchronous, measured[(one.Method, asynchronous)], Name(one.Reference), measured[(one.Reference, asynchronous)])))
            .ToList();
        var verdict = Verdict(rows);

        output.Line($"Call filters. {machine}");
        output.Line($"{iterations} iterations of 100 ms for each case; ns and bytes of one call, ± half the 99.9 % interval of the mean.");
        output.Line();
        output.Table(
            ["case", "invoke", "median ns", "mean ns", "±", "B", "over", "+ns", "+B"],
            rows.Select(row => new[]
            {
                row.Case, row.Asynchronous ? "async" : "sync", N(row.Cost.Median), N(row.Cost.Mean), N(row.Cost.Error), N(row.Cost.Bytes, "0"),
                row.Reference == row.Case ? "" : row.Reference, row.Reference == row.Case ? "" : Signed(row.MoreNanoseconds), row.Reference == row.Case ? "" : Signed(row.MoreBytes, "0"),
            }));
        foreach (var one in verdict)
        {
            output.Line(one.Text);
        }

        output.Document(new { verb = "filter", machine, iterations, rows, verdict });
    }

    private static List<VerdictLine> Verdict(IEnumerable<Row> rows) =>
        [.. rows.Where(row => row.Case == Name(nameof(FilterBenchmarks.In_supervision_healthy))).Select(row =>
        {
            var met = row.MoreNanoseconds <= LimitNanoseconds && row.MoreBytes <= LimitBytes;
            return new VerdictLine(
                row.Asynchronous,
                met,
                $"filter: {Signed(row.MoreNanoseconds)} ns, {Signed(row.MoreBytes, "0")} B over the empty filter (limits {LimitNanoseconds:0} ns, {LimitBytes:0} B): {(met ? "met" : "not met")} ({(row.Asynchronous ? "asynchronous" : "synchronous")} invoke)");
        })];

    private static string Name(string method) => Cases.Single(one => one.Method == method).Case;

    // In this process, so that nothing is generated and built while the machine measures.
    private static ManualConfig Config(int iterations) => ManualConfig.CreateEmpty()
        .AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.DontLogOutput)
            .WithWarmupCount(6)
            .WithIterationCount(iterations)
            .WithIterationTime(TimeInterval.FromMilliseconds(100)))
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddLogger(NullLogger.Instance)
        .WithOptions(ConfigOptions.DisableLogFile);

    private static string N(double value, string format = "0.0") => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Signed(double value, string format = "0.0") => value.ToString($"+{format};-{format};{format}", CultureInfo.InvariantCulture);

    private sealed record Measured(double Median, double Mean, double Error, double Bytes)
    {
        public static Measured Of(BenchmarkReport report)
        {
            var statistics = report.ResultStatistics ?? throw new InvalidOperationException($"{report.BenchmarkCase.DisplayInfo} has no results.");
            return new Measured(
                statistics.Median,
                statistics.Mean,
                statistics.GetConfidenceInterval(Perfolizer.Mathematics.Common.ConfidenceLevel.L999).Margin,
                report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0);
        }
    }

    private sealed record Row(string Case, bool Asynchronous, Measured Cost, string Reference, Measured ReferenceCost)
    {
        public double MoreNanoseconds => Cost.Median - ReferenceCost.Median;

        public double MoreBytes => Cost.Bytes - ReferenceCost.Bytes;
    }

    private sealed record VerdictLine(bool Asynchronous, bool Met, string Text);
}
