using System.Text.Json;
using Orleans.Storage;

namespace Prismatic.Storage;

/// <summary>
/// Serializer for the grain storage provider that holds supervised state; set it as the provider's <c>GrainStorageSerializer</c>.
/// Each record has a header with format version, length and checksum, and a JSON payload. Reading supervised state never throws: the
/// ADO.NET provider deserializes before it learns the row's version, and a row of unknown version could never be replaced.
/// </summary>
/// <param name="time">Gives the time that is written into each record.</param>
public sealed class EnvelopeSerializer(TimeProvider time) : IGrainStorageSerializer
{
    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input) =>
        new(RecordFrame.Write(input as StateEnvelope
            ?? StateEnvelope.Of(input, schemaVersion: 0, time.GetUtcNow(), sizeBefore: 0)));

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The record is damaged, and <typeparamref name="T"/> is not stored by the state facet.</exception>
    public T? Deserialize<T>(BinaryData input)
    {
        var envelope = RecordFrame.Read(input.ToArray());
        if (envelope is T supervised)
        {
            return supervised;
        }

        if (envelope.Damage is not null)
        {
            throw new InvalidDataException($"A stored record of {typeof(T)} cannot be used: {envelope.Damage}");
        }

        return JsonSerializer.Deserialize<T>(envelope.Content, StateJson.Options);
    }
}
