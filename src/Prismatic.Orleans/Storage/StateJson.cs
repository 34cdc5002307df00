using System.Text.Json;
using System.Text.Json.Serialization;

namespace Prismatic.Storage;

/// <summary>How states are written as JSON. Members that a record has and the type has not are skipped, so that fields may be added and removed.</summary>
internal static class StateJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        // A NaN in a worker's statistics must not make its state impossible to store.
        var options = new JsonSerializerOptions { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
