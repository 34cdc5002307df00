using System.Collections.Immutable;
using Orleans.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>A worker with its activation on a silo.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.HousedWorker")]
internal sealed record HousedWorker
{
    /// <summary>The worker's path.</summary>
    [Id(0)] public required string Path { get; init; }

    /// <summary>The activation.</summary>
    [Id(1)] public required string ActivationId { get; init; }
}

/// <summary>How many members of a family live on a silo.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.HousedMembers")]
internal sealed record HousedMembers
{
    /// <summary>The family's path.</summary>
    [Id(0)] public required string Path { get; init; }

    /// <summary>Live activations.</summary>
    [Id(1)] public required int Count { get; init; }
}

/// <summary>What lives on a silo, as it tells the other silos, so that they know it when the silo is lost.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.SiloInventory")]
internal sealed record SiloInventory
{
    /// <summary>The silo.</summary>
    [Id(0)] public required SiloAddress Silo { get; init; }

    /// <summary>Grows with each inventory of the silo.</summary>
    [Id(1)] public required long Version { get; init; }

    /// <summary>The workers that live there: those of the tree, whose number is bounded by it, and those that were added at run time.</summary>
    [Id(2)] public ImmutableArray<HousedWorker> Workers { get; init; } = [];

    /// <summary>The members of families, by number alone: a healthy member costs no record.</summary>
    [Id(3)] public ImmutableArray<HousedMembers> Members { get; init; } = [];

    /// <summary>The tree that the silo was started with.</summary>
    [Id(4)] public SiloTree? Tree { get; init; }
}

/// <summary>What a supervisor lost with a silo. Every surviving silo tells it; the supervisor takes the first.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.SiloLoss")]
internal sealed record SiloLoss
{
    /// <summary>The silo that was lost; its generation is part of the name.</summary>
    [Id(0)] public required string Silo { get; init; }

    /// <summary>The supervisor's workers that lived there.</summary>
    [Id(1)] public ImmutableArray<HousedWorker> Workers { get; init; } = [];

    /// <summary>The members of its families that lived there, at the silo's last word.</summary>
    [Id(2)] public ImmutableArray<HousedMembers> Members { get; init; } = [];
}

/// <summary>The decision what was lost with a silo: what it said it houses, without what has come up elsewhere since, by supervisor.</summary>
internal static class SiloSweep
{
    public static IEnumerable<(string Supervisor, SiloLoss Loss)> Of(SiloInventory lost, IEnumerable<SiloInventory> alive, Func<string, string?> supervisorOf)
    {
        var moved = alive.SelectMany(inventory => inventory.Workers).Select(worker => worker.Path).ToHashSet();
        var workers = lost.Workers.Where(worker => !moved.Contains(worker.Path)).ToLookup(worker => supervisorOf(worker.Path));
        var members = lost.Members.Where(family => family.Count > 0).ToLookup(family => supervisorOf(family.Path));
        foreach (var supervisor in workers.Select(group => group.Key).Union(members.Select(group => group.Key)).OfType<string>())
        {
            yield return (supervisor, new SiloLoss
            {
                Silo = lost.Silo.ToParsableString(),
                Workers = [.. workers[supervisor]],
                Members = [.. members[supervisor]],
            });
        }
    }
}
