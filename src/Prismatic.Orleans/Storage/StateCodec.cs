using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Prismatic.Storage;

/// <summary>Turns a state into an envelope and back, and says what is wrong when there is no way back.</summary>
internal static class StateCodec
{
    /// <summary>The envelope for a state, of about <paramref name="sizeBefore"/> bytes when it was last stored.</summary>
    public static StateEnvelope Encode<T>(T state, int schemaVersion, DateTimeOffset now, int sizeBefore = 0) =>
        StateEnvelope.Of(state, schemaVersion, now, sizeBefore);

    /// <summary>
    /// The state in <paramref name="envelope"/>, or a sentence about its damage. Only bytes that are wrong, a newer schema, and the state's
    /// own check count; any other exception (of a setter, or of the check itself) is a bug and no evidence, and passes through.
    /// </summary>
    public static bool TryDecode<T>(
        StateEnvelope envelope, int schemaVersion, [NotNullWhen(true)] out T? state, [NotNullWhen(false)] out string? damage)
        where T : class
    {
        state = null;
        damage = envelope.FindDamage();
        if (damage is null && envelope.SchemaVersion > schemaVersion)
        {
            damage = $"it has schema version {envelope.SchemaVersion}, and this version of the worker reads up to {schemaVersion}";
        }

        if (damage is not null)
        {
            return false;
        }

        try
        {
            state = JsonSerializer.Deserialize<T>(envelope.Content, StateJson.Options);
        }
        catch (JsonException e)
        {
            // The exception's own message may quote the stored text; path and position are enough to find it.
            damage = $"its JSON does not fit {typeof(T).Name} at {e.Path ?? "$"}, line {e.LineNumber + 1}, byte {e.BytePositionInLine}";
            return false;
        }

        damage = state is null ? "it holds the JSON value null" : (state as ICheckedState)?.FindDamage();
        return damage is null;
    }
}
