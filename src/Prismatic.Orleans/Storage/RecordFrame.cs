using System.Text.Json;

namespace Prismatic.Storage;

/// <summary>
/// The bytes of one stored record: a header of one line, in JSON, and the payload. A person with a database shell can read both.
/// <code>{"format":1,"checksum":"5b0c…","length":17,"schema":1,"writtenAt":"2026-01-01T00:00:00+00:00"}
/// {"Cases":["a"]}</code>
/// </summary>
internal static class RecordFrame
{
    /// <summary>The format this version writes, and the highest that it reads.</summary>
    public const int Format = 1;

    /// <summary>Room for the longest header that this version writes: about 130 bytes.</summary>
    public const int HeaderSpace = 256;

    // A damaged record is not searched further for the end of a line.
    private const int LongestHeader = 1024;

    private static readonly JsonSerializerOptions HeaderJson = new(JsonSerializerDefaults.Web);

    /// <summary>The record for <paramref name="envelope"/>. A damaged one gives back its bytes as they were.</summary>
    public static ReadOnlyMemory<byte> Write(StateEnvelope envelope)
    {
        if (envelope.Damage is not null)
        {
            return envelope.Payload;
        }

        if (!envelope.Record.IsEmpty)
        {
            return envelope.Record;
        }

        var bytes = new byte[HeaderSpace + envelope.Content.Length];
        envelope.Content.CopyTo(bytes.AsSpan(HeaderSpace));
        return Frame(bytes, envelope.Checksum, envelope.SchemaVersion, envelope.WrittenAt);
    }

    /// <summary>Writes the header right in front of the payload, which begins after <see cref="HeaderSpace"/> bytes; the record is the part from there.</summary>
    public static ReadOnlyMemory<byte> Frame(Memory<byte> bytes, string checksum, int schema, DateTimeOffset writtenAt)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(new Header(Format, checksum, bytes.Length - HeaderSpace, schema, writtenAt), HeaderJson);
        var start = HeaderSpace - header.Length - 1;
        header.CopyTo(bytes.Span[start..]);
        bytes.Span[HeaderSpace - 1] = (byte)'\n';
        return bytes[start..];
    }

    /// <summary>Reads any bytes; never throws. What cannot be read comes back damaged, with all its bytes.</summary>
    public static StateEnvelope Read(byte[] record)
    {
        var end = record.AsSpan(0, Math.Min(record.Length, LongestHeader)).IndexOf((byte)'\n');
        if (end < 0 || !TryReadHeader(record.AsSpan(0, end), out var header))
        {
            return StateEnvelope.Damaged(record, "it does not begin with a record header");
        }

        if (header.Format > Format)
        {
            return StateEnvelope.Damaged(
                record, $"it was written by a newer version of Prismatic (record format {header.Format}; this version reads up to {Format})");
        }

        var payload = record[(end + 1)..];
        if (payload.Length != header.Length)
        {
            return StateEnvelope.Damaged(record, $"it holds {payload.Length} bytes of state where its header says {header.Length}");
        }

        var envelope = new StateEnvelope
        {
            Payload = payload,
            Checksum = header.Checksum ?? "",
            SchemaVersion = header.Schema,
            WrittenAt = header.WrittenAt,
        };
        return envelope.FindDamage() is { } damage ? StateEnvelope.Damaged(record, damage) : envelope;
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> line, out Header header)
    {
        try
        {
            header = JsonSerializer.Deserialize<Header>(line, HeaderJson);
            return header.Format > 0;
        }
        catch (JsonException)
        {
            header = default;
            return false;
        }
    }

    private readonly record struct Header(int Format, string? Checksum, int Length, int Schema, DateTimeOffset WrittenAt);
}
