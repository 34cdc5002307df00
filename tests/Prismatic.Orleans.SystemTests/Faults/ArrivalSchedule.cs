namespace Prismatic.SystemTests.Faults;

/// <summary>One call that the schedule wants sent.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Due">Seconds since the load began.</param>
/// <param name="Kind">What it asks.</param>
/// <param name="Draw">A number by which the call chooses among documents.</param>
internal sealed record Arrival(int Number, double Due, CallKind Kind, int Draw);

/// <summary>
/// When calls come: as from many people who know nothing of each other, whether answers come or not. The same seed draws the same calls.
/// </summary>
internal static class ArrivalSchedule
{
    /// <summary>The calls, without an end.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="rates">Calls per second of each kind, more than zero.</param>
    public static IEnumerable<Arrival> Draw(int seed, IReadOnlyList<(CallKind Kind, double PerSecond)> rates)
    {
        var random = new Random(seed);
        var all = rates.Sum(rate => rate.PerSecond);
        var due = 0d;
        for (var number = 1; ; number++)
        {
            due += -Math.Log(1 - random.NextDouble()) / all;
            yield return new Arrival(number, due, KindAt(rates, random.NextDouble() * all), random.Next());
        }
    }

    private static CallKind KindAt(IReadOnlyList<(CallKind Kind, double PerSecond)> rates, double at)
    {
        foreach (var (kind, perSecond) in rates)
        {
            at -= perSecond;
            if (at < 0)
            {
                return kind;
            }
        }

        return rates[^1].Kind;
    }
}
