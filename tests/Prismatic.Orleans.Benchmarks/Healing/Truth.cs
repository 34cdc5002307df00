using Prismatic.Drills;
using Prismatic.Lessons;
using Prismatic.Remediation;

namespace Prismatic.Healing;

/// <summary>What a fault is in truth. Nobody but the world and the judge of the figures sees it.</summary>
internal enum Nature
{
    /// <summary>Wrong in the activation's memory: each of its turns fails, a fresh activation is well.</summary>
    Glitch,

    /// <summary>Strikes one or two turns and is over, whatever is done.</summary>
    Passing,

    /// <summary>What the worker calls is away for a while: every turn that calls it fails until it is back.</summary>
    Outage,

    /// <summary>A resource is used up for a while: the first turn of each activation fails until it is free.</summary>
    Starved,

    /// <summary>The stored record is damaged: no activation comes up until it is reset.</summary>
    Damaged,

    /// <summary>Nothing that can be done from inside cures it: it strikes again and again, and goes by itself.</summary>
    Incurable,

    /// <summary>One request fails each time it is sent; all others are served.</summary>
    Request,
}

/// <summary>One kind of fault: how it looks, and what it is.</summary>
internal sealed record FaultKind
{
    public required int Number { get; init; }

    /// <summary>The worker that it strikes.</summary>
    public required string Child { get; init; }

    public required FailureClass Class { get; init; }

    /// <summary>What it is in the first half.</summary>
    public required Nature Nature { get; init; }

    /// <summary>What it is in the second half.</summary>
    public required Nature NatureLater { get; init; }

    /// <summary>Whether it appears only in the second half.</summary>
    public required bool Late { get; init; }

    /// <summary>The exception, with the parts of its message that change from time to time in braces.</summary>
    public required ExceptionRecipe Look { get; init; }

    /// <summary>The breaker that its calls go through; null when it calls nobody.</summary>
    public string? Target { get; init; }

    public Nature NatureAt(bool secondHalf) => secondHalf ? NatureLater : Nature;
}

/// <summary>The right answers.</summary>
internal static class Cures
{
    /// <summary>The remediations that are right for a nature, the best first; empty where there is none.</summary>
    public static IReadOnlyList<string> Of(Nature nature) => nature switch
    {
        Nature.Glitch or Nature.Passing or Nature.Starved => [nameof(RestartWithBackoff)],
        Nature.Outage => [nameof(CircuitBreak), nameof(RedirectToFallback)],
        Nature.Damaged => [nameof(RestartWithStateReset)],
        _ => [],
    };

    /// <summary>Whether a person who comes can end it at once.</summary>
    public static bool CanBeMended(Nature nature) => nature is Nature.Glitch or Nature.Damaged or Nature.Incurable or Nature.Starved;
}

/// <summary>One time that a fault strikes.</summary>
internal sealed record Incident
{
    public required int Number { get; init; }

    public required FaultKind Kind { get; init; }

    public required TimeSpan At { get; init; }

    public required Nature Nature { get; init; }

    /// <summary>How long an outage or a shortage lasts.</summary>
    public TimeSpan Lasts { get; init; }

    /// <summary>The moments, from its begin, at which a passing or incurable fault strikes, or a bad request is sent.</summary>
    public IReadOnlyList<TimeSpan> Strikes { get; init; } = [];
}
