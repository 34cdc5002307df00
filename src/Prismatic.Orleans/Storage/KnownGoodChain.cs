using Orleans.Storage;

namespace Prismatic.Storage;

/// <summary>
/// The known-good snapshots of one state, each in a record of its own, the newest always in the first. That one moves to the place of the oldest
/// before it is written over, so that a record that cannot be read, or that its own checks find damaged, leaves older ones to go back to.
/// </summary>
internal sealed class KnownGoodChain
{
    public const int Most = 10;

    private readonly StateRecord[] _records;
    private bool _read;

    public KnownGoodChain(IGrainStorage storage, string name, GrainId grain, int length) =>
        _records = [.. Enumerable.Range(1, Math.Clamp(length, 1, Most)).Select(place => new StateRecord(storage, NameOf(name, place), grain))];

    public static string NameOf(string state, int place) => place == 1 ? $"{state}~good" : $"{state}~good~{place}";

    /// <summary>The snapshots that are there, newest first.</summary>
    public async Task<IReadOnlyList<StateEnvelope>> Read(CancellationToken cancellationToken)
    {
        foreach (var record in _records)
        {
            await record.Read(cancellationToken);
        }

        _read = true;
        return
        [
            .. _records.Take(1).Where(record => record.Exists).Select(record => record.Envelope),
            .. _records.Skip(1).Where(record => record.Exists).Select(record => record.Envelope).OrderByDescending(envelope => envelope.WrittenAt),
        ];
    }

    /// <summary>Keeps a snapshot as the newest; the one that is that already is not kept twice.</summary>
    public async Task Save(StateEnvelope proven, CancellationToken cancellationToken)
    {
        if (!_read)
        {
            await Read(cancellationToken);
        }

        var newest = _records[0];
        if (newest.Exists && newest.Envelope.Checksum == proven.Checksum && newest.Envelope.WrittenAt == proven.WrittenAt)
        {
            return;
        }

        try
        {
            if (newest.Exists && newest.Envelope.FindDamage() is null && _records.Length > 1)
            {
                var older = _records[1..];
                var oldest = older.FirstOrDefault(record => !record.Exists) ?? older.MinBy(record => record.Envelope.WrittenAt)!;
                await oldest.Write(newest.Envelope);
            }

            await newest.Write(proven);
        }
        catch
        {
            _read = false;
            throw;
        }
    }

    /// <summary>Removes them all.</summary>
    public async Task Clear()
    {
        await Read(CancellationToken.None);
        foreach (var record in _records.Where(record => record.Exists))
        {
            await record.Clear();
        }
    }
}
