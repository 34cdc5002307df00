using System.Diagnostics;
using System.Globalization;
using Prismatic.Lessons;
using Prismatic.Measuring;
using Prismatic.Supervision;

namespace Prismatic.Capture;

/// <summary>What it costs to make facts and a signature of an exception, and which part of that is the runtime's own text of the stack.</summary>
internal static class CaptureVerb
{
    public static async Task Run(Options options)
    {
        var times = options.Number("times", or: 20_000, max: 1_000_000);
        var output = options.Output();
        var machine = Machine.Now(TimeProvider.System);
        var crash = await Crash(depth: 8);
        var facts = Facts(crash);
        Row[] rows =
        [
            Measure("Exception.StackTrace, by the runtime", times, () => _ = crash.StackTrace),
            Measure("frames without text, by the runtime", times, () => _ = new StackTrace(crash, fNeedFileInfo: false).FrameCount),
            Measure("facts of a crash at a known place", times, () => _ = Facts(crash)),
            Measure("signature of a crash at a known place", times, () => _ = CrashSignature.Of(facts)),
            Measure("class of a crash", times, () => _ = FailureClassifier.Classify(facts)),
        ];
        output.Line($"Capture. {machine}");
        output.Line($"One exception through 8 asynchronous methods, {times:N0} times; the stack has {facts.Stack.Length:N0} characters.");
        output.Line();
        output.Table(["step", "mean µs", "B"], rows.Select(row => new[] { row.Step, row.Mean.ToString("0.00", CultureInfo.InvariantCulture), row.Bytes.ToString("N0", CultureInfo.InvariantCulture) }));
        output.Document(new { machine, rows });
    }

    private static CrashFacts Facts(Exception crash) => CrashCapture.Read(crash, "IOrderGrain", "shop/orders", Blame.Worker, target: null, stateDamaged: false);

    private static async Task<Exception> Crash(int depth)
    {
        try
        {
            await Fail(depth);
        }
        catch (InvalidOperationException e)
        {
            return e;
        }

        throw new UnreachableException();
    }

    private static async Task Fail(int depth)
    {
        await Task.Yield();
        if (depth == 1)
        {
            throw new InvalidOperationException("The order 4711 has no lines.");
        }

        await Fail(depth - 1);
    }

    private static Row Measure(string step, int times, Action act)
    {
        for (var i = 0; i < times / 4; i++)
        {
            act();
        }

        var time = TimeProvider.System;
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var start = time.GetTimestamp();
        for (var i = 0; i < times; i++)
        {
            act();
        }

        var elapsed = time.GetElapsedTime(start);
        return new Row(step, elapsed.TotalMicroseconds / times, (GC.GetAllocatedBytesForCurrentThread() - bytes) / times);
    }

    private sealed record Row(string Step, double Mean, long Bytes);
}
