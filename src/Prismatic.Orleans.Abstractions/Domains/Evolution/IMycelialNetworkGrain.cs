using System.Collections.Immutable;

namespace Prismatic.Domains.Evolution;

/// <summary>
/// Passes signals between domains along weighted edges; an edge whose signals helped grows stronger. Edges and waiting signals are durable.
/// </summary>
[Alias("prismatic.IMycelialNetworkGrain")]
public interface IMycelialNetworkGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "mycelial-network";

    /// <summary>Makes an edge, or gives it another weight (0 to 1). A domain exists once it has an edge.</summary>
    [Alias("Connect")]
    Task Connect(string from, string to, double weight);

    /// <summary>
    /// Spreads a signal from its origin: local stays there, adjacent goes one step, global as far as its ttl. It crosses edges of at least
    /// 0.2, and all edges when it is critical. It reaches a domain once.
    /// </summary>
    /// <exception cref="ArgumentException">The origin is not a domain of the network, or the signal was published before.</exception>
    [Alias("Publish")]
    Task<PropagationReport> Publish(Signal s);

    /// <summary>Takes up to <paramref name="max"/> waiting signals of a domain, the most urgent first.</summary>
    [Alias("Receive")]
    Task<ImmutableArray<Signal>> Receive(string domain, int max);

    /// <summary>Tells whether a signal helped a domain: the edges on its way there move by a fifth towards 1 or 0.</summary>
    [Alias("ReportOutcome")]
    Task ReportOutcome(string signalId, string domain, bool helped);

    /// <summary>The edges and the number of waiting signals.</summary>
    [Alias("Topology")]
    Task<NetworkView> Topology();
}

/// <summary>How far a signal goes.</summary>
[GenerateSerializer, Alias("prismatic.domains.SignalScope")]
public enum SignalScope
{
    /// <summary>Its own domain.</summary>
    Local,

    /// <summary>The next domains.</summary>
    Adjacent,

    /// <summary>As far as its ttl.</summary>
    Global,
}

/// <summary>How urgent a signal is.</summary>
[GenerateSerializer, Alias("prismatic.domains.SignalPriority")]
public enum SignalPriority
{
    /// <summary>Dropped first when too many wait.</summary>
    Low,

    /// <summary>The default.</summary>
    Normal,

    /// <summary>Before normal ones.</summary>
    High,

    /// <summary>Crosses weak edges too.</summary>
    Critical,
}

/// <summary>Something that one domain tells others: a lesson, a warning, a promoted configuration.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.Signal")]
public sealed record Signal
{
    /// <summary>Its id; new for each signal.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>The domain it starts from.</summary>
    [Id(1)] public required string Origin { get; init; }

    /// <summary>What it is, such as <c>lesson</c>.</summary>
    [Id(2)] public required string Type { get; init; }

    /// <summary>Its content; at most 10,000 characters.</summary>
    [Id(3)] public required string Payload { get; init; }

    /// <summary>How far it goes.</summary>
    [Id(4)] public SignalScope Scope { get; init; }

    /// <summary>How urgent it is.</summary>
    [Id(5)] public SignalPriority Priority { get; init; } = SignalPriority.Normal;

    /// <summary>Steps it may take, 1 to 16; default 3.</summary>
    [Id(6)] public int Ttl { get; init; } = 3;
}

/// <summary>Where a signal went.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.PropagationReport")]
public sealed record PropagationReport
{
    /// <summary>The domains it reached, sorted.</summary>
    [Id(0)] public required ImmutableArray<string> Reached { get; init; }

    /// <summary>Less urgent signals that were dropped for it; a domain holds 100.</summary>
    [Id(1)] public required int Dropped { get; init; }
}

/// <summary>An edge.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.NetworkEdge")]
public sealed record NetworkEdge
{
    /// <summary>From.</summary>
    [Id(0)] public required string From { get; init; }

    /// <summary>To.</summary>
    [Id(1)] public required string To { get; init; }

    /// <summary>How often what it carried helped, 0 to 1.</summary>
    [Id(2)] public required double Weight { get; init; }
}

/// <summary>The network.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.NetworkView")]
public sealed record NetworkView
{
    /// <summary>Its edges, by from and to.</summary>
    [Id(0)] public required ImmutableArray<NetworkEdge> Edges { get; init; }

    /// <summary>Waiting signals by domain.</summary>
    [Id(1)] public required ImmutableDictionary<string, int> Waiting { get; init; }
}
