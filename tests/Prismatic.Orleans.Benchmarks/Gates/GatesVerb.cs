using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Prismatic.Measuring;
using Prismatic.Mailbox;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Gates;

/// <summary>
/// How long it takes from a crash on one silo until the gate of the child is shut on the silo itself and on the last of all others. Each crash is of
/// another member of a family. All silos are in this process, so that one clock times them, and store in memory: a database adds the time of one write.
/// </summary>
internal static class GatesVerb
{
    private static readonly TimeProvider Time = TimeProvider.System;

    public static async Task Run(Options options)
    {
        var crashes = options.Number("crashes", or: 500, max: 100_000);
        var count = options.Number("silos", or: 3, max: 20);
        var output = options.Output();
        var machine = Machine.Now(Time);
        output.Line($"Gates. {machine}");

        var thrown = new Thrown();
        var silos = new List<BenchmarkSilo>();
        try
        {
            for (var silo = 0; silo < count; silo++)
            {
                silos.Add(await BenchmarkSilo.Start(builder => Configure(builder, thrown), silos.FirstOrDefault()));
            }

            var measured = new List<(double First, double Last)>();
            for (var number = 0; number < crashes; number++)
            {
                measured.Add(await Measure(silos, thrown, number));
            }

            output.Table(
                ["gate shut", "p50 ms", "p99 ms", "longest ms"],
                [Row("on the silo of the crash", [.. measured.Select(one => one.First)]), Row($"on all {count} silos", [.. measured.Select(one => one.Last)])]);
            output.Document(new { verb = "gates", machine, silos = count, milliseconds = measured.Select(one => new { one.First, one.Last }) });
        }
        finally
        {
            foreach (var silo in Enumerable.Reverse(silos))
            {
                await silo.DisposeAsync();
            }
        }
    }

    private static async Task<(double First, double Last)> Measure(List<BenchmarkSilo> silos, Thrown thrown, int number)
    {
        var grain = silos[number % silos.Count].Grains.GetGrain<IGateGrain>($"member-{number}");
        await grain.Serve();
        var types = silos[0].Services.GetRequiredService<SupervisedTypes>();
        types.TryGet(grain.GetGrainId().Type, out var type);
        var child = type!.Find(grain.GetGrainId())!;
        var tables = silos.ConvertAll(silo => silo.Services.GetRequiredService<GateTable>());
        var shut = new long?[silos.Count];
        var crash = grain.Crash(number).ContinueWith(_ => { }, TaskScheduler.Default);

        // Yields its core between looks: a look costs less than a microsecond, and silos must run.
        var spin = new SpinWait();
        while (shut.Any(at => at is null))
        {
            for (var silo = 0; silo < shut.Length; silo++)
            {
                if (shut[silo] is null && tables[silo].Ask(grain.GetGrainId(), child).Admission != Admission.Run)
                {
                    shut[silo] = Time.GetTimestamp();
                }
            }

            spin.SpinOnce(sleep1Threshold: -1);
        }

        await crash;
        var times = shut.Select(at => Time.GetElapsedTime(thrown.At[number], at!.Value).TotalMilliseconds).ToList();
        return (times.Min(), times.Max());
    }

    private static string[] Row(string what, IReadOnlyList<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToList();
        return [what, .. new[] { sorted[(sorted.Count - 1) / 2], sorted[(int)Math.Ceiling(0.99 * sorted.Count) - 1], sorted[^1] }.Select(number => number.ToString("0.00", CultureInfo.InvariantCulture))];
    }

    private static void Configure(ISiloBuilder silo, Thrown thrown)
    {
        silo.AddMemoryGrainStorage(StorageNames.Provider, storage => storage.Configure<TimeProvider>((settings, time) => settings.GrainStorageSerializer = new EnvelopeSerializer(time)));
        silo.Services.AddSingleton(thrown);
        silo.AddSupervision(tree => tree
            .Enforce()
            .Configure(settings =>
            {
                settings.DefaultRestart = new RestartWithBackoff { First = TimeSpan.FromMinutes(1), Initial = TimeSpan.FromMinutes(1), Max = TimeSpan.FromMinutes(1) };
                settings.ControlKey = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
            })
            .Supervisor("gates", RestartStrategy.OneForOne, gates => gates
                .Intensity(10_000_000, TimeSpan.FromSeconds(1))
                .Workers<IGateGrain>("members", members => members.Intensity(10_000_000, TimeSpan.FromSeconds(1)))));
    }
}
