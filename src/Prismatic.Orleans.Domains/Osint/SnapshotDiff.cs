using System.Collections.Immutable;

namespace Prismatic.Domains.Osint;

/// <summary>What differs between two answers of a source, by row id and field.</summary>
internal static class SnapshotDiff
{
    public static ChangeSet Compare(string watchId, IEnumerable<OsintItem> before, IEnumerable<OsintItem> after)
    {
        var old = ById(before);
        var now = ById(after);
        return new ChangeSet
        {
            WatchId = watchId,
            Added = [.. now.Keys.Except(old.Keys).Order(StringComparer.Ordinal)],
            Removed = [.. old.Keys.Except(now.Keys).Order(StringComparer.Ordinal)],
            Changed = [.. now.Keys.Intersect(old.Keys).Order(StringComparer.Ordinal).SelectMany(id => Fields(old[id], now[id]))],
        };
    }

    private static Dictionary<string, OsintItem> ById(IEnumerable<OsintItem> items) =>
        items.GroupBy(item => item.Id).ToDictionary(group => group.Key, group => group.Last());

    private static IEnumerable<FieldChange> Fields(OsintItem old, OsintItem now)
    {
        var before = old.Fields.SetItem("name", old.Name);
        var after = now.Fields.SetItem("name", now.Name);
        return from field in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
               let was = before.GetValueOrDefault(field)
               let @is = after.GetValueOrDefault(field)
               where was != @is
               select new FieldChange { Item = now.Id, Field = field, Before = was, After = @is };
    }
}
