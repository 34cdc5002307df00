using Xunit;

namespace Prismatic.SystemTests.Faults;

/// <summary>When calls come, and what is read from when they were answered.</summary>
public sealed class LoadRulesTests
{
    private static readonly (CallKind, double)[] Rates = [(CallKind.Put, 30), (CallKind.Assess, 10)];

    [Fact]
    public void The_same_seed_draws_the_same_calls_and_another_seed_others()
    {
        Assert.Equal(ArrivalSchedule.Draw(7, Rates).Take(500), ArrivalSchedule.Draw(7, Rates).Take(500));
        Assert.NotEqual(ArrivalSchedule.Draw(7, Rates).Take(500), ArrivalSchedule.Draw(8, Rates).Take(500));
    }

    [Fact]
    public void Calls_come_at_the_rates_that_were_asked_for()
    {
        var calls = ArrivalSchedule.Draw(7, Rates).Take(40_000).ToList();

        Assert.Equal(40, calls.Count / calls[^1].Due, 1.0);
        Assert.Equal(0.75, calls.Count(call => call.Kind == CallKind.Put) / (double)calls.Count, 0.01);
        Assert.Equal(Enumerable.Range(1, calls.Count), calls.Select(call => call.Number));
    }

    [Fact]
    public void Recovery_is_the_first_answer_after_the_last_failure_of_the_slowest_kind()
    {
        CallRecord[] calls =
        [
            Call(1, CallKind.Put, due: 9, CallOutcome.Failed),
            Call(2, CallKind.Put, due: 10.5, CallOutcome.Failed),
            Call(3, CallKind.Put, due: 11, CallOutcome.Acknowledged),
            Call(4, CallKind.Assess, due: 10.2, CallOutcome.Acknowledged, took: 3),
            Call(5, CallKind.Crash, due: 15, CallOutcome.Crashed),
        ];

        Assert.Equal(3.2, Figures.Recovery(calls, at: 10, until: 20)!.Value, 0.001);
        Assert.Null(Figures.Recovery([.. calls, Call(6, CallKind.Put, due: 19, CallOutcome.Failed)], at: 10, until: 20));
        Assert.Equal(3.2, Figures.Recovery([.. calls, Call(6, CallKind.Put, due: 20, CallOutcome.Failed)], at: 10, until: 20)!.Value, 0.001);
        Assert.Equal(0, Figures.Recovery([], at: 10, until: 20));
    }

    [Fact]
    public void A_percentile_is_one_of_the_values()
    {
        double[] values = [5, 1, 4, 2, 3];

        Assert.Equal(3, Figures.Percentile(values, 0.5));
        Assert.Equal(5, Figures.Percentile(values, 0.99));
        Assert.Equal(1, Figures.Percentile(values, 0));
        Assert.Null(Figures.Percentile([], 0.5));
    }

    private static CallRecord Call(int number, CallKind kind, double due, CallOutcome outcome, double took = 0.1) =>
        new(number, kind, "key", due, due) { Ended = due + took, Outcome = outcome };
}

/// <summary>What is read from the logs of silos.</summary>
public sealed class SiloLogTests
{
    [Fact]
    public void A_crash_is_found_once_with_its_child_its_id_and_the_time_since_the_load_began()
    {
        const string crash =
            "23:59:59.500Z warn: Prismatic.Events.EventSink[1] Crashed prismatic/dd/entity-resolver: Call: IEntityResolverGrain.LoadList crashed (correlation 1a2b3c4d-7, class LogicError, remediation Escalate, rule unknown)";
        string[] lines =
        [
            "23:59:58.000Z info: Microsoft.Hosting.Lifetime[0] Application started.",
            crash,
            crash,
            crash.Replace("23:59:59.500", "00:00:01.000", StringComparison.Ordinal).Replace("4d-7", "4d-8", StringComparison.Ordinal),
        ];

        var found = SiloLog.Crashes(lines, new DateTimeOffset(2026, 11, 28, 23, 59, 58, TimeSpan.Zero));

        Assert.Equal([("prismatic/dd/entity-resolver", "1a2b3c4d-7"), ("prismatic/dd/entity-resolver", "1a2b3c4d-8")], found.Select(one => (one.Child, one.Id)));
        Assert.Equal([1.5, 3.0], found.Select(one => Math.Round(one.At, 3)));
    }
}
