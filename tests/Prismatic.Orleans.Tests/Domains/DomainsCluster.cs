using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Core.Internal;
using Orleans.Runtime;
using Orleans.TestingHost;
using Prismatic.Breakers;
using Prismatic.Domains;
using Prismatic.Storage;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Domains;

/// <summary>One silo with the workers, state in memory (as JSON, as it is stored), breakers that a test opens by hand, and loopback sources.</summary>
public sealed class DomainsCluster : IAsyncLifetime
{
    private readonly InProcessTestCluster _cluster;
    private readonly List<WebApplication> _sources = [];

    public DomainsCluster()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddPrismaticDomains(Configure);
            silo.Services.AddSingleton(Records);
            silo.Services.AddSingleton<ICircuitBreakers>(Breakers);
            silo.Services.AddSingleton<IAttributeToFactoryMapper<SupervisedStateAttribute>, RecordMapper>();
        });
        _cluster = builder.Build();
    }

    public string DataDirectory { get; } = Directory.CreateTempSubdirectory("prismatic-domains-").FullName;

    public TestRecords Records { get; } = new();

    public TestBreakers Breakers { get; } = new();

    public T Worker<T>(string key)
        where T : IGrainWithStringKey => _cluster.Client.GetGrain<T>(key);

    /// <summary>Ends the grain's activation, as a restart does, and returns when it has ended.</summary>
    public static async Task Restart(IGrainWithStringKey worker) =>
        await worker.AsReference<IGrainManagementExtension>().DeactivateOnIdle();

    /// <summary>The mistake names the parameter. Orleans carries an ArgumentException's message, which ends with the name, and not its ParamName.</summary>
    public static void AssertNames(string parameter, ArgumentException mistake) =>
        Assert.EndsWith($"(Parameter '{parameter}')", mistake.Message, StringComparison.Ordinal);

    /// <summary>A source on loopback that answers every request by <paramref name="answer"/>.</summary>
    public async Task<string> Serve(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var source = builder.Build();
        source.Run(answer.Invoke);
        await source.StartAsync();
        _sources.Add(source);
        return source.Urls.Single();
    }

    public Task<string> ServeJson(string json) => Serve(context => context.Response.WriteAsync(json));

    /// <summary>An address on loopback where nobody listens.</summary>
    public static string RefusedAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }

    public async ValueTask InitializeAsync() => await _cluster.DeployAsync();

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        foreach (var source in _sources)
        {
            await source.DisposeAsync();
        }

        Directory.Delete(DataDirectory, recursive: true);
    }

    private void Configure(DomainOptions options)
    {
        options.DataDirectory = DataDirectory;
        options.PipelineRetry = TimeSpan.FromMilliseconds(20);
    }
}

/// <summary>Stored records by state name and grain, as JSON.</summary>
public sealed class TestRecords
{
    public ConcurrentDictionary<string, string> Json { get; } = new();
}

public sealed class TestBreakers : ICircuitBreakers
{
    public ConcurrentDictionary<string, bool> Open { get; } = new();

    public ConcurrentQueue<string> Calls { get; } = new();

    public Task<T> Execute<T>(string target, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken = default)
    {
        Calls.Enqueue(target);
        return Open.ContainsKey(target) ? throw new BreakerOpenException(target, TimeSpan.FromSeconds(30)) : call(cancellationToken);
    }

    public BreakerView Get(string target) => new() { Target = target, State = Open.ContainsKey(target) ? BreakerState.Open : BreakerState.Closed };
}

internal sealed class RecordMapper : IAttributeToFactoryMapper<SupervisedStateAttribute>
{
    public Factory<IGrainContext, object> GetFactory(ParameterInfo parameter, SupervisedStateAttribute metadata)
    {
        var type = typeof(MemoryState<>).MakeGenericType(parameter.ParameterType.GetGenericArguments());
        return context => Activator.CreateInstance(type, context.ActivationServices.GetRequiredService<TestRecords>(), metadata.Name, context.GrainId.ToString())!;
    }
}

internal sealed class MemoryState<T> : ISupervisedState<T>
    where T : class, new()
{
    private readonly TestRecords _records;
    private readonly string _name;
    private readonly string _grain;

    public MemoryState(TestRecords records, string name, string grain)
    {
        (_records, _name, _grain) = (records, name, grain);
        Value = Read();
    }

    public T Value { get; set; }

    public bool Exists => _records.Json.ContainsKey(Key);

    public string? Restored => null;

    private string Key => $"{_name}/{_grain}";

    public Task WriteAsync()
    {
        _records.Json[Key] = JsonSerializer.Serialize(Value);
        return Task.CompletedTask;
    }

    public Task ReadAsync()
    {
        Value = Read();
        return Task.CompletedTask;
    }

    public Task ClearAsync()
    {
        _records.Json.TryRemove(Key, out _);
        Value = new T();
        return Task.CompletedTask;
    }

    private T Read()
    {
        var value = _records.Json.TryGetValue(Key, out var json) ? JsonSerializer.Deserialize<T>(json)! : new T();
        return (value as ICheckedState)?.FindDamage() is { } damage ? throw new StateDamagedException(_name, _grain, damage) : value;
    }
}
