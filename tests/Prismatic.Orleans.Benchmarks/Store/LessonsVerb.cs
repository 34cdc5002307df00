using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Prismatic.Lessons;
using Prismatic.Measuring;
using Prismatic.Remediation;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Store;

/// <summary>
/// What the lessons cost when there are many: a silo starts on a SQLite file with so many lessons in it, and crashes, outcomes and
/// questions are told to its grains one after the other.
/// </summary>
internal static class LessonsVerb
{
    private const double Limit = 3;

    private static readonly string[] Compared = ["crash of a known group", "crash of a new group", "outcome"];

    public static async Task<bool> Run(Options options)
    {
        var sizes = options.Numbers("sizes", or: [1_000, 100_000, 1_000_000], max: 10_000_000);
        var operations = options.Number("operations", or: 1_000, max: 100_000);
        var output = options.Output();
        var machine = Machine.Now(TimeProvider.System);
        output.Line($"Lessons. {machine}");
        output.Line($"{operations:N0} operations of each kind at each size, one after the other, through the grains of one silo; the store is a SQLite file, each write on the disk when it returns.");
        output.Line("The file is filled in bulk with the records that the grains write; milliseconds, bytes allocated in the whole process, and rows written for one operation.");
        output.Line();

        // What is measured first would otherwise pay for the compiler.
        await Measure(100, Math.Min(operations, 300));
        var measured = new List<Size>();
        foreach (var size in sizes)
        {
            measured.Add(await Measure(size, operations));
        }

        output.Table(
            ["lessons", "payload bytes per lesson", "file bytes per lesson", "fill s", "silo start s", "first figures ms", "first page ms", "rows read till then"],
            measured.Select(size => new[]
            {
                N(size.Lessons, "N0"), N(size.PayloadPerLesson, "N0"), N(size.FilePerLesson, "N0"), N(size.FillSeconds, "0.0"), N(size.StartSeconds, "0.00"),
                N(size.FiguresMs, "0.0"), N(size.PageMs, "0.0"), N(size.RowsAtStart, "N0"),
            }));
        output.Table(
            ["operation", "lessons", "p50 ms", "p99 ms", "B", "rows written", "rows read"],
            measured.SelectMany(size => size.Rows).OrderBy(row => row.Operation, StringComparer.Ordinal).Select(row => new[]
            {
                row.Operation, N(row.Lessons, "N0"), N(row.P50, "0.000"), N(row.P99, "0.000"), N(row.Bytes, "N0"), N(row.RowsWritten, "0.00"), N(row.RowsRead, "0.00"),
            }));

        var verdicts = Compared.Select(operation =>
        {
            var rows = measured.Select(size => size.Rows.Single(row => row.Operation == operation)).ToList();
            return new Verdict(operation, rows[^1].P99 / rows[0].P99, rows[^1].RowsWritten - rows[0].RowsWritten, rows[^1].P99 <= Limit * rows[0].P99);
        }).ToList();
        foreach (var verdict in verdicts)
        {
            output.Line($"{verdict.Operation}: p99 at {measured[^1].Lessons:N0} lessons is {N(verdict.Ratio, "0.00")} times that at {measured[0].Lessons:N0} (limit {Limit:0}), with {N(verdict.MoreRows, "0.00")} more rows: {(verdict.Met ? "met" : "MISSED")}.");
        }

        output.Document(new { verb = "lessons", machine, operations, measured, verdicts });
        return verdicts.TrueForAll(verdict => verdict.Met);
    }

