using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Prismatic.Storage;

namespace Prismatic.Domains.DueDiligence;

internal sealed record ListOrder(ListFormat Format, string Path);

internal sealed class ListOrders
{
    public SortedDictionary<string, ListOrder> ById { get; set; } = [];
}

internal sealed class EntityResolverGrain(
    [SupervisedState("screening-lists")] ISupervisedState<ListOrders> orders,
    IOptions<DomainOptions> options) : Grain, IEntityResolverGrain
{
    private const int LargestBatch = 10_000;
    private readonly Dictionary<string, ListContent> _lists = [];

    public Task<MatchResult> Compare(EntityRecord a, EntityRecord b)
    {
        Demand.Text(a.Name, nameof(a), 500);
        Demand.Text(b.Name, nameof(b), 500);
        return Task.FromResult(MatchRules.Compare(a, b));
    }

    public Task<ResolveReport> Resolve(ImmutableArray<EntityRecord> batch)
    {
        Demand.That(batch.Length <= LargestBatch, nameof(batch), $"The batch has {batch.Length} records; at most {LargestBatch} are resolved at once.");
        foreach (var record in batch)
        {
            Demand.Text(record.Name, nameof(batch), 500);
        }

        return Task.FromResult(Clusters.Resolve(batch));
    }

    public Task<ImmutableArray<ScreeningHit>> Screen(EntityRecord e, double threshold)
    {
        Demand.Text(e.Name, nameof(e), 500);
        Demand.Range(threshold, 0.5, 1, nameof(threshold));
        var hits = from list in Loaded()
                   from entry in list.Content.Entries
                   let match = MatchRules.Compare(e, entry.Record)
                   where match.Veto is null && match.Score >= threshold
                   orderby match.Score descending, entry.Record.Id
                   select new ScreeningHit { ListId = list.Id, Entry = entry.Record, Reason = entry.Reason, Match = match };
        return Task.FromResult(hits.ToImmutableArray());
    }

    public async Task<int> LoadList(string listId, ListFormat f, string path)
    {
        Demand.Slug(listId, nameof(listId));
        Demand.That(Enum.IsDefined(f), nameof(f), $"{f} is not a list format.");
        var full = options.Value.ListPath(path, nameof(path));
        Demand.That(File.Exists(full), nameof(path), $"There is no file {full}.");
        var content = ListFiles.Read(f, full);
        orders.Value.ById[listId] = new ListOrder(f, path);
        await orders.WriteAsync();
        _lists[listId] = content;
        return content.Entries.Count;
    }

    public Task<ImmutableArray<string>> Lists() => Task.FromResult(orders.Value.ById.Keys.ToImmutableArray());

    public Task<OwnershipResult> BeneficialOwners(string entityId, decimal threshold = 0.25m)
    {
        Demand.Text(entityId, nameof(entityId));
        Demand.That(threshold is >= 0 and < 1, nameof(threshold), $"{threshold} is outside 0 to 1.");
        var lists = Loaded().Select(list => list.Content).ToArray();
        var names = lists.SelectMany(list => list.Entries).GroupBy(entry => entry.Record.Id).ToDictionary(group => group.Key, group => group.First().Record.Name);
        var byAsset = lists.SelectMany(list => list.Ownership).Distinct().ToLookup(edge => edge.Asset);
        return Task.FromResult(OwnershipWalk.Owners(byAsset, entityId, threshold, id => names.GetValueOrDefault(id, id)));
    }

    private IEnumerable<(string Id, ListContent Content)> Loaded()
    {
        foreach (var (id, order) in orders.Value.ById)
        {
            if (!_lists.TryGetValue(id, out var content))
            {
                _lists[id] = content = ListFiles.Read(order.Format, options.Value.ListPath(order.Path, nameof(order)));
            }

            yield return (id, content);
        }
    }
}
