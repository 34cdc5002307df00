using Prismatic.Supervision;

namespace Prismatic.Drills;

/// <summary>Where a drill stands.</summary>
[GenerateSerializer, Alias("prismatic.DrillStatus")]
public enum DrillStatus
{
    /// <summary>It is under way.</summary>
    Running,

    /// <summary>It is over, and every expectation was met.</summary>
    Passed,

    /// <summary>It is over, and an expectation was not met.</summary>
    Failed,

    /// <summary>It could not be carried out; <see cref="DrillView.Trouble"/> says why.</summary>
    Broken,
}

/// <summary>One drill as it is now.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.DrillView")]
public sealed record DrillView
{
    /// <summary>The id by which it is asked for.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>The name from its file.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(2)] public required DrillStatus Status { get; init; }

    /// <summary>What it does now, in a sentence.</summary>
    [Id(3)] public string Progress { get; init; } = "";

    /// <summary>Why it could not be carried out; null unless <see cref="DrillStatus.Broken"/>.</summary>
    [Id(4)] public string? Trouble { get; init; }

    /// <summary>The report as JSON; null until it is over.</summary>
    [Id(5)] public string? Report { get; init; }
}

/// <summary>What became of the request to start a drill.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.DrillStart")]
public sealed record DrillStart
{
    /// <summary>The drill that was started; null when none was.</summary>
    [Id(0)] public DrillView? Started { get; init; }

    /// <summary>Every mistake of the file, each a sentence that names line and field; empty when it was started.</summary>
    [Id(1)] public System.Collections.Immutable.ImmutableArray<string> Mistakes { get; init; } = [];

    /// <summary>The drill that is under way and must end first; null when there is none. Two drills at once would count each other's crashes.</summary>
    [Id(2)] public DrillView? Busy { get; init; }

    /// <summary>Whether this cluster has drills switched off.</summary>
    [Id(3)] public bool Off { get; init; }
}

/// <summary>
/// The drills of the cluster, at key <see cref="Key"/>: faults injected on purpose, and a check of what supervision made of them. Answers
/// only that drills are off, unless the silos were built with <c>AddSupervisionDrills</c>. One drill at a time. The last 20 are kept in
/// memory, on the silo where they ran; they go with it.
/// </summary>
[Control, Alias("prismatic.IDrillsGrain")]
public interface IDrillsGrain : IGrainWithStringKey
{
    /// <summary>The key of the one entrance to all drills.</summary>
    const string Key = "drills";

    /// <summary>Reads a drill file and starts it; returns as soon as it runs.</summary>
    /// <param name="file">The file's JSON, at most 256 KB.</param>
    [Alias("Start")]
    Task<DrillStart> Start(string file);

    /// <summary>One of the last 20 drills, or null.</summary>
    [Alias("Get")]
    Task<DrillView?> Get(string id);
}
