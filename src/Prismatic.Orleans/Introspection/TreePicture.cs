using System.Collections.Immutable;
using Prismatic.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Introspection;

/// <summary>Puts together what supervisors and silos answered. A value of values; asks nobody.</summary>
internal sealed class TreePicture(
    SupervisedTypes types,
    IReadOnlyList<(SupervisorSpec Spec, SupervisorView? View)> supervisors,
    IReadOnlyList<SiloReport> silos)
{
    public ImmutableArray<Ticket> Tickets() =>
    [
        .. supervisors.SelectMany(supervisor => supervisor.View?.Tickets ?? [])
            .OrderBy(ticket => ticket.ResolvedAt is not null)
            .ThenByDescending(ticket => ticket.LastSeenAt),
    ];

    public TreeHealth Health(ImmutableArray<string> missing, DateTimeOffset at)
    {
        var live = silos.SelectMany(silo => silo.Live.Select(child => (Child: child, silo.Silo)))
            .ToLookup(live => live.Child.Path);
        var nodes = WithThoseBelow(supervisors.SelectMany(supervisor => Nodes(supervisor.Spec, supervisor.View, live)));
        return new TreeHealth
        {
            TotalProcesses = live.SelectMany(child => child).Sum(entry => entry.Child.Activations) + supervisors.Count(supervisor => supervisor.View is not null),
            RestartCounts = nodes.Where(node => node.Kind != "supervisor" && node.Restarts > 0).ToImmutableSortedDictionary(node => node.Path, node => node.Restarts, StringComparer.Ordinal),
            MemoryPerSupervisor = supervisors.ToImmutableSortedDictionary(supervisor => supervisor.Spec.Path, supervisor => Memory(supervisor.Spec, live), StringComparer.Ordinal),
            Hotspots = [.. supervisors.SelectMany(supervisor => supervisor.View?.Hotspots ?? []).OrderByDescending(hotspot => hotspot.Restarts)],
            HealthScore = Score(nodes, missing.Length),
            Nodes = nodes,
            Silos = silos.Count,
            Missing = missing,
            At = at,
        };
    }

    /// <summary>A supervisor's restarts are those of all workers below it, so that the root's are the tree's.</summary>
    private static ImmutableArray<TreeNode> WithThoseBelow(IEnumerable<TreeNode> nodes)
    {
        var all = nodes.ToList();
        var restarts = new Dictionary<string, (long Ever, int Recent)>(StringComparer.Ordinal);
        foreach (var child in all.Where(node => node.Kind is "worker" or "family"))
        {
            for (var path = ChildPath.Parent(child.Path); path is not null; path = ChildPath.Parent(path))
            {
                var (ever, recent) = restarts.GetValueOrDefault(path);
                restarts[path] = (ever + child.Restarts, recent + child.RecentRestarts);
            }
        }

        return
        [
            .. all.Select(node => node.Kind == "supervisor" && restarts.TryGetValue(node.Path, out var sum)
                ? node with { Restarts = sum.Ever, RecentRestarts = sum.Recent }
                : node),
        ];
    }

    private static IEnumerable<TreeNode> Nodes(SupervisorSpec spec, SupervisorView? view, ILookup<string, (LiveChild Child, string Silo)> live)
    {
        yield return new TreeNode
        {
            Path = spec.Path,
            Kind = "supervisor",
            Strategy = spec.Strategy,
            Status = view?.Status ?? ChildStatus.Hung,
            Ticket = view?.Tickets.FirstOrDefault(ticket => ticket.ResolvedAt is null && ticket.Child == spec.Path)?.Id,
        };

        foreach (var child in view?.Children ?? [])
        {
            var activations = live[child.Path].Sum(entry => entry.Child.Activations);
            var starting = live[child.Path].Sum(entry => entry.Child.Starting);
            yield return new TreeNode
            {
                Path = child.Path,
                Kind = child.Kind,
                Status = activations == 0 || child.Status is not (ChildStatus.Idle or ChildStatus.Up) ? child.Status
                    : starting == activations ? ChildStatus.Starting
                    : ChildStatus.Up,
                Incarnation = child.Incarnation,
                Restarts = child.Restarts,
                RecentRestarts = child.RecentRestarts,
                Activations = activations,
                Silo = live[child.Path].Select(entry => entry.Silo).FirstOrDefault() ?? child.Silo,
                LastCrash = child.LastCrash,
                Ticket = child.Ticket,
                Verifying = child.Verifying,
                AvailableInSeconds = child.AvailableIn?.TotalSeconds,
            };
        }
    }

    private MemoryEstimate Memory(SupervisorSpec spec, ILookup<string, (LiveChild Child, string Silo)> live)
    {
        var below = types.Children.Where(child => ChildPath.IsUnder(child.Spec.Path, spec.Path)).SelectMany(child => live[child.Spec.Path]).Select(entry => entry.Child).ToList();
        var measured = below.Where(child => child.Bytes is not null).ToList();
        return new MemoryEstimate
        {
            Bytes = below.Count == 0 ? 0 : measured.Count == 0 ? null : measured.Sum(child => child.Bytes),
            Activations = measured.Sum(child => child.Activations),
            Method = MemoryEstimator.Method,
        };
    }

    private double Score(IReadOnlyList<TreeNode> nodes, int unknown)
    {
        var facts = new HealthFacts(
            supervisors.Sum(supervisor => supervisor.Spec.Workers.Count()),
            0,
            0,
            supervisors.Where(supervisor => supervisor.View is null).Sum(supervisor => supervisor.Spec.Workers.Count()),
            supervisors.Sum(supervisor => supervisor.View?.Hotspots.Length ?? 0),
            supervisors.Sum(supervisor => supervisor.View?.Tickets.Count(ticket => ticket.ResolvedAt is null) ?? 0),
            unknown);
        var shut = supervisors.Where(supervisor => supervisor.View?.Status == ChildStatus.Quarantined).Select(supervisor => supervisor.Spec.Path).ToList();
        foreach (var node in nodes.Where(node => node.Kind != "supervisor"))
        {
            var status = shut.Any(domain => ChildPath.IsUnder(node.Path, domain)) ? ChildStatus.Quarantined : node.Status;
            facts = HealthScore.FactOf(status, node.Verifying)?.Invoke(facts) ?? facts;
        }

        return HealthScore.Of(facts);
    }
}
