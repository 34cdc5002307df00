using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Prismatic.Domains.Core;

/// <summary>What one line of a journal says.</summary>
internal sealed record JournalEntry(string Id, long Version, DateTimeOffset WrittenAt, string Json);

/// <summary>A good line and where it is; the length includes the line feed.</summary>
internal readonly record struct JournalPlace(long Offset, int Length);

/// <summary>A journal as it was read: its good lines, and the ranges of bytes that are not one.</summary>
internal sealed record JournalScan(IReadOnlyList<(JournalPlace Place, JournalEntry Entry)> Good, IReadOnlyList<JournalPlace> Bad);

/// <summary>A line: the CRC of the JSON in eight hex digits, a blank, the JSON, a line feed.</summary>
internal static class JournalLine
{
    private const int Prefix = 9;

    public static byte[] Write(JournalEntry entry)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(entry);
        var line = new byte[Prefix + json.Length + 1];
        Encoding.ASCII.GetBytes(Crc32.Of(json).ToString("x8", CultureInfo.InvariantCulture), line);
        line[Prefix - 1] = (byte)' ';
        json.CopyTo(line, Prefix);
        line[^1] = (byte)'\n';
        return line;
    }

    /// <summary>The entry, or null when the bytes are not one whole good line.</summary>
    public static JournalEntry? Read(ReadOnlySpan<byte> line)
    {
        if (line.Length <= Prefix + 1 || line[^1] != '\n' || line[Prefix - 1] != ' ')
        {
            return null;
        }

        var json = line[Prefix..^1];
        return Utf8Parser.TryParse(line[..(Prefix - 1)], out uint crc, out var used, 'x') && used == Prefix - 1 && crc == Crc32.Of(json)
            ? JsonSerializer.Deserialize<JournalEntry>(json)
            : null;
    }

    public static JournalScan Scan(ReadOnlySpan<byte> bytes)
    {
        var good = new List<(JournalPlace, JournalEntry)>();
        var bad = new List<JournalPlace>();
        for (var start = 0; start < bytes.Length;)
        {
            var feed = bytes[start..].IndexOf((byte)'\n');
            var length = feed < 0 ? bytes.Length - start : feed + 1;
            var place = new JournalPlace(start, length);
            if (Read(bytes.Slice(start, length)) is { } entry)
            {
                good.Add((place, entry));
            }
            else
            {
                bad.Add(place);
            }

            start += length;
        }

        return new JournalScan(good, bad);
    }
}
