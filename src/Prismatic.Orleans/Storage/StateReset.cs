using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Prismatic.Storage;

/// <summary>
/// Replaces a record that cannot be used: keeps its bytes, then writes the known-good state over it. An activation that dies in between
/// leaves a record that is still damaged, and the next one goes the same way; the bytes are kept once.
/// </summary>
internal sealed class StateReset(StateIdentity identity, IGrainStorage storage, TimeProvider time, ILogger logger)
{
    /// <summary>Carries the reset out and tells what was put back, as a state and as a sentence.</summary>
    /// <param name="damaged">The record, as read; it is written under the version it was read with.</param>
    /// <param name="good">The known-good snapshots; they are read here.</param>
    /// <param name="damage">What is wrong with <paramref name="damaged"/>.</param>
    /// <param name="resetId">The order's id; null when there is none and <see cref="DamagePolicy.SetAside"/> acts by itself.</param>
    /// <param name="cancellationToken">Ends the reads.</param>
    public async Task<(T State, string Restored)> Carry<T>(
        StateRecord damaged, KnownGoodChain good, string damage, string? resetId, CancellationToken cancellationToken)
        where T : class, new()
    {
        var replaced = damaged.Envelope.Payload;
        var keptAs = await KeepAside(replaced, resetId ?? StateEnvelope.ChecksumOf(replaced), cancellationToken);
        var (state, source) = await FindGood<T>(good, cancellationToken);
        await damaged.Write(StateCodec.Encode(state, identity.Schema, time.GetUtcNow()));

        var restored = $"The stored state '{identity.Name}' could not be used: {damage}. {source} The replaced bytes are kept as '{keptAs}'.";
        if (resetId is null)
        {
            StorageLog.StateSetAside(logger, identity.Name, identity.Grain, damage, source, keptAs);
        }
        else
        {
            StorageLog.StateReset(logger, identity.Name, identity.Grain, resetId, damage, source, keptAs);
        }

        return (state, restored);
    }

    private async Task<string> KeepAside(byte[] replaced, string resetId, CancellationToken cancellationToken)
    {
        var name = $"{identity.Name}~replaced~{resetId}";
        if (!await TryKeep(name, replaced, cancellationToken))
        {
            // The same order already kept other bytes: the record was damaged again before the order was settled.
            name = $"{name}~{StateEnvelope.ChecksumOf(replaced)}";
            await TryKeep(name, replaced, cancellationToken);
        }

        return name;
    }

    private async Task<bool> TryKeep(string name, byte[] replaced, CancellationToken cancellationToken)
    {
        var kept = new StateRecord(storage, name, identity.Grain);
        await kept.Read(cancellationToken);
        if (kept.Exists && kept.Envelope.FindDamage() is null)
        {
            return kept.Envelope.Content.SequenceEqual(replaced);
        }

        await kept.Write(StateEnvelope.Seal(replaced, schemaVersion: 0, time.GetUtcNow()));
        return true;
    }

    private async Task<(T State, string Source)> FindGood<T>(KnownGoodChain good, CancellationToken cancellationToken)
        where T : class, new()
    {
        var snapshots = await good.Read(cancellationToken);
        if (snapshots.Count == 0)
        {
            return (new T(), "There was no known-good snapshot, so it starts anew.");
        }

        var problems = new List<string>();
        foreach (var snapshot in snapshots)
        {
            if (StateCodec.TryDecode<T>(snapshot, identity.Schema, out var state, out var damage))
            {
                var writtenAt = snapshot.WrittenAt.ToString("u", CultureInfo.InvariantCulture);
                var newer = problems.Count == 0 ? "" : $" {problems.Count} newer could not be used ({string.Join("; ", problems)}).";
                return (state, $"The known-good snapshot written at {writtenAt} was put back.{newer}");
            }

            problems.Add(damage);
        }

        return (new T(), snapshots.Count == 1
            ? $"Its known-good snapshot cannot be used either ({problems[0]}), so it starts anew."
            : $"None of its {snapshots.Count} known-good snapshots can be used either ({string.Join("; ", problems)}), so it starts anew.");
    }
}
