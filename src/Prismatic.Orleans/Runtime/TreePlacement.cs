using System.Collections.Immutable;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>What a silo tells the others of the tree that it was started with.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.SiloTree")]
internal sealed record SiloTree
{
    /// <summary>The same for the same tree, another one for another.</summary>
    [Id(0)] public required string Fingerprint { get; init; }

    /// <summary>The paths of its supervisors.</summary>
    [Id(1)] public required ImmutableArray<string> Supervisors { get; init; }
}

/// <summary>
/// Where a supervisor may live while silos of two versions, with two trees, are one cluster: on a silo whose tree has it; and of those, on one with the
/// tree of the silo that is there longest. So the tree that was there first stays in force for what both have, what only the newer one has is looked
/// after at once, and the newer one is in force everywhere when the last silo of the other has left. The same holds for the way back.
/// </summary>
internal static class TreePlacement
{
    /// <param name="supervisor">The supervisor's path.</param>
    /// <param name="candidates">The silos that could take it, with their trees; null for one that has not told yet, which counts as able.</param>
    public static IReadOnlyList<SiloAddress> Choose(string supervisor, IReadOnlyList<(SiloAddress Silo, SiloTree? Tree)> candidates)
    {
        var able = candidates.Where(candidate => candidate.Tree?.Supervisors.Contains(supervisor) != false).ToList();
        if (able.Count == 0)
        {
            return [.. candidates.Select(candidate => candidate.Silo)];
        }

        // A silo's generation is the time of its start.
        var inForce = able
            .Where(candidate => candidate.Tree is not null)
            .OrderBy(candidate => candidate.Silo.Generation)
            .ThenBy(candidate => candidate.Silo.ToParsableString(), StringComparer.Ordinal)
            .FirstOrDefault().Tree;
        return [.. able.Where(candidate => candidate.Tree is null || candidate.Tree.Fingerprint == inForce!.Fingerprint).Select(candidate => candidate.Silo)];
    }
}

/// <summary>Marks a grain that is a node of the tree.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class TreePlacementAttribute() : PlacementFilterAttribute(new TreePlacementStrategy());

/// <inheritdoc cref="TreePlacement"/>
internal sealed class TreePlacementStrategy() : PlacementFilterStrategy(order: 0);

/// <inheritdoc cref="TreePlacement"/>
internal sealed class TreePlacementDirector(SiloInventories inventories, SupervisorSpecs specs, SiloIdentity silo) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos) =>
        TreePlacement.Choose(
            target.GrainIdentity.Key.ToString()!,
            [.. silos.Select(candidate => (candidate, candidate.Equals(silo.Address) ? specs.Tree : inventories.Of(candidate)?.Tree))]);
}
