namespace Prismatic.Domains.Core;

/// <summary>
/// A read-through cache over <see cref="IStorageCoordinatorGrain"/>. One load at a time for each key, however many ask.
/// When storage fails, an entry that outlived its time is answered and marked stale; with no entry the failure reaches the caller.
/// </summary>
[Alias("prismatic.ICacheManagerGrain")]
public interface ICacheManagerGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "cache-manager";

    /// <summary>The value, from the cache while younger than <paramref name="ttl"/>, else from storage.</summary>
    /// <param name="key">The document.</param>
    /// <param name="ttl">More than zero.</param>
    [Alias("GetOrLoad")]
    Task<CacheResult> GetOrLoad(CacheKey key, TimeSpan ttl);

    /// <summary>Puts a value without asking storage; it counts as loaded now.</summary>
    /// <exception cref="ArgumentException">The value alone is larger than the cache.</exception>
    [Alias("Put")]
    Task Put(CacheKey key, byte[] value, TimeSpan ttl);

    /// <summary>Drops the entries whose <c>collection/id</c> starts with <paramref name="prefix"/> and returns their number.</summary>
    [Alias("InvalidatePrefix")]
    Task<int> InvalidatePrefix(string prefix);

    /// <summary>The cache's figures since this incarnation started.</summary>
    [Alias("Stats")]
    Task<CacheStats> Stats();

    /// <summary>Drops the entries used longest ago until at most <paramref name="maxBytes"/> are held; returns how many were dropped.</summary>
    [Alias("Trim")]
    Task<int> Trim(long maxBytes);
}

/// <summary>Names a document.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.CacheKey")]
public sealed record CacheKey
{
    /// <summary>Its collection in storage.</summary>
    [Id(0)] public required string Collection { get; init; }

    /// <summary>Its id.</summary>
    [Id(1)] public required string Id { get; init; }

    /// <summary>The two as one text, which prefixes are compared with.</summary>
    public override string ToString() => $"{Collection}/{Id}";
}

/// <summary>Where an answer of the cache came from.</summary>
[GenerateSerializer, Alias("prismatic.domains.CacheSource")]
public enum CacheSource
{
    /// <summary>The cache held it.</summary>
    Hit,

    /// <summary>Storage was asked.</summary>
    Miss,

    /// <summary>Storage failed, and the cache held an old value.</summary>
    Stale,
}

/// <summary>An answer of the cache.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.CacheResult")]
public sealed record CacheResult
{
    /// <summary>Where it came from.</summary>
    [Id(0)] public required CacheSource Source { get; init; }

    /// <summary>The document's JSON in UTF-8, or what was put; null when there is no such document.</summary>
    [Id(1)] public byte[]? Value { get; init; }

    /// <summary>Time since it was loaded.</summary>
    [Id(2)] public TimeSpan Age { get; init; }
}

/// <summary>Figures of the cache.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.CacheStats")]
public sealed record CacheStats
{
    /// <summary>Entries held.</summary>
    [Id(0)] public required int Entries { get; init; }

    /// <summary>Bytes of their values.</summary>
    [Id(1)] public required long Bytes { get; init; }

    /// <summary>Answers from the cache.</summary>
    [Id(2)] public required long Hits { get; init; }

    /// <summary>Loads from storage.</summary>
    [Id(3)] public required long Misses { get; init; }

    /// <summary>Old values answered because storage failed.</summary>
    [Id(4)] public required long StaleAnswers { get; init; }

    /// <summary>Entries dropped for room.</summary>
    [Id(5)] public required long Evictions { get; init; }
}
