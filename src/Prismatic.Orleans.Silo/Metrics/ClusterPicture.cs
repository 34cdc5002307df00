using System.Collections.Immutable;
using Prismatic.Introspection;
using Prismatic.Supervision;

namespace Prismatic.Silo;

/// <summary>What the whole tree's health comes to in a few figures.</summary>
internal sealed record ClusterPicture
{
    public required double Score { get; init; }

    public required int Silos { get; init; }

    /// <summary>Supervisors and silos that did not answer, and hooks that are silent.</summary>
    public required int Missing { get; init; }

    public required int Hotspots { get; init; }

    /// <summary>Workers and families by state; every state is there, so that a count that falls to none is seen to fall.</summary>
    public required ImmutableSortedDictionary<ChildStatus, int> Children { get; init; }

    public required int OpenTickets { get; init; }

    /// <summary>When the oldest open ticket was opened; null while none is open.</summary>
    public required DateTimeOffset? OldestTicket { get; init; }

    public static ClusterPicture Of(TreeHealth health, ImmutableArray<Ticket> tickets)
    {
        var open = tickets.Where(ticket => ticket.ResolvedAt is null).ToList();
        var children = health.Nodes.Where(node => node.Kind is "worker" or "family").CountBy(node => node.Status).ToDictionary();
        return new ClusterPicture
        {
            Score = health.HealthScore,
            Silos = health.Silos,
            Missing = health.Missing.Length,
            Hotspots = health.Hotspots.Length,
            Children = Enum.GetValues<ChildStatus>().ToImmutableSortedDictionary(status => status, status => children.GetValueOrDefault(status)),
            OpenTickets = open.Count,
            OldestTicket = open.Count == 0 ? null : open.Min(ticket => ticket.OpenedAt),
        };
    }
}
