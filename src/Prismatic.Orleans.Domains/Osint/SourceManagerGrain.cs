using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Prismatic.Breakers;
using Prismatic.Domains.Osint.Adapters;
using Prismatic.Domains.Records;
using Prismatic.Storage;

namespace Prismatic.Domains.Osint;

/// <summary>A quota that was set in place of the adapter's own.</summary>
internal sealed record Quota(int PerMinute, int Burst);

internal sealed class Quotas
{
    public Dictionary<string, Quota> BySource { get; set; } = [];
}

/// <summary>Reentrant, so that a slow source does not hold up the others. No change of its fields spans an await.</summary>
[Reentrant]
internal sealed class SourceManagerGrain(
    [SupervisedState("source-quotas")] ISupervisedState<Quotas> quotas,
    IEnumerable<ISourceAdapter> adapters,
    ICircuitBreakers breakers,
    IOptions<DomainOptions> options,
    IGrainFactory grains,
    TimeProvider time) : Grain, ISourceManagerGrain
{
    private readonly Dictionary<AdapterKind, ISourceAdapter> _adapters = adapters.ToDictionary(adapter => adapter.Kind);
    private readonly Dictionary<string, TokenBucket> _buckets = [];
    private readonly Dictionary<string, (long Calls, long Failures)> _counts = [];
    private readonly StateWriter<Quotas> _writer = new(quotas);
    private readonly long _start = time.GetTimestamp();

    private TimeSpan Now => time.GetElapsedTime(_start);

    private IAdapterRegistryGrain Registry => grains.GetGrain<IAdapterRegistryGrain>(IAdapterRegistryGrain.Key);

    public async Task<FetchResult> Query(string slug, OsintQuery q, CancellationToken cancellationToken = default)
    {
        Demand.Text(q.Text, nameof(q), 500);
        var info = await Find(slug);
        if (!Bucket(info).TryTake(Now, out var retryAfter))
        {
            return new FetchResult { Status = FetchStatus.RateLimited, RetryAfter = retryAfter };
        }

        return await breakers.Execute(Target(slug), token => Ask(info, q, token), cancellationToken);
    }

    public async Task<FanOutResult> QueryAll(OsintQuery q, FanOutLimits l, CancellationToken cancellationToken = default)
    {
        Demand.Text(q.Text, nameof(q), 500);
        SourceRows.Check(l, nameof(l));
        var sources = await Registry.ForInput(q.Kind, null);
        var rows = await SourceRows.FanOut(sources.Select(info => info.Slug), (slug, token) => Query(slug, q, token), l, time, cancellationToken);
        return new FanOutResult { Rows = [.. rows] };
    }

    public async Task<SourceStatus> Status(string slug)
    {
        var bucket = Bucket(await Find(slug));
        var (calls, failures) = _counts.GetValueOrDefault(slug);
        return new SourceStatus
        {
            Source = slug,
            Breaker = breakers.Get(Target(slug)),
            TokensLeft = bucket.Left(Now),
            RequestsPerMinute = bucket.PerMinute,
            Calls = calls,
            Failures = failures,
        };
    }

    public async Task SetQuota(string slug, int rpm, int burst)
    {
        Demand.Range(rpm, 1, 6_000, nameof(rpm));
        Demand.Range(burst, 1, 1_000, nameof(burst));
        await Find(slug);
        quotas.Value.BySource[slug] = new Quota(rpm, burst);
        _buckets.Remove(slug);
        await _writer.Save();
    }

    public Task<Confidence> Assess(ImmutableArray<SourceClaim> claims)
    {
        Demand.That(!claims.IsDefaultOrEmpty, nameof(claims), "There is no claim to assess.");
        foreach (var claim in claims)
        {
            Demand.Range(claim.Confidence, 0, 1, nameof(claims));
        }

        return Task.FromResult(ConfidenceRules.Assess(claims));
    }

    private async Task<FetchResult> Ask(AdapterInfo info, OsintQuery q, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        Count(info.Slug, calls: 1, failures: 0);
        using var limit = new CancellationTokenSource(options.Value.SourceTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var answer = await _adapters[info.Kind].Ask(info, q, either.Token);
            return answer.RetryAfter is { } later
                ? new FetchResult { Status = FetchStatus.RateLimited, RetryAfter = later }
                : new FetchResult { Status = FetchStatus.Fetched, Items = answer.Items, Provenance = Describe(info, answer, time.GetElapsedTime(began)) };
        }
        catch (OperationCanceledException cancelled) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            Count(info.Slug, calls: 0, failures: 1);
            throw new TimeoutException($"Source {info.Slug} did not answer within {options.Value.SourceTimeout.TotalSeconds:0.###} s.", cancelled);
        }
        catch
        {
            Count(info.Slug, calls: 0, failures: 1);
            throw;
        }
    }

    private Provenance Describe(AdapterInfo info, AdapterAnswer answer, TimeSpan elapsed) => new()
    {
        Source = info.Slug,
        Address = info.Address,
        RetrievedAt = time.GetUtcNow(),
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(answer.Raw)),
        Elapsed = elapsed,
        Confidence = info.Confidence,
        Category = info.Category,
    };

    private async Task<AdapterInfo> Find(string slug) =>
        await Registry.Find(slug) ?? throw new ArgumentException($"There is no source '{slug}'. Register its adapter first.", nameof(slug));

    private TokenBucket Bucket(AdapterInfo info)
    {
        if (!_buckets.TryGetValue(info.Slug, out var bucket))
        {
            var quota = quotas.Value.BySource.GetValueOrDefault(info.Slug) ?? new Quota(info.RequestsPerMinute, info.Burst);
            _buckets[info.Slug] = bucket = new TokenBucket(quota.PerMinute, quota.Burst, Now);
        }

        return bucket;
    }

    private void Count(string slug, int calls, int failures)
    {
        var (before, failed) = _counts.GetValueOrDefault(slug);
        _counts[slug] = (before + calls, failed + failures);
    }

    private static string Target(string slug) => "source:" + slug;
}
