using System.Globalization;
using Orleans.Storage;

namespace Prismatic.Tests.Storage;

/// <summary>Grain storage that outlives every silo: one for all silos of a test, through the real record format, with versions.</summary>
internal sealed class SharedRecords(IGrainStorageSerializer serializer) : IGrainStorage
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string State, GrainId Grain), (byte[]? Bytes, int Version)> _rows = [];

    /// <summary>Which records cannot be written now; their writers meet a timeout, and nothing is stored.</summary>
    public Func<string, GrainId, bool>? Refuses { get; set; }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_lock)
        {
            var (bytes, version) = _rows.GetValueOrDefault((stateName, grainId));
            grainState.State = bytes is null ? Activator.CreateInstance<T>() : serializer.Deserialize<T>(new BinaryData(bytes))!;
            grainState.RecordExists = bytes is not null;
            grainState.ETag = version == 0 ? null : version.ToString(CultureInfo.InvariantCulture);
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Replace(stateName, grainId, grainState, serializer.Serialize(grainState.State).ToArray());

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Replace(stateName, grainId, grainState, null);
        grainState.State = Activator.CreateInstance<T>();
        return Task.CompletedTask;
    }

    private Task Replace<T>(string stateName, GrainId grainId, IGrainState<T> grainState, byte[]? bytes)
    {
        if (Refuses?.Invoke(stateName, grainId) is true)
        {
            throw new TimeoutException($"'{stateName}' of {grainId} could not be written in time.");
        }

        lock (_lock)
        {
            var version = _rows.GetValueOrDefault((stateName, grainId)).Version;
            if ((grainState.ETag ?? "0") != version.ToString(CultureInfo.InvariantCulture))
            {
                throw new InconsistentStateException($"'{stateName}' of {grainId} has version {version}; the write was made for {grainState.ETag}.");
            }

            _rows[(stateName, grainId)] = (bytes, version + 1);
            grainState.ETag = (version + 1).ToString(CultureInfo.InvariantCulture);
            grainState.RecordExists = bytes is not null;
        }

        return Task.CompletedTask;
    }
}
