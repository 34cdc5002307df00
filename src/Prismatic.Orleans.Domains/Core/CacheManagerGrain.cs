using System.Text;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Prismatic.Domains.Records;
using Prismatic.Storage;

namespace Prismatic.Domains.Core;

/// <summary>The documents that were loaded lately, newest last; the next incarnation loads them again before it is asked.</summary>
internal sealed class WarmKeys
{
    public List<CacheKey> Keys { get; set; } = [];
}

/// <summary>Reentrant, so that a slow load holds up only those who want the same key. No change of its fields spans an await.</summary>
[Reentrant]
internal sealed class CacheManagerGrain(
    [SupervisedState("cache-warm-keys")] ISupervisedState<WarmKeys> warm,
    IOptions<DomainOptions> options,
    IGrainFactory grains,
    TimeProvider time) : Grain, ICacheManagerGrain
{
    private const int MostWarm = 64;
    private readonly CacheShelf _shelf = new(options.Value.CacheBytes);
    private readonly StateWriter<WarmKeys> _writer = new(warm);
    private readonly Dictionary<string, Task<CacheResult>> _loading = [];
    private readonly long _start = time.GetTimestamp();
    private long _hits;
    private long _misses;
    private long _stale;

    private TimeSpan Now => time.GetElapsedTime(_start);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (warm.Value.Keys.Count > 0)
        {
            this.RegisterGrainTimer(WarmUp, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true });
        }

        return Task.CompletedTask;
    }

    public Task<CacheResult> GetOrLoad(CacheKey key, TimeSpan ttl)
    {
        Demand.Positive(ttl, nameof(ttl));
        var name = key.ToString();
        if (_shelf.FindFresh(name, Now, ttl) is { } fresh)
        {
            _hits++;
            return Task.FromResult(Answer(CacheSource.Hit, fresh));
        }

        if (_loading.TryGetValue(name, out var running))
        {
            return running;
        }

        var load = Load(key, ttl);
        if (!load.IsCompleted)
        {
            _loading[name] = load;
        }

        return load;
    }

    public Task Put(CacheKey key, byte[] value, TimeSpan ttl)
    {
        Demand.Positive(ttl, nameof(ttl));
        Demand.That(value.Length <= _shelf.MaxBytes, nameof(value), $"The value has {value.Length} bytes; the whole cache holds {_shelf.MaxBytes}.");
        _shelf.Put(key.ToString(), new CacheEntry { Value = value, LoadedAt = Now, TimeToLive = ttl });
        return Task.CompletedTask;
    }

    public Task<int> InvalidatePrefix(string prefix) => Task.FromResult(_shelf.RemovePrefix(prefix));

    public Task<int> Trim(long maxBytes)
    {
        Demand.That(maxBytes >= 0, nameof(maxBytes), $"{maxBytes} is less than zero.");
        return Task.FromResult(_shelf.Trim(maxBytes));
    }

    public Task<CacheStats> Stats() => Task.FromResult(new CacheStats
    {
        Entries = _shelf.Count,
        Bytes = _shelf.Bytes,
        Hits = _hits,
        Misses = _misses,
        StaleAnswers = _stale,
        Evictions = _shelf.Evictions,
    });

    private async Task<CacheResult> Load(CacheKey key, TimeSpan ttl)
    {
        var name = key.ToString();
        StoredDoc? document;
        try
        {
            document = await grains.GetGrain<IStorageCoordinatorGrain>(IStorageCoordinatorGrain.Key).Get(key.Collection, key.Id);
        }
        catch (Exception failure) when (failure is not ArgumentException && _shelf.Find(name) is not null)
        {
            _stale++;
            return Answer(CacheSource.Stale, _shelf.Find(name)!);
        }
        finally
        {
            _loading.Remove(name);
        }

        _misses++;
        var value = document is null ? null : Encoding.UTF8.GetBytes(document.Json);
        var entry = new CacheEntry { Value = value, LoadedAt = Now, TimeToLive = ttl };
        if (entry.Bytes <= _shelf.MaxBytes)
        {
            _shelf.Put(name, entry);
        }

        await Remember(key);
        return Answer(CacheSource.Miss, entry);
    }

    private Task Remember(CacheKey key)
    {
        if (warm.Value.Keys.Contains(key))
        {
            return Task.CompletedTask;
        }

        warm.Value.Keys.Add(key);
        if (warm.Value.Keys.Count > MostWarm)
        {
            warm.Value.Keys.RemoveAt(0);
        }

        return _writer.Save();
    }

    private async Task WarmUp(CancellationToken cancellationToken)
    {
        foreach (var key in warm.Value.Keys.ToArray())
        {
            cancellationToken.ThrowIfCancellationRequested();
            await GetOrLoad(key, TimeSpan.FromMinutes(5));
        }
    }

    private CacheResult Answer(CacheSource source, CacheEntry entry) =>
        new() { Source = source, Value = entry.Value, Age = Now - entry.LoadedAt };
}
