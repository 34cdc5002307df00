using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Prismatic.Domains;
using Prismatic.Drills;
using Prismatic.Silo.Demo;

namespace Prismatic.Silo.Drills;

/// <summary>
/// The platform's own host with drills switched on, on free ports of the loopback and a temporary database that goes with it. A drill that
/// kills a silo gets a second one, which shares the database and dies.
/// </summary>
internal sealed class DrillPlatform : IAsyncDisposable
{
    /// <summary>The default is 60 s; a drill of seconds would see no outcome.</summary>
    public static readonly TimeSpan VerificationWindow = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("prismatic-drill-");
    private readonly List<WebApplication> _silos = [];

    private DrillPlatform()
    {
    }

    /// <summary>Those of the first silo: the one that runs a drill must live.</summary>
    private DrillBook Drills => _silos[0].Services.GetRequiredService<DrillBook>();

    /// <summary>Runs one drill on a platform of its own.</summary>
    /// <param name="file">The drill file's JSON.</param>
    /// <param name="progress">Is told what it does, a few times a second.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<DrillStart> Run(string file, Action<DrillView> progress, CancellationToken cancellation)
    {
        await using var platform = new DrillPlatform();
        await platform.Start();
        if (KillsSilo(file))
        {
            await platform.Join();
        }

        return await platform.Carry(file, progress, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos.AsEnumerable().Reverse())
        {
            await silo.StopAsync();
            await silo.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _data.Delete(recursive: true);
    }

    /// <summary>Whether the file asks for the death of a silo; whatever else is wrong with it is found later.</summary>
    private static bool KillsSilo(string file)
    {
        try
        {
            using var json = JsonDocument.Parse(file);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("faults", out var faults)
                && faults.ValueKind == JsonValueKind.Array
                && faults.EnumerateArray().Any(fault => fault.ValueKind == JsonValueKind.Object
                    && fault.TryGetProperty("where", out var where) && where.ValueKind == JsonValueKind.String && where.ValueEquals("silo"));
        }
        catch (JsonException)
        {
            // The reader of drill files says what is wrong with it.
            return false;
        }
    }

    private async Task<DrillStart> Carry(string file, Action<DrillView> progress, CancellationToken cancellation)
    {
        var start = Drills.Start(file);
        while (start.Started is { Status: DrillStatus.Running } running)
        {
            progress(running);
            await Task.Delay(Look, TimeProvider.System, cancellation);
            start = start with { Started = Drills.Get(running.Id) };
        }

        return start;
    }

    private Task Start() => Add(primary: null);

    private Task Join() => Add(new IPEndPoint(IPAddress.Loopback, _silos[0].Services.GetRequiredService<SiloOptions>().SiloPort));

    private async Task Add(IPEndPoint? primary)
    {
        var ports = LoopbackSource.FreePorts(2);
        var options = new SiloOptions
        {
            DataDirectory = _data.FullName,
            SiloPort = ports[0],
            GatewayPort = ports[1],
            Urls = ["http://127.0.0.1:0"],
            SignInLink = false,
            Drills = true,
        };
        var death = new HostDeath();
        var app = SiloHost.Build(
            WebApplication.CreateSlimBuilder(),
            options,
            tree => tree.Configure(settings =>
            {
                settings.VerificationWindow = VerificationWindow;
                settings.Seed = 1;
            }),
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Services.Configure<DomainOptions>(domains => domains.DataDirectory = Path.Combine(_data.FullName, "documents"));
                builder.Services.Replace(ServiceDescriptor.Singleton<ISiloDeath>(death));
            },
            primary);
        death.Host = app;
        if (primary is null)
        {
            await SchemaMigration.Apply(app.Services.GetRequiredService<Database>());
        }

        await app.StartAsync();
        _silos.Add(app);
    }

    /// <summary>Stops the host without letting it say goodbye: the process lives on, and runs the drill.</summary>
    private sealed class HostDeath : ISiloDeath
    {
        public WebApplication? Host { get; set; }

        public void Die() => Task.Run(() => Host!.StopAsync(new CancellationToken(canceled: true))).Ignore();
    }
}
