using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Prismatic.Domains.Osint;
using Xunit;

namespace Prismatic.SystemTests.Harness;

/// <summary>An Orleans client outside the silo's process, as any program of a user is.</summary>
internal sealed class PlatformClient : IAsyncDisposable
{
    private static readonly OsintQuery Question = new() { Kind = InputKind.Company, Text = "Acme Trading" };
    private readonly IHost _host;

    private PlatformClient(IHost host) => _host = host;

    public IClusterClient Grains => _host.Services.GetRequiredService<IClusterClient>();

    public ISourceManagerGrain Sources => Get<ISourceManagerGrain>(ISourceManagerGrain.Key);

    /// <summary>Asks a source for a company, which is real work for the source manager.</summary>
    public Task<FetchResult> Ask(string slug) => Sources.Query(slug, Question, TestContext.Current.CancellationToken);

    /// <param name="silos">The gateways.</param>
    /// <param name="supervised">Whether it is built with <c>AddSupervision</c>.</param>
    /// <param name="clusterId">The cluster's name.</param>
    /// <param name="answerLimit">How long a call may take; null for Orleans' own, 30 s.</param>
    public static async Task<PlatformClient> Connect(IEnumerable<SiloPlace> silos, bool supervised = true, string clusterId = "prismatic", TimeSpan? answerLimit = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering([.. silos.Select(silo => silo.Gateway)]);
            client.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = ("prismatic", clusterId));

            // A gateway that said goodbye is passed over for this long, also when a new silo has its address. Orleans' own is 60 s: who restarts all silos
            // of a fixed list sooner leaves the client no gateway, and it then sends to those that are stopping.
            client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
            if (answerLimit is { } limit)
            {
                client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = limit);
            }

            if (supervised)
            {
                client.AddSupervision();
            }
        });
        var host = builder.Build();
        await host.StartAsync();
        return new PlatformClient(host);
    }

    public T Get<T>(string key)
        where T : IGrainWithStringKey => Grains.GetGrain<T>(key);

    /// <summary>Registers a source at a loopback port, which the source manager then asks over HTTP.</summary>
    public Task<RegisterResult> RegisterWebSource(string slug, int port) => Register(slug, AdapterKind.HttpJson, $"http://127.0.0.1:{port}/companies");

    /// <summary>Registers a source that is a file of the list directory.</summary>
    public Task<RegisterResult> RegisterListSource(string slug, string file) => Register(slug, AdapterKind.ListFile, file);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private Task<RegisterResult> Register(string slug, AdapterKind kind, string address) =>
        Get<IAdapterRegistryGrain>(IAdapterRegistryGrain.Key).Register(new AdapterInfo
        {
            Slug = slug,
            Name = $"The source {slug}",
            Category = "ownership",
            Kind = kind,
            Address = address,
            Inputs = [InputKind.Company],
        });
}
