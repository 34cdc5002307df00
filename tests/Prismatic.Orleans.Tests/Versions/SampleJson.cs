using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Prismatic.Tests.Versions;

/// <summary>JSON of a type with something in every field, made from what the serializer knows of the type. The same each time.</summary>
internal sealed class SampleJson(JsonSerializerOptions options)
{
    private const int Deepest = 8;

    private int _number;

    public JsonNode? Of(Type type) => Of(type, Deepest);

    private JsonNode? Of(Type type, int depth)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Of(inner, depth);
        }

        if (Scalar(type) is { } scalar)
        {
            return scalar;
        }

        var info = options.GetTypeInfo(type);
        if (depth == 0)
        {
            return info.Kind switch { JsonTypeInfoKind.Enumerable => new JsonArray(), JsonTypeInfoKind.Dictionary => new JsonObject(), _ => null };
        }

        return info.Kind switch
        {
            JsonTypeInfoKind.Enumerable => ArrayOf(info.ElementType!, depth),
            JsonTypeInfoKind.Dictionary => new JsonObject { [KeyOf(info.KeyType!)] = Of(info.ElementType!, depth - 1) },
            JsonTypeInfoKind.Object => ObjectOf(info, depth),
            _ => throw new NotSupportedException($"{type} is written by a converter of its own: say here what its JSON looks like."),
        };
    }

    /// <summary>One element, or one of each kind where the type has several.</summary>
    private JsonArray ArrayOf(Type element, int depth) =>
        new([.. Kinds(options.GetTypeInfo(element)).DefaultIfEmpty(null).Select(kind => kind is null ? Of(element, depth - 1) : Derived(kind.Value, element, depth - 1))]);

    private JsonObject ObjectOf(JsonTypeInfo info, int depth)
    {
        var kinds = Kinds(info).ToList();
        return kinds.Count > 0 ? Derived(kinds[0]!.Value, info.Type, depth) : Fields(info, depth);
    }

    private JsonObject Derived(JsonDerivedType kind, Type declared, int depth)
    {
        var fields = Fields(options.GetTypeInfo(kind.DerivedType), depth);
        var named = new JsonObject { [options.GetTypeInfo(declared).PolymorphismOptions!.TypeDiscriminatorPropertyName] = JsonValue.Create(kind.TypeDiscriminator!.ToString()) };
        foreach (var (name, value) in fields.ToList())
        {
            fields.Remove(name);
            named[name] = value;
        }

        return named;
    }

    private JsonObject Fields(JsonTypeInfo info, int depth)
    {
        var made = new JsonObject();
        foreach (var field in info.Properties.Where(field => !field.IsExtensionData && (field.Set is not null || field.AssociatedParameter is not null)))
        {
            made[field.Name] = Of(field.PropertyType, depth - 1);
        }

        return made;
    }

    private static IEnumerable<JsonDerivedType?> Kinds(JsonTypeInfo info) =>
        info.PolymorphismOptions is { } several ? several.DerivedTypes.Select(kind => (JsonDerivedType?)kind) : [];

    private string KeyOf(Type type) => type == typeof(string) ? $"key-{++_number}" : Of(type)!.ToString();

    private JsonNode? Scalar(Type type)
    {
        if (type.IsEnum)
        {
            return JsonSerializer.SerializeToNode(Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1), type, options);
        }

        var n = ++_number;
        return type switch
        {
            _ when type == typeof(string) => JsonValue.Create($"text {n}"),
            _ when type == typeof(bool) => JsonValue.Create(true),
            _ when type == typeof(int) || type == typeof(long) || type == typeof(short) || type == typeof(byte) || type == typeof(uint) || type == typeof(ulong) => JsonValue.Create(n % 100),
            _ when type == typeof(double) || type == typeof(float) || type == typeof(decimal) => JsonValue.Create((n % 100) + 0.5),
            _ when type == typeof(TimeSpan) => JsonValue.Create($"00:00:{n % 60:00}"),
            _ when type == typeof(DateTimeOffset) => JsonValue.Create($"2026-01-01T00:00:{n % 60:00}+00:00"),
            _ when type == typeof(DateTime) => JsonValue.Create($"2026-01-01T00:00:{n % 60:00}Z"),
            _ when type == typeof(DateOnly) => JsonValue.Create($"2026-01-{(n % 28) + 1:00}"),
            _ when type == typeof(Guid) => JsonValue.Create($"00000000-0000-0000-0000-{n:000000000000}"),
            _ when type == typeof(Uri) => JsonValue.Create($"https://example.invalid/{n}"),
            _ when type == typeof(byte[]) => JsonValue.Create(Convert.ToBase64String([1, 2, 3])),
            _ => null,
        };
    }
}
