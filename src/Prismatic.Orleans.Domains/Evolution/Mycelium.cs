using System.Collections.Immutable;
using Prismatic.Storage;

namespace Prismatic.Domains.Evolution;

/// <summary>The way of a signal to a domain: the domains in between, from its origin on.</summary>
internal sealed record SignalWay(string SignalId, string Domain, List<string> Way);

/// <summary>The network and what waits in it. Bounded: 100 signals a domain, 2,000 ways remembered.</summary>
internal sealed class Mycelium : ICheckedState
{
    public const int MostWaiting = 100;
    private const int MostWays = 2_000;
    private const double WeakestCrossed = 0.2;
    private const double Learning = 0.2;

    public List<NetworkEdge> Edges { get; set; } = [];

    public Dictionary<string, List<Signal>> Waiting { get; set; } = [];

    public List<SignalWay> Ways { get; set; } = [];

    public bool Knows(string domain) => Edges.Any(edge => edge.From == domain || edge.To == domain);

    public void Connect(string from, string to, double weight)
    {
        Edges.RemoveAll(edge => edge.From == from && edge.To == to);
        Edges.Add(new NetworkEdge { From = from, To = to, Weight = weight });
    }

    public PropagationReport Publish(Signal signal)
    {
        var ways = Spread(signal);
        var dropped = 0;
        foreach (var (domain, way) in ways)
        {
            dropped += Deliver(domain, signal);
            Ways.Add(new SignalWay(signal.Id, domain, way));
        }

        Ways.RemoveRange(0, Math.Max(0, Ways.Count - MostWays));
        return new PropagationReport { Reached = [.. ways.Keys.Order(StringComparer.Ordinal)], Dropped = dropped };
    }

    public ImmutableArray<Signal> Take(string domain, int max)
    {
        if (!Waiting.TryGetValue(domain, out var waiting))
        {
            return [];
        }

        var taken = waiting.OrderByDescending(signal => signal.Priority).Take(max).ToImmutableArray();
        waiting.RemoveAll(taken.Contains);
        return taken;
    }

    /// <summary>Moves the edges on the signal's way; false when that way is not known.</summary>
    public bool Learn(string signalId, string domain, bool helped)
    {
        var found = Ways.Find(way => way.SignalId == signalId && way.Domain == domain);
        if (found is null)
        {
            return false;
        }

        foreach (var (from, to) in found.Way.Zip(found.Way.Skip(1)))
        {
            var edge = Edges.FindIndex(each => each.From == from && each.To == to);
            if (edge >= 0)
            {
                Edges[edge] = Edges[edge] with { Weight = Edges[edge].Weight + Learning * ((helped ? 1 : 0) - Edges[edge].Weight) };
            }
        }

        return true;
    }

    public string? FindDamage() =>
        Edges.Find(edge => edge.Weight is not (>= 0 and <= 1)) is { } wrong ? $"The edge from {wrong.From} to {wrong.To} has the weight {wrong.Weight}." : null;

    // Breadth first, so that the way to a domain is a shortest one and a circle ends by itself.
    private Dictionary<string, List<string>> Spread(Signal signal)
    {
        var reach = signal.Scope switch { SignalScope.Local => 0, SignalScope.Adjacent => 1, _ => signal.Ttl };
        var ways = new Dictionary<string, List<string>> { [signal.Origin] = [signal.Origin] };
        var frontier = new List<string> { signal.Origin };
        for (var step = 0; step < reach; step++)
        {
            frontier = [.. frontier.SelectMany(from => Edges.Where(edge => edge.From == from && Crosses(signal, edge)))
                .Where(edge => ways.TryAdd(edge.To, [.. ways[edge.From], edge.To])).Select(edge => edge.To)];
        }

        return ways;
    }

    private static bool Crosses(Signal signal, NetworkEdge edge) => signal.Priority is SignalPriority.Critical || edge.Weight >= WeakestCrossed;

    private int Deliver(string domain, Signal signal)
    {
        if (!Waiting.TryGetValue(domain, out var waiting))
        {
            Waiting[domain] = waiting = [];
        }

        waiting.Add(signal);
        if (waiting.Count <= MostWaiting)
        {
            return 0;
        }

        // The least urgent goes, the oldest of those first.
        waiting.Remove(waiting.MinBy(each => each.Priority)!);
        return 1;
    }
}
