using Orleans.Storage;

namespace Prismatic.Storage;

/// <summary>One stored record of one grain, with the version under which it was last seen.</summary>
internal sealed class StateRecord(IGrainStorage storage, string name, GrainId grain)
{
    private readonly GrainState<StateEnvelope> _record = new(new StateEnvelope());

    public string Name => name;

    public bool Exists => _record.RecordExists;

    public StateEnvelope Envelope => _record.State!;

    public Task Read(CancellationToken cancellationToken) => storage.ReadStateAsync(name, grain, _record, cancellationToken);

    /// <summary>Stores <paramref name="envelope"/> if nobody else wrote the record since it was last read or written here.</summary>
    public async Task Write(StateEnvelope envelope)
    {
        var before = _record.State;
        _record.State = envelope;
        try
        {
            await storage.WriteStateAsync(name, grain, _record);
        }
        catch
        {
            _record.State = before;
            throw;
        }
    }

    public Task Clear() => storage.ClearStateAsync(name, grain, _record);
}
