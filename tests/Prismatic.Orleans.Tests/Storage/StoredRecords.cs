using Orleans.Storage;

namespace Prismatic.Tests.Storage;

/// <summary>Grain storage in a dictionary, through the real record format, with versions as the ADO.NET provider keeps them.</summary>
internal sealed class StoredRecords(IGrainStorageSerializer serializer) : IGrainStorage
{
    private readonly Dictionary<string, (byte[]? Bytes, int Version)> _rows = [];

    /// <summary>Writes in order, by state name.</summary>
    public List<string> Writes { get; } = [];

    /// <summary>Throws in place of the write of this state name.</summary>
    public Dictionary<string, Exception> FailingWrites { get; } = [];

    public byte[]? Bytes(string stateName) => _rows.TryGetValue(stateName, out var row) ? row.Bytes : null;

    public IEnumerable<string> Names => _rows.Where(row => row.Value.Bytes is not null).Select(row => row.Key).Order(StringComparer.Ordinal);

    /// <summary>Changes the stored bytes behind everybody's back, as a failing disk does: the version stays.</summary>
    public void Damage(string stateName, byte[] bytes) => _rows[stateName] = (bytes, _rows[stateName].Version);

    /// <summary>Another writer wins.</summary>
    public void Touch(string stateName) => _rows[stateName] = (_rows[stateName].Bytes, _rows[stateName].Version + 1);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var exists = _rows.TryGetValue(stateName, out var row) && row.Bytes is not null;
        grainState.State = exists ? serializer.Deserialize<T>(new BinaryData(row.Bytes!))! : Activator.CreateInstance<T>();
        grainState.RecordExists = exists;
        grainState.ETag = row.Version == 0 ? null : row.Version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (FailingWrites.TryGetValue(stateName, out var failure))
        {
            throw failure;
        }

        var version = CheckVersion(stateName, grainState.ETag) + 1;
        _rows[stateName] = (serializer.Serialize(grainState.State).ToArray(), version);
        Writes.Add(stateName);
        grainState.ETag = version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var version = CheckVersion(stateName, grainState.ETag) + 1;
        _rows[stateName] = (null, version);
        grainState.ETag = version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
        return Task.CompletedTask;
    }

    private int CheckVersion(string stateName, string? etag)
    {
        var version = _rows.TryGetValue(stateName, out var row) ? row.Version : 0;
        var expected = etag is null ? 0 : int.Parse(etag, System.Globalization.CultureInfo.InvariantCulture);
        return version == expected ? version : throw new InconsistentStateException($"version {version} is stored, {expected} was expected");
    }
}
