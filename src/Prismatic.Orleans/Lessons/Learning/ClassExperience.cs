using System.Collections.Immutable;

namespace Prismatic.Lessons;

/// <summary>
/// How often each action helped in each failure class, over all groups: what a group without outcomes of its own is expected to answer to.
/// Each entry begins with a little that is known of the class, and forgets slowly.
/// </summary>
[GenerateSerializer, Immutable, Alias("prismatic.ClassExperience")]
internal sealed record ClassExperience
{
    private const double BeginningWeight = 4;
    private const double Discount = 0.99;

    /// <summary>What each class answers to before anything was seen, as a rate. Resetting state is not among them: it needs evidence of damage.</summary>
    private static readonly ImmutableDictionary<string, double> Beginning = new Dictionary<string, double>
    {
        ["ExternalDependency/CircuitBreak"] = 0.6,
        ["ExternalDependency/RedirectToFallback"] = 0.45,
        ["ExternalDependency/RestartWithBackoff"] = 0.4,
        ["ResourceExhaustion/RestartWithBackoff"] = 0.5,
        ["ResourceExhaustion/RedirectToFallback"] = 0.4,
        ["ResourceExhaustion/CircuitBreak"] = 0.35,
        ["StateCorruption/RestartWithBackoff"] = 0.45,
        ["LogicError/RestartWithBackoff"] = 0.3,
    }.ToImmutableDictionary();

    /// <summary>Healed and failed by class and action, as <c>class/action</c>.</summary>
    [Id(0)] public ImmutableDictionary<string, Tally> Tallies { get; init; } = ImmutableDictionary<string, Tally>.Empty;

    /// <summary>The expected success rate of an action on a group of this class about which nothing else is known.</summary>
    public double Expected(FailureClass failure, string action)
    {
        var key = $"{failure}/{action}";
        var seen = Tallies.GetValueOrDefault(key) ?? new Tally();
        var begin = Beginning.GetValueOrDefault(key, 0.2);
        return (seen.Healed + (begin * BeginningWeight)) / (seen.Healed + seen.Failed + BeginningWeight);
    }

    /// <summary>The experience after one more outcome.</summary>
    public ClassExperience With(FailureClass failure, string action, bool healed)
    {
        var key = $"{failure}/{action}";
        var seen = Tallies.GetValueOrDefault(key) ?? new Tally();
        return this with
        {
            Tallies = Tallies.SetItem(key, new Tally
            {
                Healed = (seen.Healed * Discount) + (healed ? 1 : 0),
                Failed = (seen.Failed * Discount) + (healed ? 0 : 1),
            }),
        };
    }
}

/// <summary>Outcomes of one kind; fractions where older ones weigh less.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.Tally")]
internal sealed record Tally
{
    /// <summary>The failure stayed away.</summary>
    [Id(0)] public double Healed { get; init; }

    /// <summary>The failure returned.</summary>
    [Id(1)] public double Failed { get; init; }
}
