using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Prismatic.Tests.Conformance;

/// <summary>The histories that Debian's Erlang went through; <c>Oracle/erlang/regenerate.sh</c> makes them anew.</summary>
internal static partial class ErlangHistories
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IgnoreReadOnlyProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    };

    private static readonly Lazy<IReadOnlyList<History>> Read = new(() =>
    {
        using var data = typeof(ErlangHistories).Assembly.GetManifestResourceStream("erlang-histories.jsonl.gz")
            ?? throw new InvalidOperationException("The histories are not embedded in the test assembly.");
        using var lines = new StreamReader(new GZipStream(data, CompressionMode.Decompress));
        var histories = new List<History>();
        while (lines.ReadLine() is { } line)
        {
            histories.Add(JsonSerializer.Deserialize<History>(line, Json) ?? throw new InvalidOperationException("An empty line in the histories."));
        }

        return histories;
    });

    public static IReadOnlyList<History> All => Read.Value;

    /// <summary>As it stands in the data but for what is empty, for people to read.</summary>
    public static string Text<T>(T value) => Empty().Replace(JsonSerializer.Serialize(value, Json), "");

    [GeneratedRegex("""
        ,"\w+":(""|\[\])
        """)]
    private static partial Regex Empty();
}