    private static async Task<Size> Measure(int lessons, int operations)
    {
        var folder = Directory.CreateTempSubdirectory("prismatic-lessons-");
        try
        {
            var file = Path.Combine(folder.FullName, "lessons.db");
            var time = TimeProvider.System;
            var began = time.GetTimestamp();
            var payload = 0L;
            using (var store = new SqliteRecords(file, bulk: true))
            {
                store.Fill(LessonFill.Records(lessons).Select(record =>
                {
                    payload += record.Payload.Length;
                    return record;
                }));
            }

            var filled = time.GetElapsedTime(began);
            var size = new FileInfo(file).Length;
            using var records = new SqliteRecords(file);
            began = time.GetTimestamp();
            await using var silo = await BenchmarkSilo.Start(builder =>
            {
                builder.Services.AddKeyedSingleton<IGrainStorage>(StorageNames.Provider, records);
                builder.AddSupervision(tree => tree.Supervisor("shop", RestartStrategy.OneForOne, shop => shop.Worker<Storm.IStormGrain>("worker")));
            });
            var started = time.GetElapsedTime(began);
            var grain = silo.Grains.GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key);
            began = time.GetTimestamp();
            var figures = await grain.GetStatistics();
            var firstFigures = time.GetElapsedTime(began);
            began = time.GetTimestamp();
            var page = await grain.List(new LessonQuery { Limit = 50 });
            var firstPage = time.GetElapsedTime(began);
            if (figures.TotalLessons != lessons || page.Items.Length != Math.Min(50, lessons))
            {
                throw new InvalidOperationException($"The silo sees {figures.TotalLessons} lessons and {page.Items.Length} on the first page; {lessons} were filled in.");
            }

            var read = records.Reads;
            var random = new Random(20_260_101);
            var known = Enumerable.Range(0, operations).Select(_ => random.Next(lessons)).ToArray();
            var sequence = 0L;
            var rows = new[]
            {
                await Measure("crash of a known group", lessons, operations, records, i => grain.Capture([LessonFill.Crash(known[i], "measured", ++sequence)], [])),
                await Measure("crash of a new group", lessons, operations, records, i => grain.Capture([LessonFill.Crash(lessons + i, "measured", ++sequence)], [])),
                await Measure("outcome", lessons, operations, records, i => grain.RecordOutcomes([Outcome(known[i], i)])),
                await Measure("one lesson read", lessons, operations, records, i => grain.Get(LessonFill.Crash(known[i], "", 0).Group)),
                await Measure("search of 1,000 lessons", lessons, 3, records, _ => grain.List(new LessonQuery { Text = "no lesson says this" })),
            };
            return new Size(
                lessons, (double)payload / lessons, (double)size / lessons, filled.TotalSeconds, started.TotalSeconds,
                firstFigures.TotalMilliseconds, firstPage.TotalMilliseconds, read, rows);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Row> Measure(string operation, int lessons, int count, SqliteRecords records, Func<int, Task> act)
    {
        var time = TimeProvider.System;
        var elapsed = new double[count];
        GC.Collect();
        var (allocated, writes, reads) = (GC.GetTotalAllocatedBytes(precise: true), records.Writes, records.Reads);
        for (var i = 0; i < count; i++)
        {
            var start = time.GetTimestamp();
            await act(i);
            elapsed[i] = time.GetElapsedTime(start).TotalMilliseconds;
        }

        var bytes = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        Array.Sort(elapsed);
        return new Row(
            operation, lessons, elapsed[count / 2], elapsed[count * 99 / 100], (double)bytes / count,
            (double)(records.Writes - writes) / count, (double)(records.Reads - reads) / count);
    }

    private static RemediationOutcome Outcome(int number, int i) => new()
    {
        CrashId = $"outcome-{i}",
        Group = LessonFill.Crash(number, "", 0).Group,
        Signature = LessonFill.Crash(number, "", 0).Signature,
        Action = new RestartWithBackoff(),
        Rule = "timeout",
        Outcome = Lessons.Outcome.Healed,
        TimeToRecovery = TimeSpan.FromMilliseconds(5),
    };

    private static string N(double value, string form) => value.ToString(form, CultureInfo.InvariantCulture);

    private sealed record Size(
        int Lessons, double PayloadPerLesson, double FilePerLesson, double FillSeconds, double StartSeconds, double FiguresMs, double PageMs, long RowsAtStart, Row[] Rows);

    private sealed record Row(string Operation, int Lessons, double P50, double P99, double Bytes, double RowsWritten, double RowsRead);

    private sealed record Verdict(string Operation, double Ratio, double MoreRows, bool Met);
}
