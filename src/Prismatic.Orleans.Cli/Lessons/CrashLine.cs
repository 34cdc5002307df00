using System.Collections.Immutable;
using System.Text.Json;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Cli.Lessons;

/// <summary>One line of a file of crashes.</summary>
/// <param name="Id">The crash's id in its file.</param>
/// <param name="Facts">What is known of the crash.</param>
internal sealed record CrashLine(string Id, CrashFacts Facts)
{
    /// <summary>
    /// Reads a line: <c>id</c> and <c>exception_type</c> must be there; <c>message</c>, <c>stack</c> and <c>inner</c> may be missing or null.
    /// Other fields are none of ours. Each mistake is a sentence that begins with the field.
    /// </summary>
    public static CrashLine? Read(string line, out ImmutableArray<string> mistakes)
    {
        ArgumentNullException.ThrowIfNull(line);
        var found = ImmutableArray.CreateBuilder<string>();
        CrashLine? crash = null;
        try
        {
            using var document = JsonDocument.Parse(line);
            crash = Read(document.RootElement, found);
        }
        catch (JsonException e)
        {
            found.Add($"the line is no JSON: {e.Message}");
        }

        mistakes = found.ToImmutable();
        return mistakes.IsEmpty ? crash : null;
    }

    private static CrashLine? Read(JsonElement line, ImmutableArray<string>.Builder mistakes)
    {
        if (line.ValueKind != JsonValueKind.Object)
        {
            mistakes.Add($"the line is {Name(line)}; expected an object.");
            return null;
        }

        var id = Text(line, "id", "id", required: true, mistakes);
        var type = Text(line, "exception_type", "exception_type", required: true, mistakes);
        var message = Text(line, "message", "message", required: false, mistakes);
        var stack = Text(line, "stack", "stack", required: false, mistakes);
        var inner = Inner(line, mistakes);
        return mistakes.Count == 0 ? new CrashLine(id, RecordedCrash.Read(type, message, stack, inner)) : null;
    }

    private static List<(string Type, string Message)> Inner(JsonElement line, ImmutableArray<string>.Builder mistakes)
    {
        var exceptions = new List<(string, string)>();
        if (!line.TryGetProperty("inner", out var inner) || inner.ValueKind == JsonValueKind.Null)
        {
            return exceptions;
        }

        if (inner.ValueKind != JsonValueKind.Array)
        {
            mistakes.Add($"inner is {Name(inner)}; expected an array of objects with type and message.");
            return exceptions;
        }

        foreach (var exception in inner.EnumerateArray())
        {
            var field = $"inner[{exceptions.Count}]";
            if (exception.ValueKind == JsonValueKind.Object)
            {
                exceptions.Add((
                    Text(exception, "type", $"{field}.type", required: true, mistakes),
                    Text(exception, "message", $"{field}.message", required: false, mistakes)));
            }
            else
            {
                mistakes.Add($"{field} is {Name(exception)}; expected an object with type and message.");
                exceptions.Add(default);
            }
        }

        return exceptions;
    }

    private static string Text(JsonElement owner, string name, string field, bool required, ImmutableArray<string>.Builder mistakes)
    {
        if (!owner.TryGetProperty(name, out var value) || (!required && value.ValueKind == JsonValueKind.Null))
        {
            if (required)
            {
                mistakes.Add($"{field} is missing; expected a string.");
            }

            return "";
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            mistakes.Add($"{field} is {Name(value)}; expected a string.");
            return "";
        }

        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            mistakes.Add($"{field} holds half of a surrogate pair; expected text.");
            return "";
        }

        if (required && string.IsNullOrWhiteSpace(text))
        {
            mistakes.Add($"{field} is empty; expected a string that is not.");
        }

        return text;
    }

    private static string Name(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => $"the number {value.GetRawText()}",
        var kind => kind.ToString().ToLowerInvariant(),
    };
}
