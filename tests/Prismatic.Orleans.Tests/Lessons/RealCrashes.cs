using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Tests.Lessons;

/// <summary>A labelled crash of the data set: transcribed from a public issue, varied by a generator, or made as a hard negative.</summary>
internal sealed record LabelledCrash(string Id, string Kind, string Group, FailureClass Class, CrashFacts Facts)
{
    /// <summary>Two crashes of the same key are of groups that nobody could tell apart by what they show.</summary>
    public string? Ambiguity { get; init; }

    /// <summary>The evidence tables were written without looking at these.</summary>
    public bool HeldBack => SHA256.HashData(Encoding.UTF8.GetBytes(Group))[0] % 3 == 0;

    public string Shown => $"{Class} {Facts.Outermost.Type}: {Facts.Outermost.Message}";
}

/// <summary>Two crashes and why they are looked at: <c>hard</c> ones look alike and are not, <c>same_group</c> is what it says.</summary>
internal sealed record LabelledPair(string A, string B, string Stratum);

internal static class RealCrashes
{
    public static IReadOnlyList<LabelledCrash> All { get; } = Load("crashes.jsonl", Parse);

    public static IReadOnlyList<LabelledPair> Pairs { get; } = Load("pairs.jsonl", pair => new LabelledPair(
        pair.GetProperty("a").GetString()!, pair.GetProperty("b").GetString()!, pair.GetProperty("stratum").GetString()!));

    private static List<T> Load<T>(string resource, Func<JsonElement, T> parse)
    {
        using var stream = typeof(RealCrashes).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        var items = new List<T>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                items.Add(parse(JsonDocument.Parse(line).RootElement));
            }
        }

        return items;
    }

    private static LabelledCrash Parse(JsonElement crash)
    {
        string Text(string name) => crash.GetProperty(name).GetString() ?? "";
        var inner = crash.GetProperty("inner").EnumerateArray().Select(e => (e.GetProperty("type").GetString()!, e.GetProperty("message").GetString() ?? ""));
        return new LabelledCrash(
            Text("id"),
            Text("kind"),
            Text("group"),
            Enum.Parse<FailureClass>(Text("class").Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
            RecordedCrash.Read(Text("exception_type"), Text("message"), Text("stack"), inner))
        {
            Ambiguity = crash.GetProperty("amb").GetString(),
        };
    }
}
