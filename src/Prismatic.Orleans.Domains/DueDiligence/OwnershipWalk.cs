using System.Collections.Immutable;

namespace Prismatic.Domains.DueDiligence;

/// <summary>A share of one entity that another holds, 0 to 1.</summary>
internal sealed record OwnershipEdge(string Owner, string Asset, decimal Share);

/// <summary>Who owns an entity: along each path the shares multiply, and the paths of one owner add up.</summary>
internal static class OwnershipWalk
{
    private const int MostSteps = 100_000;

    public static OwnershipResult Owners(ILookup<string, OwnershipEdge> byAsset, string entity, decimal threshold, Func<string, string> nameOf)
    {
        var shares = new Dictionary<string, decimal>();
        var cycles = new SortedSet<string>(StringComparer.Ordinal);
        var path = new List<string> { entity };
        var steps = 0;
        Walk(entity, 1m);
        var owners = from share in shares
                     where share.Value > threshold
                     orderby share.Value descending, share.Key
                     select new Owner { Id = share.Key, Name = nameOf(share.Key), Share = share.Value, Ultimate = !byAsset.Contains(share.Key) };
        return new OwnershipResult { Owners = [.. owners], Cycles = [.. cycles] };

        void Walk(string asset, decimal share)
        {
            foreach (var edge in byAsset[asset])
            {
                if (++steps > MostSteps)
                {
                    throw new InvalidOperationException($"The owners of {entity} cannot be found within {MostSteps} steps: the lists' ownership is too tangled.");
                }

                var circle = path.IndexOf(edge.Owner);
                if (circle >= 0)
                {
                    cycles.Add(string.Join(" > ", path.Skip(circle).Append(edge.Owner)));
                    continue;
                }

                var held = share * edge.Share;
                shares[edge.Owner] = shares.GetValueOrDefault(edge.Owner) + held;
                path.Add(edge.Owner);
                Walk(edge.Owner, held);
                path.RemoveAt(path.Count - 1);
            }
        }
    }
}
