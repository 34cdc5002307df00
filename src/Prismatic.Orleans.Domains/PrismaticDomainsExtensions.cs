using Microsoft.Extensions.DependencyInjection.Extensions;
using Prismatic.Domains;
using Prismatic.Domains.Core;
using Prismatic.Domains.Osint;
using Prismatic.Domains.Osint.Adapters;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds what the platform's workers need.</summary>
public static class PrismaticDomainsExtensions
{
    /// <summary>Adds the options and the source adapters. Supervision is added apart, with <c>AddSupervision</c>.</summary>
    public static IServiceCollection AddPrismaticDomains(this IServiceCollection services, Action<DomainOptions>? configure = null)
    {
        services.AddOptions<DomainOptions>()
            .Configure(options => configure?.Invoke(options))
            .Validate(o => o.CacheBytes >= 1024, "DomainOptions.CacheBytes must be at least 1024.")
            .Validate(o => o.SourceTimeout > TimeSpan.Zero, "DomainOptions.SourceTimeout must be more than zero.")
            .Validate(o => o.PipelineRetry >= TimeSpan.FromMilliseconds(10), "DomainOptions.PipelineRetry must be at least 10 ms.")
            .Validate(o => o.NameServer is null || System.Net.IPEndPoint.TryParse(o.NameServer, out _), "DomainOptions.NameServer must be ip:port.");
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IDocumentStore, JournalStore>();
        services.TryAddSingleton<SourceFetcher>();
        services.TryAddEnumerable([
            ServiceDescriptor.Singleton<ISourceAdapter, HttpJsonAdapter>(),
            ServiceDescriptor.Singleton<ISourceAdapter, RdapHttpAdapter>(),
            ServiceDescriptor.Singleton<ISourceAdapter, HttpHeadersAdapter>(),
            ServiceDescriptor.Singleton<ISourceAdapter, TlsCertificateAdapter>(),
            ServiceDescriptor.Singleton<ISourceAdapter, DnsAdapter>(),
            ServiceDescriptor.Singleton<ISourceAdapter, ListFileAdapter>(),
        ]);
        return services;
    }
}
