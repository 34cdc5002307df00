namespace Prismatic.SystemTests.Faults;

/// <summary>One kind of fault and how it is injected while the load runs.</summary>
/// <param name="Name">By which it is asked for on the command line.</param>
/// <param name="What">A sentence for the report.</param>
/// <param name="Times">How often the long version injects it.</param>
/// <param name="Inject">Injects it the given number of times. The load has run for a moment and goes on.</param>
internal sealed record Scenario(string Name, string What, int Times, Func<Stage, int, Task> Inject)
{
    public int Silos { get; init; } = 3;

    /// <summary>Added to every silo's connection string.</summary>
    public string Connection { get; init; } = "";

    /// <summary>Whether each silo gets a network of its own.</summary>
    public bool Networks { get; init; }

    /// <summary>Whether the silos have <see cref="StormFamily"/> beside the platform's tree.</summary>
    public bool Storm { get; init; }

    /// <summary>Whether no call may fail but those that crash their worker.</summary>
    public bool NothingMayFail { get; init; }

    /// <summary>SQL that is run on the new database before any silo starts; null for none.</summary>
    public string? Prepare { get; init; }

    /// <summary>Why it cannot be run on this machine; null when it can.</summary>
    public Func<string?> Hindrance { get; init; } = () => null;
}
