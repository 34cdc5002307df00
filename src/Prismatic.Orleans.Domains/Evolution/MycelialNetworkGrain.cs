using System.Collections.Immutable;
using Prismatic.Storage;

namespace Prismatic.Domains.Evolution;

internal sealed class MycelialNetworkGrain([SupervisedState("mycelium")] ISupervisedState<Mycelium> mycelium) : Grain, IMycelialNetworkGrain
{
    private const int MostEdges = 1_000;

    public Task Connect(string from, string to, double weight)
    {
        Demand.Slug(from, nameof(from));
        Demand.Slug(to, nameof(to));
        Demand.That(from != to, nameof(to), $"{to} cannot be connected with itself.");
        Demand.Range(weight, 0, 1, nameof(weight));
        Demand.That(mycelium.Value.Edges.Count < MostEdges, nameof(from), $"The network has {MostEdges} edges already.");
        mycelium.Value.Connect(from, to, weight);
        return mycelium.WriteAsync();
    }

    public async Task<PropagationReport> Publish(Signal s)
    {
        Demand.Text(s.Id, nameof(s));
        Demand.Range(s.Payload.Length, 0, 10_000, nameof(s));
        Demand.Range(s.Ttl, 1, 16, nameof(s));
        Demand.That(mycelium.Value.Knows(s.Origin), nameof(s), $"The network has no domain '{s.Origin}'. Connect it first.");
        Demand.That(!mycelium.Value.Ways.Exists(way => way.SignalId == s.Id), nameof(s), $"Signal {s.Id} was published before.");
        var report = mycelium.Value.Publish(s);
        await mycelium.WriteAsync();
        return report;
    }

    public async Task<ImmutableArray<Signal>> Receive(string domain, int max)
    {
        Demand.Range(max, 1, Mycelium.MostWaiting, nameof(max));
        var taken = mycelium.Value.Take(domain, max);
        if (!taken.IsEmpty)
        {
            await mycelium.WriteAsync();
        }

        return taken;
    }

    public Task ReportOutcome(string signalId, string domain, bool helped)
    {
        Demand.That(mycelium.Value.Learn(signalId, domain, helped), nameof(signalId), $"Signal {signalId} did not reach {domain}, or long ago.");
        return mycelium.WriteAsync();
    }

    public Task<NetworkView> Topology() => Task.FromResult(new NetworkView
    {
        Edges = [.. mycelium.Value.Edges.OrderBy(edge => edge.From, StringComparer.Ordinal).ThenBy(edge => edge.To, StringComparer.Ordinal)],
        Waiting = mycelium.Value.Waiting.ToImmutableDictionary(pair => pair.Key, pair => pair.Value.Count),
    });
}
