using System.Collections.Immutable;
using Prismatic.Breakers;
using Prismatic.Supervision;

namespace Prismatic.Introspection;

/// <summary>A figure of memory and how it was obtained, because a number that nobody can defend is worse than none.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.MemoryEstimate")]
public sealed record MemoryEstimate
{
    /// <summary>Bytes; null when nothing could be measured.</summary>
    [Id(0)] public long? Bytes { get; init; }

    /// <summary>How it was obtained, in a sentence.</summary>
    [Id(1)] public required string Method { get; init; }

    /// <summary>How many activations the figure covers.</summary>
    [Id(2)] public int Activations { get; init; }
}

/// <summary>A node of the tree with what supervisor and silos know of it.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.TreeNode")]
public sealed record TreeNode
{
    /// <summary>The node's path.</summary>
    [Id(0)] public required string Path { get; init; }

    /// <summary><c>supervisor</c>, <c>worker</c>, <c>family</c> or <c>member</c>.</summary>
    [Id(1)] public required string Kind { get; init; }

    /// <summary>The supervisor's strategy; null for others.</summary>
    [Id(2)] public RestartStrategy? Strategy { get; init; }

    /// <summary>Its state.</summary>
    [Id(3)] public required ChildStatus Status { get; init; }

    /// <summary>Grows with each restart.</summary>
    [Id(4)] public long Incarnation { get; init; }

    /// <summary>Restarts, ever.</summary>
    [Id(5)] public long Restarts { get; init; }

    /// <summary>Restarts in the last 5 minutes.</summary>
    [Id(6)] public int RecentRestarts { get; init; }

    /// <summary>Live activations: one for a worker that is up, any number for a family.</summary>
    [Id(7)] public int Activations { get; init; }

    /// <summary>The silo where it lives, or null.</summary>
    [Id(8)] public string? Silo { get; init; }

    /// <summary>The last crash's type and message, redacted; null when it never crashed.</summary>
    [Id(9)] public string? LastCrash { get; init; }

    /// <summary>The open ticket; null when there is none.</summary>
    [Id(10)] public string? Ticket { get; init; }

    /// <summary>Whether a remedy is being verified.</summary>
    [Id(11)] public bool Verifying { get; init; }

    /// <summary>Seconds until it may run again; null unless it waits.</summary>
    [Id(12)] public double? AvailableInSeconds { get; init; }
}

/// <summary>The health of the tree at one moment.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.TreeHealth")]
public sealed record TreeHealth
{
    /// <summary>Live activations of supervised types, and the supervisors.</summary>
    [Id(0)] public required int TotalProcesses { get; init; }

    /// <summary>Restarts by child path; only children that have been restarted.</summary>
    [Id(1)] public required ImmutableSortedDictionary<string, long> RestartCounts { get; init; }

    /// <summary>Memory by supervisor path.</summary>
    [Id(2)] public required ImmutableSortedDictionary<string, MemoryEstimate> MemoryPerSupervisor { get; init; }

    /// <summary>Children with more than 3 restarts in 5 minutes.</summary>
    [Id(3)] public required ImmutableArray<Hotspot> Hotspots { get; init; }

    /// <summary>0 to 100. See <c>HealthScore</c> in the library for the formula; it never rises because something failed.</summary>
    [Id(4)] public required double HealthScore { get; init; }

    /// <summary>All nodes, parents before children, in start order.</summary>
    [Id(5)] public required ImmutableArray<TreeNode> Nodes { get; init; }

    /// <summary>Silos that answered.</summary>
    [Id(6)] public required int Silos { get; init; }

    /// <summary>Parts that could not be asked, in sentences; empty when the picture is whole.</summary>
    [Id(7)] public ImmutableArray<string> Missing { get; init; } = [];

    /// <summary>When the picture was taken.</summary>
    [Id(8)] public DateTimeOffset At { get; init; }
}

/// <summary>Reads the whole tree, at key <see cref="Key"/>. Nobody waits for it on the failure path.</summary>
[Alias("prismatic.ISupervisionIntrospectorGrain")]
public interface ISupervisionIntrospectorGrain : IGrainWithStringKey
{
    /// <summary>The key of the introspector.</summary>
    const string Key = "introspector";

    /// <summary>The health of the tree. A picture may be up to one second old: many watchers cost as much as one.</summary>
    [Alias("GetTreeHealth")]
    Task<TreeHealth> GetTreeHealth();

    /// <summary>The same, under the name that the Orleans dashboard's grain state page looks for.</summary>
    [Alias("GetState")]
    Task<TreeHealth> GetState();

    /// <summary>The breakers that are not closed, by target; 10,000 at most.</summary>
    [Alias("GetBreakers")]
    Task<ImmutableArray<BreakerView>> GetBreakers();

    /// <summary>All tickets of all supervisors, open ones first.</summary>
    [Alias("GetTickets")]
    Task<ImmutableArray<Ticket>> GetTickets();
}
