using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Prismatic.Domains.Osint.Adapters;

/// <summary>Reads rows from a source's JSON. Another shape than agreed is a JsonException: the source has changed.</summary>
internal static class JsonRows
{
    public static ImmutableArray<OsintItem> Read(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        var root = json.RootElement;
        var rows = root.ValueKind is JsonValueKind.Object && root.TryGetProperty("items", out var items) ? items : root;
        return rows.ValueKind is JsonValueKind.Array
            ? [.. rows.EnumerateArray().Select(Row)]
            : throw new JsonException("The answer is neither an array of rows nor an object with 'items'.");
    }

    public static OsintItem ReadRdap(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        var root = json.RootElement;
        var name = root.ValueKind is JsonValueKind.Object && root.TryGetProperty("ldhName", out var ldh) && ldh.ValueKind is JsonValueKind.String
            ? ldh.GetString()!
            : throw new JsonException("The RDAP answer has no 'ldhName'.");
        var fields = Array(root, "events").Where(e => Text(e, "eventAction") is not null)
            .GroupBy(e => "event." + Text(e, "eventAction"))
            .ToImmutableDictionary(group => group.Key, group => Text(group.Last(), "eventDate") ?? "");
        fields = fields.SetItem("status", string.Join(", ", Array(root, "status").Select(Plain)));
        fields = fields.SetItem("nameservers", string.Join(", ", Array(root, "nameservers").Select(server => Text(server, "ldhName"))));
        return new OsintItem { Id = Text(root, "handle") ?? name, Name = name, Fields = fields };
    }

    private static OsintItem Row(JsonElement row, int index)
    {
        if (row.ValueKind is not JsonValueKind.Object || Text(row, "name") is not { Length: > 0 } name)
        {
            throw new JsonException($"Row {index} is not an object with a 'name'.");
        }

        return new OsintItem
        {
            Id = row.TryGetProperty("id", out var id) ? Plain(id) : index.ToString(CultureInfo.InvariantCulture),
            Name = name,
            Fields = row.EnumerateObject().Where(property => property.Name is not ("id" or "name"))
                .GroupBy(property => property.Name)
                .ToImmutableDictionary(group => group.Key, group => Plain(group.Last().Value)),
        };
    }

    private static string Plain(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;

    private static JsonElement.ArrayEnumerator Array(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Array ? value.EnumerateArray() : default;
}
