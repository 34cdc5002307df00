using System.Collections.Immutable;

namespace Prismatic.Drills;

/// <summary>A drill as its file says, checked.</summary>
internal sealed record DrillFile
{
    public required string Name { get; init; }

    public required long Seed { get; init; }

    public required TimeSpan Duration { get; init; }

    public ImmutableArray<DrillLoad> Load { get; init; } = [];

    public ImmutableArray<DrillFault> Faults { get; init; } = [];

    public required DrillExpectations Expect { get; init; }
}

/// <summary>Calls to one child at a steady rate.</summary>
internal sealed record DrillLoad
{
    public required string Child { get; init; }

    public required double RatePerSecond { get; init; }

    public string? Priority { get; init; }

    /// <summary>The worker's own method; null for the library's probe.</summary>
    public DrillMethod? Method { get; init; }

    /// <summary>The probe's argument, by which a request is known again; null: each call has its own.</summary>
    public string? Request { get; init; }

    /// <summary>When the call with an ordinal is due, from the start of the drill.</summary>
    public TimeSpan DueAt(long ordinal) => TimeSpan.FromSeconds(ordinal / RatePerSecond);

    /// <summary>How many calls are due before a moment.</summary>
    public long CallsUntil(TimeSpan moment)
    {
        var calls = 0L;
        while (DueAt(calls) < moment)
        {
            calls++;
        }

        return calls;
    }
}

/// <summary>A method of a worker's interface with the JSON of its arguments.</summary>
internal sealed record DrillMethod(string Name, ImmutableArray<string> Arguments);

/// <summary>Where a fault strikes.</summary>
internal enum FaultPlace
{
    /// <summary>In the turn of a call.</summary>
    Call,

    /// <summary>In the turn of a timer.</summary>
    Timer,

    /// <summary>While the grain is activated.</summary>
    Activation,

    /// <summary>In the stored record.</summary>
    State,

    /// <summary>The whole silo.</summary>
    Silo,
}

/// <summary>One fault.</summary>
internal sealed record DrillFault
{
    public required TimeSpan At { get; init; }

    /// <summary>When it ends; null: with the drill, or with its count.</summary>
    public TimeSpan? Until { get; init; }

    /// <summary>The child; null for a silo.</summary>
    public string? Child { get; init; }

    public required FaultPlace Where { get; init; }

    /// <summary>What is thrown; null where nothing is.</summary>
    public ExceptionRecipe? Exception { get; init; }

    public double Probability { get; init; } = 1;

    /// <summary>At most this often in the whole cluster; null: as often as it applies.</summary>
    public int? Count { get; init; }

    /// <summary>The breaker that the failing call goes through, and no other call of the child does; null: through none.</summary>
    public string? Target { get; init; }

    /// <summary>Strikes only probes with this argument; null: all turns.</summary>
    public string? Request { get; init; }

    /// <summary>Whether it strikes at a moment of a drill that ends at <paramref name="end"/>.</summary>
    public bool Covers(TimeSpan moment, TimeSpan end) => moment >= At && moment < (Until ?? (Count is null ? end : TimeSpan.MaxValue));
}

/// <summary>A number that must be met: exactly, or between two bounds.</summary>
internal readonly record struct CountRange(int Min, int Max)
{
    public bool Holds(int seen) => seen >= Min && seen <= Max;

    public override string ToString() => Min == Max ? $"{Min}" : Max == int.MaxValue ? $"at least {Min}" : $"{Min} to {Max}";
}

/// <summary>What must hold when the drill is over; what is null or empty is not looked at.</summary>
internal sealed record DrillExpectations
{
    public int? EscalationsAtMost { get; init; }

    public int? EscalationsAtLeast { get; init; }

    public TimeSpan? RecoveredWithin { get; init; }

    public ImmutableSortedDictionary<string, CountRange> Remediations { get; init; } = ImmutableSortedDictionary<string, CountRange>.Empty;

    public ImmutableSortedDictionary<string, CountRange> Classes { get; init; } = ImmutableSortedDictionary<string, CountRange>.Empty;

    public CountRange? Crashes { get; init; }

    public int? BystanderFailuresAtMost { get; init; }

    /// <summary>Answers that a fallback must have given.</summary>
    public int? DegradedAnswersAtLeast { get; init; }

    /// <summary>Children, or supervisors with all below them, of which nothing may crash, restart or be quarantined.</summary>
    public ImmutableArray<string> Untouched { get; init; } = [];

    /// <summary>Children or supervisors that must have been quarantined.</summary>
    public ImmutableArray<string> Quarantined { get; init; } = [];

    /// <summary>Whether every caller that was hit must have seen the fault's own type and message.</summary>
    public bool CallersSeeTheFault { get; init; }
}
