using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using Orleans.Runtime;
using Orleans.Storage;
using Prismatic.Storage;

namespace Prismatic.Tests.Remediation;

/// <summary>Records as JSON text with a version, shared by all silos of a test: what is written is what a restart finds.</summary>
internal sealed class InMemoryRecords : IAttributeToFactoryMapper<SupervisedStateAttribute>
{
    public ConcurrentDictionary<string, (long Version, string Json)> Records { get; } = new();

    public Factory<IGrainContext, object> GetFactory(ParameterInfo parameter, SupervisedStateAttribute metadata)
    {
        var state = typeof(InMemoryState<>).MakeGenericType(parameter.ParameterType.GetGenericArguments());
        return context => Activator.CreateInstance(state, this, $"{metadata.Name}/{context.GrainId}")!;
    }
}

/// <summary>The state facet without supervision: a write fails when another one wrote since.</summary>
internal sealed class InMemoryState<T> : ISupervisedState<T>
    where T : class, new()
{
    private readonly InMemoryRecords _records;
    private readonly string _key;
    private long _version;

    public InMemoryState(InMemoryRecords records, string key)
    {
        _records = records;
        _key = key;
        Read();
    }

    public T Value { get; set; } = new();

    public bool Exists => _version > 0;

    public string? Restored { get; init; }

    public Exception? FailWritesWith { get; set; }

    public int Writes { get; private set; }

    public Task WriteAsync()
    {
        if (FailWritesWith is { } failure)
        {
            throw failure;
        }

        var json = JsonSerializer.Serialize(Value);
        var written = _version == 0
            ? _records.Records.TryAdd(_key, (1, json))
            : _records.Records.TryGetValue(_key, out var found) && found.Version == _version && _records.Records.TryUpdate(_key, (_version + 1, json), found);
        if (!written)
        {
            throw new InconsistentStateException($"{_key} was written by another activation since version {_version}.");
        }

        _version++;
        Writes++;
        return Task.CompletedTask;
    }

    public Task ReadAsync()
    {
        Read();
        return Task.CompletedTask;
    }

    public Task ClearAsync()
    {
        _records.Records.TryRemove(_key, out _);
        Read();
        return Task.CompletedTask;
    }

    private void Read() => (_version, Value) = _records.Records.TryGetValue(_key, out var found)
        ? (found.Version, JsonSerializer.Deserialize<T>(found.Json)!)
        : (0, new T());
}
