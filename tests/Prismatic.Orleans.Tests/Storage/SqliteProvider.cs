using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using Prismatic.Silo;
using Prismatic.Storage;

namespace Prismatic.Tests.Storage;

/// <summary>Orleans' own ADO.NET provider on a real file, set up as the host sets it up, without a silo.</summary>
internal sealed class SqliteProvider : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("prismatic-tests-");
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    private SqliteProvider()
    {
        Described = SqliteDatabase.Open(File);
        var settings = new AdoNetGrainStorageOptions
        {
            Invariant = "System.Data.SQLite",
            DataSource = Database,
            GrainStorageSerializer = new EnvelopeSerializer(TimeProvider.System),
        };
        Storage = new AdoNetGrainStorage(
            _services.GetRequiredService<IActivatorProvider>(),
            NullLogger<AdoNetGrainStorage>.Instance,
            Options.Create(settings),
            Options.Create(new ClusterOptions { ServiceId = "tests" }),
            StorageNames.Provider);
    }

    public string File => Path.Combine(_directory.FullName, "prismatic.db");

    public Database Described { get; }

    public DbDataSource Database => Described.Source;

    public AdoNetGrainStorage Storage { get; }

    public static async Task<SqliteProvider> Start()
    {
        var provider = new SqliteProvider();
        await SchemaMigration.Apply(provider.Described);
        await provider.Storage.Init();
        return provider;
    }

    public async Task Execute(string sql, params (string Name, object Value)[] parameters)
    {
        await using var connection = await Database.OpenConnectionAsync();
        await using var command = (SqliteCommand)connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _services.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
    }
}

internal static class ProviderStart
{
    /// <summary>Runs what a silo's lifecycle would run.</summary>
    public static async Task Init(this AdoNetGrainStorage storage)
    {
        var lifecycle = new CapturingLifecycle();
        storage.Participate(lifecycle);
        await lifecycle.Observer!.OnStart(CancellationToken.None);
    }

    private sealed class CapturingLifecycle : ISiloLifecycle
    {
        public ILifecycleObserver? Observer { get; private set; }

        public int HighestCompletedStage => int.MinValue;

        public int LowestStoppedStage => int.MaxValue;

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            Observer = observer;
            return new Subscription();
        }
    }

    private sealed class Subscription : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
