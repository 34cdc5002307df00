using System.Text.Json;
using Prismatic.Storage;

namespace Prismatic.Tests.Lessons;

/// <summary>Stored records as JSON text, in the memory of the test; writes can be made to fail before or after they are stored.</summary>
internal sealed class Storage
{
    private readonly Dictionary<string, string> _records = [];

    /// <summary>Called before each write with the state's name; throws to make it fail.</summary>
    public Action<string> Writing { get; set; } = _ => { };

    public List<string> Writes { get; } = [];

    public string? Read(string name, string key)
    {
        lock (_records)
        {
            return _records.GetValueOrDefault($"{name}/{key}");
        }
    }

    public void Write(string name, string key, string? json)
    {
        Writing(name);
        lock (_records)
        {
            Writes.Add(name);
            if (json is null)
            {
                _records.Remove($"{name}/{key}");
            }
            else
            {
                _records[$"{name}/{key}"] = json;
            }
        }
    }
}

internal sealed class MemoryState<T> : ISupervisedState<T>
    where T : class, new()
{
    private readonly Storage _storage;
    private readonly string _name;
    private readonly string _key;

    public MemoryState(Storage storage, string name, string key)
    {
        _storage = storage;
        _name = name;
        _key = key;
        Load();
    }

    public T Value { get; set; } = new();

    public bool Exists { get; private set; }

    public string? Restored => null;

    public Task WriteAsync()
    {
        _storage.Write(_name, _key, JsonSerializer.Serialize(Value));
        Exists = true;
        return Task.CompletedTask;
    }

    public Task ReadAsync()
    {
        Load();
        return Task.CompletedTask;
    }

    public Task ClearAsync()
    {
        _storage.Write(_name, _key, null);
        Load();
        return Task.CompletedTask;
    }

    private void Load()
    {
        var json = _storage.Read(_name, _key);
        Exists = json is not null;
        Value = json is null ? new T() : JsonSerializer.Deserialize<T>(json)!;
    }
}
