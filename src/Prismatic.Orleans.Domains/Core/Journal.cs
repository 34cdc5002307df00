using System.Globalization;

namespace Prismatic.Domains.Core;

/// <summary>What is stored is not what was written: bytes were cut off, added or changed behind the worker's back.</summary>
[GenerateSerializer, Alias("prismatic.domains.JournalDamagedException")]
internal sealed class JournalDamagedException(string where, string damage)
    : IOException($"{where} is damaged: {damage} The next incarnation sets what is damaged aside.");

/// <summary>
/// One collection's file. Opening it sets aside every line that is not whole (a torn last line after a power cut, rotten bytes in the
/// middle); after that it trusts only what it can check, and throws when the file is not as it left it.
/// </summary>
internal sealed class Journal : IDocumentLog
{
    private readonly string _path;
    private readonly Dictionary<string, JournalPlace> _newest = [];
    private long _length;

    private Journal(string path, long length, JournalScan scan)
    {
        _path = path;
        _length = length;
        foreach (var (place, entry) in scan.Good)
        {
            _newest[entry.Id] = place;
        }
    }

    public static OpenedCollection Open(string path, TimeProvider time)
    {
        var bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        var scan = JournalLine.Scan(bytes);
        if (scan.Bad.Count == 0)
        {
            return new OpenedCollection(new Journal(path, bytes.Length, scan), [.. scan.Good.Select(good => good.Entry)], 0, 0, null);
        }

        var stamp = time.GetUtcNow().ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture);
        var aside = $"{path}.damaged-{stamp}";
        WriteWhole(aside, bytes, scan.Bad);
        WriteWhole(path + ".new", bytes, scan.Good.Select(good => good.Place));
        File.Move(path + ".new", path, overwrite: true);
        return Open(path, time) with { LostLines = scan.Bad.Count, LostBytes = scan.Bad.Sum(place => (long)place.Length), SetAside = aside };
    }

    /// <summary>Appends a line and flushes it to disk.</summary>
    public Task Append(JournalEntry entry)
    {
        var line = JournalLine.Write(entry);
        using var file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        if (file.Length != _length)
        {
            throw Damaged($"it has {file.Length} bytes where {_length} were written.");
        }

        file.Seek(0, SeekOrigin.End);
        file.Write(line);
        file.Flush(flushToDisk: true);
        _newest[entry.Id] = new JournalPlace(_length, line.Length);
        _length += line.Length;
        return Task.CompletedTask;
    }

    public Task<JournalEntry?> Read(string id)
    {
        if (!_newest.TryGetValue(id, out var place))
        {
            return Task.FromResult<JournalEntry?>(null);
        }

        using var file = File.OpenHandle(_path);
        var line = new byte[place.Length];
        var read = RandomAccess.Read(file, line, place.Offset);
        return Task.FromResult<JournalEntry?>(
            JournalLine.Read(line.AsSpan(0, read)) ?? throw Damaged($"the line at byte {place.Offset} does not fit its checksum."));
    }

    private JournalDamagedException Damaged(string damage) => new($"The journal {_path}", damage);

    private static void WriteWhole(string path, byte[] bytes, IEnumerable<JournalPlace> places)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        foreach (var place in places)
        {
            file.Write(bytes, (int)place.Offset, place.Length);
        }

        file.Flush(flushToDisk: true);
    }
}
