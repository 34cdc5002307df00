using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Prismatic.ClientSample;

const int WrongUse = 2;

var (options, mistake) = SampleOptions.Read(args);
if (mistake is not null)
{
    Console.Error.WriteLine(mistake);
    Console.Error.WriteLine();
    Console.Error.WriteLine(SampleOptions.Usage);
    return WrongUse;
}

string? database = null;
if (options.DatabaseFile is { } file)
{
    try
    {
        database = (await File.ReadAllTextAsync(file)).Trim();
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"--database-file is {file}, which cannot be read: {e.Message}");
        return WrongUse;
    }
}

var narrator = new Narrator(Console.Out, TimeProvider.System);
var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Error);
builder.UseOrleansClient(client =>
{
    client.Configure<ClusterOptions>(cluster =>
    {
        cluster.ClusterId = options.ClusterId;
        cluster.ServiceId = options.ServiceId;
    });
    if (database is not null)
    {
        client.UseAdoNetClustering(clustering =>
        {
            clustering.Invariant = "Npgsql";
            clustering.ConnectionString = database;
        });
    }
    else
    {
        client.UseStaticClustering([.. options.Gateways]);
    }

    // A silo that left is looked for no longer than this, and one that came is found as soon.
    client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5));

    // A call whose silo died is answered by nobody: after this the caller decides what it means.
    client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(15));
    client.AddGatewayCountChangedHandler((_, change) => narrator.Gateways(change.NumberOfConnectedGateways, change.PreviousNumberOfConnectedGateways));
    client.AddClusterConnectionLostHandler((_, _) => narrator.Note("no gateway is left; calls fail until one is found again"));

    // The cluster may start after this program.
    client.UseConnectionRetryFilter(async (thrown, stop) =>
    {
        narrator.Note($"the cluster does not answer yet: {thrown.Message}");
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stop);
        return true;
    });

    // The worker's own exceptions and typed refusals in place of Orleans' rejections; what never started is sent again within a budget.
    client.AddSupervision();
});
builder.Services.AddSingleton(options).AddSingleton(narrator).AddSingleton(TimeProvider.System);
builder.Services.AddHostedService<Caller>();
using var host = builder.Build();
await host.RunAsync();
return 0;
