using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Prismatic.Events;
using Prismatic.Lessons;
using Prismatic.Measuring;
using Prismatic.Peers;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Intake;

/// <summary>
/// Two silos send one supervisor batches of crash reports, as their outboxes do, at a given rate; each crash is of another incarnation and
/// has served again by the next. Or crashes are handed to the outboxes of the two silos, which tell the lessons too. Says what was taken in,
/// how far behind it fell, what was held, what was dropped, and what was joined.
/// </summary>
internal static class IntakeVerb
{
    private const string Domain = "app/intake";
    private const int BatchesPerSecond = 4;

    /// <summary>How often a second crashes are handed to the outboxes, which make batches of them themselves.</summary>
    private const int TicksPerSecond = 50;

    /// <summary>What may lie between two looks at the heap: the copies of the last stored states. The reports of half a run are several times as much.</summary>
    private const double MostGrowthMegabytes = 64;

    private static readonly TimeProvider Time = TimeProvider.System;

    /// <summary>True when the rate was held, the counts are exact, and the heap did not grow in the second half.</summary>
    public static async Task<bool> Run(Options options)
    {
        var rate = options.Number("rate", or: 20_000, max: 1_000_000);
        var seconds = options.Number("seconds", or: 20, max: 3_600);
        var children = options.Number("children", or: 1_000, max: 100_000);
        var outboxes = options.Choice("through", or: "calls", ["calls", "outboxes"]) == "outboxes";
        var output = options.Output();
        var machine = Machine.Now(Time);
        output.Line($"Intake. {machine}");

        var said = new Said();
        await using var first = await BenchmarkSilo.Start(silo => Configure(silo, said));
        await using var second = await BenchmarkSilo.Start(silo => Configure(silo, said), first);
        BenchmarkSilo[] silos = [first, second];

        var ticks = outboxes ? TicksPerSecond : BatchesPerSecond;
        var batch = rate / silos.Length / ticks;
        var mostWaiting = 0L;
        var samples = new List<Sample> { await Look(first, 0, 0) };
        var start = Time.GetTimestamp();
        var slowest = TimeSpan.Zero;
        var sent = 0L;
        for (var tick = 0; tick < seconds * ticks; tick++)
        {
            var due = TimeSpan.FromSeconds((double)tick / ticks) - Time.GetElapsedTime(start);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, Time);
            }

            var began = Time.GetTimestamp();
            if (outboxes)
            {
                for (var at = 0; at < silos.Length; at++)
                {
                    mostWaiting = Math.Max(mostWaiting, Hand(silos[at], Batch(at, tick, batch, children)));
                }
            }
            else
            {
                await Task.WhenAll(silos.Select((silo, at) => silo.Grains.GetGrain<ISupervisorReportsGrain>(Domain).Report(Batch(at, tick, batch, children))));
            }

