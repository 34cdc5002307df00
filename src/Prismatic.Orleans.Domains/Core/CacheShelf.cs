namespace Prismatic.Domains.Core;

/// <summary>A value on the shelf. Times are monotonic.</summary>
internal sealed class CacheEntry
{
    public required byte[]? Value { get; init; }

    public required TimeSpan LoadedAt { get; init; }

    public required TimeSpan TimeToLive { get; init; }

    public long LastUse { get; set; }

    public long Bytes => Value?.Length ?? 0;
}

/// <summary>Entries by key with a bound in bytes; what was used longest ago goes first.</summary>
internal sealed class CacheShelf(long maxBytes)
{
    private readonly Dictionary<string, CacheEntry> _entries = [];
    private long _uses;

    public long MaxBytes => maxBytes;

    public long Bytes { get; private set; }

    public int Count => _entries.Count;

    public long Evictions { get; private set; }

    /// <summary>The entry, however old.</summary>
    public CacheEntry? Find(string key)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            entry.LastUse = ++_uses;
        }

        return entry;
    }

    /// <summary>The entry, unless it is older than its own time to live or the one asked for.</summary>
    public CacheEntry? FindFresh(string key, TimeSpan now, TimeSpan ttl) =>
        Find(key) is { } entry && now - entry.LoadedAt < (ttl < entry.TimeToLive ? ttl : entry.TimeToLive) ? entry : null;

    public void Put(string key, CacheEntry entry)
    {
        Remove(key);
        Trim(maxBytes - entry.Bytes);
        entry.LastUse = ++_uses;
        _entries[key] = entry;
        Bytes += entry.Bytes;
    }

    public int RemovePrefix(string prefix) =>
        _entries.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).ToArray().Count(Remove);

    public int Trim(long bytes)
    {
        var dropped = 0;
        foreach (var (key, _) in _entries.OrderBy(pair => pair.Value.LastUse).ToArray())
        {
            if (Bytes <= bytes)
            {
                break;
            }

            Remove(key);
            dropped++;
        }

        Evictions += dropped;
        return dropped;
    }

    private bool Remove(string key)
    {
        if (!_entries.Remove(key, out var entry))
        {
            return false;
        }

        Bytes -= entry.Bytes;
        return true;
    }
}
