using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Prismatic.Measuring;

/// <summary>A silo in this process on free ports of the loopback, silent, called through the client that it hosts itself.</summary>
internal sealed class BenchmarkSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private readonly IPEndPoint _endpoint;

    private BenchmarkSilo(IHost host, IPEndPoint endpoint)
    {
        _host = host;
        _endpoint = endpoint;
    }

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public IServiceProvider Services => _host.Services;

    /// <summary>Starts a silo: a cluster of its own, or one more in that of <paramref name="first"/>.</summary>
    public static async Task<BenchmarkSilo> Start(Action<ISiloBuilder> configure, BenchmarkSilo? first = null)
    {
        var ports = FreePorts();
        var host = Build(configure, ports, first?._endpoint);
        await host.StartAsync();
        return new BenchmarkSilo(host, first?._endpoint ?? new IPEndPoint(IPAddress.Loopback, ports.Silo));
    }

    /// <summary>A silo's host, not started.</summary>
    public static IHost Build(Action<ISiloBuilder> configure) => Build(configure, FreePorts(), null);

    private static IHost Build(Action<ISiloBuilder> configure, (int Silo, int Gateway) ports, IPEndPoint? first)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            var cluster = $"benchmark-{first?.Port ?? ports.Silo}";
            silo.UseLocalhostClustering(ports.Silo, ports.Gateway, first, serviceId: cluster, clusterId: cluster);
            configure(silo);
        });
        return builder.Build();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static (int Silo, int Gateway) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }
}
