using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Prismatic.Storage;

/// <summary>
/// What the state facet stores in place of the state itself. A record that cannot be read becomes an envelope that says so, together with
/// its bytes: the storage provider then still learns the row's version, and the row can be replaced.
/// </summary>
[GenerateSerializer, Alias("prismatic.StateEnvelope")]
internal sealed class StateEnvelope
{
    [NonSerialized]
    private ReadOnlyMemory<byte> _content;

    [NonSerialized]
    private ReadOnlyMemory<byte> _record;

    /// <summary>The state as UTF-8 JSON; of a damaged record, all its bytes as they were found. A copy, where they are part of <see cref="Record"/>.</summary>
    [Id(0)]
    public byte[] Payload
    {
        get => MemoryMarshal.TryGetArray(_content, out var part) && part.Count == part.Array!.Length ? part.Array : _content.ToArray();
        set => (_content, _record) = (value, default);
    }

    /// <summary>XxHash64 of <see cref="Payload"/>, as 16 hexadecimal digits.</summary>
    [Id(1)]
    public string Checksum { get; set; } = "";

    /// <summary>The version of the state's shape that wrote it.</summary>
    [Id(2)]
    public int SchemaVersion { get; set; }

    /// <summary>When it was written.</summary>
    [Id(3)]
    public DateTimeOffset WrittenAt { get; set; }

    /// <summary>Why the record's frame could not be read; null when it could. An envelope with damage is stored as its bytes are.</summary>
    [Id(4)]
    public string? Damage { get; set; }

    /// <summary>The bytes of <see cref="Payload"/>, without a copy.</summary>
    public ReadOnlySpan<byte> Content => _content.Span;

    /// <summary>The whole stored record, where it was made with the state; empty where <see cref="RecordFrame"/> has to make it.</summary>
    public ReadOnlyMemory<byte> Record => _record;

    /// <summary>
    /// An intact envelope around <paramref name="state"/>, written behind its header at once: a supervisor's state may have several megabytes
    /// in a storm, and each copy of it is one more large object.
    /// </summary>
    public static StateEnvelope Of<T>(T state, int schemaVersion, DateTimeOffset writtenAt, int sizeBefore)
    {
        var buffer = new ArrayBufferWriter<byte>(RecordFrame.HeaderSpace + Math.Max(256, sizeBefore + (sizeBefore / 8)));
        buffer.Advance(RecordFrame.HeaderSpace);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            JsonSerializer.Serialize(writer, state, StateJson.Options);
        }

        var (bytes, content) = (MemoryMarshal.AsMemory(buffer.WrittenMemory), buffer.WrittenMemory[RecordFrame.HeaderSpace..]);
        var checksum = ChecksumOf(content.Span);
        return new StateEnvelope
        {
            _content = content,
            Checksum = checksum,
            SchemaVersion = schemaVersion,
            WrittenAt = writtenAt,
            _record = RecordFrame.Frame(bytes, checksum, schemaVersion, writtenAt),
        };
    }

    /// <summary>An intact envelope around <paramref name="payload"/>.</summary>
    public static StateEnvelope Seal(byte[] payload, int schemaVersion, DateTimeOffset writtenAt) =>
        new() { Payload = payload, Checksum = ChecksumOf(payload), SchemaVersion = schemaVersion, WrittenAt = writtenAt };

    /// <summary>An envelope for a record that could not be read.</summary>
    public static StateEnvelope Damaged(byte[] raw, string damage) => new() { Payload = raw, Damage = damage };

    /// <summary>What is wrong with the envelope, in a sentence, or null. Says nothing about the state inside.</summary>
    public string? FindDamage()
    {
        if (Damage is not null)
        {
            return Damage;
        }

        var actual = ChecksumOf(Content);
        return actual == Checksum ? null : $"the checksum of its state is {actual}, and {Checksum} was stored";
    }

    /// <summary>A short name for these bytes.</summary>
    public static string ChecksumOf(ReadOnlySpan<byte> payload) =>
        XxHash64.HashToUInt64(payload).ToString("x16", CultureInfo.InvariantCulture);
}
