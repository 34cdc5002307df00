using System.Text.Json.Nodes;

namespace Prismatic.SystemTests.Infra;

/// <summary>One Kubernetes resource, as it would be sent to the API server.</summary>
internal sealed record Manifest(JsonObject Json)
{
    public string ApiVersion => Text("apiVersion");

    public string Kind => Text("kind");

    public string Name => Text("metadata.name");

    /// <summary>What lies at a path of names and positions, such as <c>spec.ports.0.port</c>; null when nothing does. A slash belongs to a name.</summary>
    public JsonNode? At(string path) => Json.At(path);

    /// <summary>The text at <paramref name="path"/>; empty when there is none.</summary>
    public string Text(string path) => At(path)?.ToString() ?? "";

    public Manifest Copy() => new((JsonObject)Json.DeepClone());

    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>Reads JSON whose shape is not known for sure.</summary>
internal static class JsonReading
{
    public static JsonNode? At(this JsonNode? node, string path) => path.Split('.').Aggregate(node, (found, name) => found switch
    {
        JsonObject children => children.TryGetPropertyValue(name, out var child) ? child : null,
        JsonArray items when int.TryParse(name, out var position) && position < items.Count => items[position],
        _ => null,
    });

    /// <summary>The elements of the array at <paramref name="path"/>; none when there is no array.</summary>
    public static IEnumerable<JsonNode> Each(this JsonNode? node, string path) => (node.At(path) as JsonArray ?? []).OfType<JsonNode>();

    public static string TextAt(this JsonNode? node, string path) => node.At(path)?.ToString() ?? "";

    public static int? NumberAt(this JsonNode? node, string path) => int.TryParse(node.TextAt(path), out var number) ? number : null;

    public static bool IsTrueAt(this JsonNode? node, string path) => node.TextAt(path) == "true";

    public static bool IsFalseAt(this JsonNode? node, string path) => node.TextAt(path) == "false";

    /// <summary>The label pairs at <paramref name="path"/>.</summary>
    public static IReadOnlyDictionary<string, string> PairsAt(this JsonNode? node, string path) =>
        (node.At(path) as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? "", StringComparer.Ordinal);
}
