using System.Text;
using Orleans.Concurrency;

namespace Prismatic.Domains.Core;

/// <summary>What is put, dropped or trimmed while this answers needs no keeping: the cache manager that comes back begins empty.</summary>
[Reentrant]
internal sealed class UncachedDocumentsGrain(IGrainFactory grains) : Grain, IUncachedDocumentsGrain
{
    private long _loaded;

    public async Task<CacheResult> GetOrLoad(CacheKey key, TimeSpan ttl)
    {
        Demand.Positive(ttl, nameof(ttl));
        _loaded++;
        var document = await grains.GetGrain<IStorageCoordinatorGrain>(IStorageCoordinatorGrain.Key).Get(key.Collection, key.Id);
        return new CacheResult { Source = CacheSource.Miss, Value = document is null ? null : Encoding.UTF8.GetBytes(document.Json), Age = TimeSpan.Zero };
    }

    public Task Put(CacheKey key, byte[] value, TimeSpan ttl)
    {
        Demand.Positive(ttl, nameof(ttl));
        return Task.CompletedTask;
    }

    public Task<int> InvalidatePrefix(string prefix) => Task.FromResult(0);

    public Task<CacheStats> Stats() => Task.FromResult(new CacheStats { Entries = 0, Bytes = 0, Hits = 0, Misses = _loaded, StaleAnswers = 0, Evictions = 0 });

    public Task<int> Trim(long maxBytes)
    {
        Demand.That(maxBytes >= 0, nameof(maxBytes), $"{maxBytes} is less than zero.");
        return Task.FromResult(0);
    }
}
