using Prismatic.Domains;
using Prismatic.Domains.DueDiligence;
using Prismatic.Domains.Osint;
using Prismatic.Events;
using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Silo.Demo;

/// <summary>The platform's own host on free ports, so that it runs beside a silo; and the grains that the story talks to.</summary>
internal sealed class DemoSilo : IAsyncDisposable
{
    /// <summary>The default is 60 s; a story of a minute cannot wait that long for each outcome.</summary>
    public static readonly TimeSpan VerificationWindow = TimeSpan.FromSeconds(3);

    private readonly WebApplication _app;
    private readonly IGrainFactory _grains;

    private DemoSilo(WebApplication app, EventLog events, AdminApi admin, int siloPort)
    {
        _app = app;
        _grains = app.Services.GetRequiredService<IGrainFactory>();
        (Events, Admin, SiloPort) = (events, admin, siloPort);
    }

    public EventLog Events { get; }

    public AdminApi Admin { get; }

    public int SiloPort { get; }

    public string Address => _app.Urls.Single();

    public TimeProvider Time => _app.Services.GetRequiredService<TimeProvider>();

    public IAdapterRegistryGrain Adapters => _grains.GetGrain<IAdapterRegistryGrain>(IAdapterRegistryGrain.Key);

    public ISourceManagerGrain Sources => _grains.GetGrain<ISourceManagerGrain>(ISourceManagerGrain.Key);

    public ICaseManagerGrain Cases => _grains.GetGrain<ICaseManagerGrain>(ICaseManagerGrain.Key);

    public IEntityResolverGrain Resolver => _grains.GetGrain<IEntityResolverGrain>(IEntityResolverGrain.Key);

    public IPipelineCoordinatorGrain Pipeline => _grains.GetGrain<IPipelineCoordinatorGrain>(IPipelineCoordinatorGrain.Key);

    public ILessonsLearnedGrain Lessons => _grains.GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key);

    public ISupervisorGrain Supervisor(string path) => _grains.GetGrain<ISupervisorGrain>(path);

    public Task<TreeHealth> Health() => _grains.GetGrain<ISupervisionIntrospectorGrain>(ISupervisionIntrospectorGrain.Key).GetTreeHealth();

    public static async Task<DemoSilo> Start(DemoData data, Narrator narrator)
    {
        data.CopySamples();
        var ports = LoopbackSource.FreePorts(2);
        var options = new SiloOptions
        {
            DataDirectory = data.Directory,
            SiloPort = ports[0],
            GatewayPort = ports[1],
            Urls = ["http://127.0.0.1:0"],
            AdminTokenFile = data.TokenFile,
        };
        var events = new EventLog(narrator, TimeProvider.System);
        var app = SiloHost.Build(
            WebApplication.CreateBuilder(),
            options,
            tree => tree.Configure(settings =>
            {
                settings.VerificationWindow = VerificationWindow;

                // A lesson that tries a restart in place of the break makes another story, and this one is told in every run.
                settings.TryAlternatives = false;
            }),
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Logging.AddProvider(new LogFile(Path.Combine(data.Directory, "silo.log"), TimeProvider.System));
                builder.Services.AddSingleton<ISupervisionObserver>(events);
                builder.Services.Configure<DomainOptions>(domains => domains.ListDirectory = data.ListDirectory);
            });
        await SchemaMigration.Apply(app.Services.GetRequiredService<Database>());
        await app.StartAsync();
        return new DemoSilo(app, events, new AdminApi(new Uri(app.Urls.Single()), await File.ReadAllTextAsync(data.TokenFile)), options.SiloPort);
    }

    public void PrintSignInLink() => _app.Services.PrintSignInLink();

    public Task WaitForShutdown() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
