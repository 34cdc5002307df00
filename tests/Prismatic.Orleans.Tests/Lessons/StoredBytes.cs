using System.Collections.Concurrent;
using System.Text;
using Orleans.Runtime;
using Orleans.Storage;
using Prismatic.Storage;

namespace Prismatic.Tests.Lessons;

/// <summary>One storage for all silos of a test cluster, which holds each record as the bytes that a database row would hold.</summary>
internal sealed class StoredBytes : IGrainStorage
{
    private readonly ConcurrentDictionary<string, (byte[] Bytes, long Version)> _records = new();
    private readonly EnvelopeSerializer _serializer = new(TimeProvider.System);

    /// <summary>All records as text, by name and grain.</summary>
    public IReadOnlyDictionary<string, string> Texts => _records.ToDictionary(record => record.Key, record => Encoding.UTF8.GetString(record.Value.Bytes));

    /// <summary>Replaces the bytes of the records whose key contains <paramref name="part"/>.</summary>
    public void Damage(string part, string bytes)
    {
        foreach (var key in _records.Keys.Where(key => key.Contains(part, StringComparison.Ordinal)))
        {
            _records[key] = (Encoding.UTF8.GetBytes(bytes), _records[key].Version);
        }
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_records.TryGetValue(Key(stateName, grainId), out var record))
        {
            grainState.State = _serializer.Deserialize<T>(new BinaryData(record.Bytes))!;
            (grainState.RecordExists, grainState.ETag) = (true, $"{record.Version}");
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var bytes = _serializer.Serialize(grainState.State).ToArray();
        var seen = grainState.ETag is { } tag ? long.Parse(tag, System.Globalization.CultureInfo.InvariantCulture) : 0;
        var stored = _records.AddOrUpdate(
            Key(stateName, grainId),
            _ => (bytes, 1),
            (_, record) => record.Version == seen ? (bytes, seen + 1) : throw new InconsistentStateException("Somebody else wrote.", $"{record.Version}", $"{seen}"));
        (grainState.RecordExists, grainState.ETag) = (true, $"{stored.Version}");
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        _records.TryRemove(Key(stateName, grainId), out _);
        (grainState.RecordExists, grainState.ETag) = (false, null);
        return Task.CompletedTask;
    }

    private static string Key(string stateName, GrainId grainId) => $"{stateName}/{grainId}";
}
