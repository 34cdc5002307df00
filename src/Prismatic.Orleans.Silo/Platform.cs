using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Hosting;
using Orleans.Runtime;
using Prismatic.Domains.Core;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Silo;

/// <summary>What this silo is made of: storage, clustering, supervision and the pages that show it.</summary>
internal static class Platform
{
    private const string SqliteInvariant = "System.Data.SQLite";

    public static void UsePlatform(this WebApplicationBuilder builder, SiloOptions options, Action<SupervisionTreeBuilder>? tree = null, IPEndPoint? primary = null)
    {
        builder.Services.AddPrismaticDomains(domains => domains.DataDirectory = Path.Combine(options.DataDirectory, "documents"));
        builder.Services.AddPrismaticSupervisionDashboard();
        builder.UseOrleans(silo =>
        {
            silo = options.IsClustered ? silo.UsePostgres(options) : silo.UseSqlite(options, primary);
            silo.Configure<EndpointOptions>(endpoints => SetEndpoints(endpoints, options))
                .AddSupervision(declared =>
                {
                    PlatformTree.Declare(declared);
                    declared.Configure(supervision => supervision.RuleFile = options.RuleFile);
                    declared.Configure(supervision => supervision.LessonKey = options.LessonKeyFile is { } key ? Encoding.UTF8.GetBytes(File.ReadAllText(key).Trim()) : null);
                    tree?.Invoke(declared);
                })
                .AddDashboard();
            if (options.KubernetesHosting)
            {
                silo.UseKubernetesHosting();
            }

            if (options.Drills)
            {
                silo.AddSupervisionDrills();
            }
        });
    }

    public static void MapPlatform(this WebApplication app)
    {
        app.MapPrismaticSupervision(AdminAccess.Policy);
        app.MapOrleansDashboard("/dashboard").RequireAuthorization(AdminAccess.Policy);
    }

    /// <summary>One silo, or a drill's two in one process, with everything in one file.</summary>
    private static ISiloBuilder UseSqlite(this ISiloBuilder silo, SiloOptions options, IPEndPoint? primary)
    {
        silo.Services.AddSingleton(_ => SqliteDatabase.Open(options.DatabaseFile));
        return silo
            .UseLocalhostClustering(options.SiloPort, options.GatewayPort, primary, options.ServiceId, options.ClusterId)
            .UseStorage(SqliteInvariant)
            .UseInMemoryReminderService();
    }

    /// <summary>One of the silos that share a database, find one another there, and look after each other's reminders.</summary>
    private static ISiloBuilder UsePostgres(this ISiloBuilder silo, SiloOptions options)
    {
        silo.Services.AddSingleton(_ => PostgresDatabase.Open(options));
        silo.Services.AddSingleton<IDocumentStore>(services =>
            new DatabaseDocuments(services.GetRequiredService<Database>().Source, options.ServiceId, services.GetRequiredService<TimeProvider>()));
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, DepartedSilos>();
        return silo
            .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ServiceId))
            .UseAdoNetClustering((OptionsBuilder<AdoNetClusteringSiloOptions> clustering) => clustering.Configure<Database>((settings, database) =>
                (settings.Invariant, settings.DataSource) = (PostgresDatabase.Invariant, database.Source)))
            .UseMembershipSettings()
            .UseLeavingSettings()
            .UseStorage(PostgresDatabase.Invariant)
            .UseAdoNetReminderService((OptionsBuilder<AdoNetReminderTableOptions> reminders) => reminders.Configure<Database>((settings, database) =>
                (settings.Invariant, settings.DataSource) = (PostgresDatabase.Invariant, database.Source)));
    }

    private static ISiloBuilder UseStorage(this ISiloBuilder silo, string invariant)
    {
        return silo
            .AddAdoNetGrainStorageAsDefault((Action<OptionsBuilder<AdoNetGrainStorageOptions>>)Configure)
            .AddAdoNetGrainStorage(StorageNames.Provider, (Action<OptionsBuilder<AdoNetGrainStorageOptions>>)Configure);

        void Configure(OptionsBuilder<AdoNetGrainStorageOptions> storage) =>
            storage.Configure<Database, TimeProvider>((settings, database, time) =>
            {
                settings.Invariant = invariant;
                settings.DataSource = database.Source;
                settings.GrainStorageSerializer = new EnvelopeSerializer(time);
            });
    }

    private static void SetEndpoints(EndpointOptions endpoints, SiloOptions options)
    {
        var listen = options.ListenAddress ?? options.AdvertisedAddress;
        (endpoints.AdvertisedIPAddress, endpoints.SiloPort, endpoints.GatewayPort) = (options.AdvertisedAddress, options.SiloPort, options.GatewayPort);
        endpoints.SiloListeningEndpoint = new IPEndPoint(listen, options.SiloPort);
        endpoints.GatewayListeningEndpoint = new IPEndPoint(listen, options.GatewayPort);
    }
}
