using System.Security.Cryptography;
using Orleans.Storage;

namespace Prismatic.Control;

/// <summary>
/// The secret that all silos of a cluster share and no client holds. Configured, or made by the first silo that needs it and kept in
/// the cluster's grain storage, where the write of one of several silos wins and the others read it.
/// </summary>
/// <param name="configured">The key from configuration; null to keep it in storage.</param>
/// <param name="storage">The cluster's grain storage; asked for only when nothing is configured.</param>
internal sealed class ControlKey(byte[]? configured, Func<IGrainStorage> storage)
{
    public const int Length = 32;
    public const string StateName = "control-key";

    // Each round that loses the race finds the winner's key in the next, so more rounds than this mean a storage that does neither.
    private const int MaxRounds = 5;

    public static readonly GrainId Owner = GrainId.Create("prismatic-control-key", "cluster");

    private readonly Lock _start = new();
    private Task<byte[]>? _reading;

    /// <summary>The key. Read once; a reading that failed is tried again by the next who asks.</summary>
    public ValueTask<byte[]> GetAsync()
    {
        if (configured is not null)
        {
            return configured.Length >= Length
                ? ValueTask.FromResult(configured)
                : throw new InvalidOperationException($"The configured control key has {configured.Length} bytes; it needs at least {Length}.");
        }

        lock (_start)
        {
            if (_reading is null or { IsFaulted: true } or { IsCanceled: true })
            {
                // Not in the turn of the grain that happened to ask first: others wait for the same reading.
                _reading = Task.Run(ReadOrCreate);
            }

            return new ValueTask<byte[]>(_reading);
        }
    }

    private async Task<byte[]> ReadOrCreate()
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var state = new GrainState<ControlKeyRecord>(new ControlKeyRecord());
            await storage().ReadStateAsync(StateName, Owner, state);
            if (state.RecordExists)
            {
                return Decode(state.State?.Key);
            }

            var key = RandomNumberGenerator.GetBytes(Length);
            state.State = new ControlKeyRecord { Key = Convert.ToBase64String(key) };
            try
            {
                await storage().WriteStateAsync(StateName, Owner, state);
                return key;
            }
            catch (InconsistentStateException)
            {
                // Another silo wrote first: its key is the cluster's.
            }
        }

        throw new InvalidOperationException($"The cluster's control key could neither be read nor be written in {MaxRounds} rounds; control calls are refused.");
    }

    private static byte[] Decode(string? text)
    {
        var key = new byte[Length];
        return Convert.TryFromBase64String(text ?? "", key, out var written) && written == Length
            ? key
            : throw new InvalidOperationException(
                $"The stored control key '{StateName}' of {Owner} cannot be read; control calls are refused. Remove the record and restart all silos to make a new one.");
    }
}
