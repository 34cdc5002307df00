using System.Net;
using System.Net.Sockets;

namespace Prismatic.Silo.Demo;

/// <summary>A register on this machine that answers every question with the same rows.</summary>
internal sealed class LoopbackSource : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackSource(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public int Port => new Uri(Address).Port;

    /// <summary>Starts it; port 0 takes a free one.</summary>
    public static async Task<LoopbackSource> Start(int port, IReadOnlyDictionary<string, object[]> rowsByPath)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        foreach (var (path, rows) in rowsByPath)
        {
            app.MapGet(path, () => rows);
        }

        await app.StartAsync();
        return new LoopbackSource(app);
    }

    /// <summary>A port that refuses connections, as long as nobody else takes it: it was free, and it is closed again.</summary>
    public static int RefusingPort() => FreePorts(1)[0];

    /// <summary>Ports that were free at once, so that no two are the same.</summary>
    public static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            foreach (var listener in listeners)
            {
                listener.Start();
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
            {
                listener.Dispose();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