            sent += batch * silos.Length;
            var took = Time.GetElapsedTime(began);
            slowest = took > slowest ? took : slowest;
            if ((tick + 1) % Math.Max(1, seconds * ticks / 4) == 0)
            {
                samples.Add(await Look(first, Time.GetElapsedTime(start).TotalSeconds, sent));
            }
        }

        var elapsed = Time.GetElapsedTime(start).TotalSeconds;
        var drained = Time.GetTimestamp();
        await Task.WhenAll(silos.Select(silo => OutboxOf(silo).Drained()));
        var behind = Time.GetElapsedTime(drained);
        DroppedItems[] dropped = [.. silos.SelectMany(silo => OutboxOf(silo).Dropped)];
        var lost = dropped.Where(item => item.Kind == "crashes").Sum(item => item.Count);
        var last = await Look(first, elapsed, sent);
        output.Table(
            ["after s", "reports", "counted", "records", "open tickets", "heap MB"],
            samples.Select(sample => new[]
            {
                N(sample.Seconds, "0.0"), N(sample.Sent, "#,0"), N(sample.Counted, "#,0"), N(sample.Records, "#,0"), N(sample.Tickets, "#,0"), N(sample.HeapMegabytes, "0.0"),
            }));
        var perSecond = sent / elapsed;
        var held = perSecond >= rate * 0.98;
        var exact = last.Counted == sent - lost;
        var half = samples[samples.Count / 2];
        var bounded = last.HeapMegabytes <= half.HeapMegabytes + MostGrowthMegabytes;
        output.Line($"rate: {N(perSecond, "#,0")} reports per second of {N(rate, "#,0")}, {(outboxes ? "handed to the outboxes" : "in batches")} of {batch:#,0} from each of {silos.Length} silos; the slowest was {(outboxes ? "handed over" : "taken in")} after {N(slowest.TotalMilliseconds, "0")} ms: {(held ? "held" : "NOT held")}");
        if (outboxes)
        {
            output.Line($"outboxes: {N(mostWaiting, "#,0")} reports waited at most on one silo, and {N(behind.TotalMilliseconds, "0")} ms after the last one all had been taken in; dropped: {(dropped.Length == 0 ? "none" : string.Join(", ", dropped.Select(item => $"{N(item.Count, "#,0")} {item.Kind}")))}");
        }

        output.Line($"counts: {N(last.Counted, "#,0")} of {N(sent, "#,0")}: {(exact ? "exact" : "NOT exact")}");
        output.Line($"bounds: {children:#,0} children, of which the view shows {N(last.Records, "#,0")}; heap {N(half.HeapMegabytes, "0.0")} MB at half time, {N(last.HeapMegabytes, "0.0")} MB at the end: {(bounded ? "bounded" : "GROWS")}");
        output.Line($"said: {said.Times:#,0} times, last: {said.Last}");
        output.Document(new { verb = "intake", machine, rate, seconds, children, perSecond, slowestMilliseconds = slowest.TotalMilliseconds, held, exact, bounded, outboxes, mostWaiting, dropped, samples, said = new { said.Times, said.Last } });
        return held && exact && bounded && said.Times > 0;
    }

    /// <summary>Hands crashes, each of which has served again, to the outbox of a silo; how many reports wait there then.</summary>
    private static long Hand(BenchmarkSilo silo, ReportBatch batch)
    {
        var outbox = OutboxOf(silo);
        var name = silo.Services.GetRequiredService<SiloIdentity>().Name;
        foreach (var (crash, served) in batch.Crashes.Zip(batch.Served))
        {
            var seen = new SeenCrash { Report = crash with { Silo = name } };
            seen.Serve(served);
            outbox.Add(Domain, seen);
        }

        return outbox.Waiting;
    }

    private static ReportOutbox OutboxOf(BenchmarkSilo silo) => silo.Services.GetRequiredService<ReportOutbox>();

    private static ReportBatch Batch(int silo, int tick, int size, int children)
    {
        var crashes = ImmutableArray.CreateBuilder<CrashReport>(size);
        var served = ImmutableArray.CreateBuilder<ServedReport>(size);
        for (var i = 0; i < size; i++)
        {
            // Each silo has children of its own, so that no two activations of one child crash at once.
            var sequence = ((long)tick * size) + i;
            var child = (sequence % (children / 2) * 2) + silo;
            var id = $"{silo}-{sequence}";
            crashes.Add(new CrashReport
            {
                CrashId = id,
                Sequence = sequence + 1,
                Silo = $"silo-{silo}",
                Child = $"{Domain}/members/{child}",
                GrainId = $"peermember/{child}",
                ActivationId = $"@{id}",
                Trigger = CrashTriggerKind.Call,
                Method = "IPeerGrain.Crash",
                Facts = Facts,
                Signature = "0123456789abcdef",
                Group = "0123456789abcdef",
                Class = FailureClass.ExternalDependency,
                Action = new RestartWithBackoff { First = TimeSpan.Zero, Initial = TimeSpan.Zero, Max = TimeSpan.Zero },
                Rule = "default",
                Restarted = true,
                SeenAt = Time.GetUtcNow(),
            });
            served.Add(new ServedReport { Child = $"{Domain}/members/{child}", CrashId = id, Elapsed = TimeSpan.FromMilliseconds(1) });
        }

        return new ReportBatch { Silo = $"silo-{silo}", Sequence = tick + 1, Crashes = crashes.MoveToImmutable(), Served = served.MoveToImmutable() };
    }

    private static readonly CrashFacts Facts = new()
    {
        Exceptions = [new ExceptionFact { Type = "System.Net.Http.HttpRequestException", Message = "Connection refused" }],
        Stack = "   at Prismatic.Peers.PeerGrainBase.Crash(Int32 number, Boolean endActivation)",
        WorkerType = nameof(IPeerMemberGrain),
    };

    private static async Task<Sample> Look(BenchmarkSilo silo, double seconds, long sent)
    {
        var view = await silo.Grains.GetGrain<ISupervisorGrain>(Domain).GetState();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return new Sample(
            seconds,
            sent,
            view.Children.Single(child => child.Path == $"{Domain}/members").Crashes,
            view.Children.Count(child => child.Kind == "member"),
            view.Tickets.Length,
            GC.GetTotalMemory(forceFullCollection: true) / 1024.0 / 1024.0);
    }

    private static void Configure(ISiloBuilder silo, Said said)
    {
        var noLimit = (Restarts: 10_000_000, Period: TimeSpan.FromSeconds(1));
        silo.AddMemoryGrainStorage(StorageNames.Provider, storage => storage.Configure<TimeProvider>((settings, time) => settings.GrainStorageSerializer = new EnvelopeSerializer(time)));
        silo.Services.AddSingleton<ISupervisionObserver>(said);
        silo.AddSupervision(tree => tree
            .Enforce()
            .Configure(settings =>
            {
                settings.VerificationWindow = TimeSpan.FromSeconds(5);
                settings.ControlKey = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
            })
            .Supervisor("intake", RestartStrategy.OneForOne, intake => intake
                .Intensity(noLimit.Restarts, noLimit.Period)
                .Workers<IPeerMemberGrain>("members", members => members.Intensity(noLimit.Restarts, noLimit.Period))));
    }

    private static string N(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed record Sample(double Seconds, long Sent, long Counted, int Records, int Tickets, double HeapMegabytes);

    /// <summary>What supervisors said about storms.</summary>
    private sealed class Said : ISupervisionObserver
    {
        private int _times;

        public int Times => _times;

        public string? Last { get; private set; }

        public void OnEvent(SupervisionEvent supervisionEvent)
        {
            if (supervisionEvent is { Kind: SupervisionEventKind.Noticed, Subject: Domain })
            {
                Interlocked.Increment(ref _times);
                Last = supervisionEvent.Text;
            }
        }
    }
}
