using System.Globalization;
using System.IO.Hashing;

namespace Prismatic.Storage;

/// <summary>
/// What the state facet stores in place of the state itself. A record that cannot be read becomes an envelope that says so, together with
/// its bytes: the storage provider then still learns the row's version, and the row can be replaced.
/// </summary>
[GenerateSerializer, Alias("prismatic.StateEnvelope")]
internal sealed class StateEnvelope
{
    /// <summary>The state as UTF-8 JSON; of a damaged record, all its bytes as they were found.</summary>
    [Id(0)]
    public byte[] Payload { get; set; } = [];

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

        var actual = ChecksumOf(Payload);
        return actual == Checksum ? null : $"the checksum of its state is {actual}, and {Checksum} was stored";
    }

    /// <summary>A short name for these bytes.</summary>
    public static string ChecksumOf(ReadOnlySpan<byte> payload) =>
        XxHash64.HashToUInt64(payload).ToString("x16", CultureInfo.InvariantCulture);
}
