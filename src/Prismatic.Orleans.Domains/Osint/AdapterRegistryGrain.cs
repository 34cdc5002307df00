using System.Collections.Immutable;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using DnsClient;
using Prismatic.Domains.Osint.Adapters;
using Prismatic.Storage;

namespace Prismatic.Domains.Osint;

internal sealed class AdapterCatalogue
{
    public Dictionary<string, AdapterInfo> BySlug { get; set; } = [];
}

internal sealed class AdapterRegistryGrain(
    [SupervisedState("adapters")] ISupervisedState<AdapterCatalogue> catalogue,
    IEnumerable<ISourceAdapter> adapters,
    TimeProvider time) : Grain, IAdapterRegistryGrain
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(5);

    private Dictionary<string, AdapterInfo> BySlug => catalogue.Value.BySlug;

    public async Task<RegisterResult> Register(AdapterInfo info)
    {
        AdapterRules.Check(info, nameof(info));
        if (BySlug.TryGetValue(info.Slug, out var known))
        {
            Demand.That(AdapterRules.Same(known, info), nameof(info), $"The slug {info.Slug} belongs to adapter '{known.Name}' at {known.Address}.");
            return new RegisterResult { Slug = info.Slug, Added = false, Total = BySlug.Count };
        }

        BySlug[info.Slug] = info;
        await catalogue.WriteAsync();
        return new RegisterResult { Slug = info.Slug, Added = true, Total = BySlug.Count };
    }

    public Task<AdapterInfo?> Find(string slug) => Task.FromResult(BySlug.GetValueOrDefault(slug));

    public Task<ImmutableArray<AdapterInfo>> ForInput(InputKind kind, string? category) => Task.FromResult<ImmutableArray<AdapterInfo>>(
    [
        .. from info in BySlug.Values
           where info.Inputs.Contains(kind) && (category is null || info.Category == category)
           orderby info.Slug
           select info,
    ]);

    public async Task<AdapterHealth> Probe(string slug)
    {
        var info = BySlug.GetValueOrDefault(slug) ?? throw new ArgumentException($"There is no adapter '{slug}'.", nameof(slug));
        var began = time.GetTimestamp();
        using var limit = new CancellationTokenSource(ProbeLimit, time);
        var failure = "";
        var throttled = false;
        try
        {
            var adapter = adapters.Single(each => each.Kind == info.Kind);
            throttled = (await adapter.Ask(info, new OsintQuery { Kind = info.Inputs[0], Text = "probe" }, limit.Token)).RetryAfter is not null;
        }
        catch (Exception down) when (down is HttpRequestException or SocketException or IOException or OperationCanceledException
            or AuthenticationException or DnsResponseException or JsonException)
        {
            // A probe's answer is the source's health, and these are how a source is ill.
            failure = $"{down.GetType().Name}: {down.Message}";
        }

        var elapsed = time.GetElapsedTime(began);
        var status = failure.Length > 0 ? "unavailable" : throttled || elapsed > Slow ? "degraded" : "healthy";
        return new AdapterHealth { Slug = slug, Status = status, Elapsed = elapsed, Failure = failure };
    }

    public async Task<int> Rebuild()
    {
        var handled = adapters.Select(adapter => adapter.Kind).ToHashSet();
        var orphans = BySlug.Values.Where(info => !handled.Contains(info.Kind)).Select(info => info.Slug).ToArray();
        foreach (var slug in orphans)
        {
            BySlug.Remove(slug);
        }

        if (orphans.Length > 0)
        {
            await catalogue.WriteAsync();
        }

        return BySlug.Count;
    }
}
