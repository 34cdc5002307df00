using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Prismatic.Domains.Security;

/// <summary>An indicator of a feed. The value is in its normal form.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.Indicator")]
internal sealed record Indicator
{
    [Id(0)] public required ObservableKind Kind { get; init; }

    [Id(1)] public required string Value { get; init; }

    [Id(2)] public required double Confidence { get; init; }

    [Id(3)] public required DateTimeOffset SeenAt { get; init; }
}

/// <summary>How feeds are read and what their indicators add up to.</summary>
internal static partial class ThreatRules
{
    private const double UsualConfidence = 0.7;
    private const double HalfLifeDays = 30;

    /// <summary>The indicators, and how many rows could not be read.</summary>
    /// <exception cref="FormatException">The content as a whole is not of the format.</exception>
    public static (List<Indicator> Good, int Bad) Parse(FeedFormat format, string content, DateTimeOffset now)
    {
        var rows = format switch
        {
            FeedFormat.Stix => Stix(content, now),
            FeedFormat.Csv => Lines(content).Where(line => !line.StartsWith("kind,", StringComparison.OrdinalIgnoreCase)).Select(line => CsvRow(line, now)),
            FeedFormat.Text => Lines(content).Select(line => Guess(line, now)),
            _ => throw new FormatException($"{format} is not a feed format."),
        };
        var all = rows.ToList();
        return ([.. all.OfType<Indicator>()], all.Count(row => row is null));
    }

    public static string Normal(ObservableKind kind, string value) => kind is ObservableKind.Url ? value.Trim() : value.Trim().TrimEnd('.').ToLowerInvariant();

    public static double Decay(DateTimeOffset seenAt, DateTimeOffset now) => Math.Pow(0.5, Math.Max(0, (now - seenAt).TotalDays) / HalfLifeDays);

    /// <summary>1 less the chance that every feed is wrong.</summary>
    public static double Score(IEnumerable<ThreatEvidence> evidence) =>
        1 - evidence.Aggregate(1.0, (product, each) => product * (1 - each.Confidence * each.Reliability * each.Decay));

    private static IEnumerable<string> Lines(string content) =>
        content.Split('\n').Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0);

    private static Indicator? CsvRow(string line, DateTimeOffset now)
    {
        var cells = line.Split(',');
        return cells.Length == 3 && Enum.TryParse<ObservableKind>(cells[0].Trim(), ignoreCase: true, out var kind) && Enum.IsDefined(kind)
            && double.TryParse(cells[2], CultureInfo.InvariantCulture, out var confidence) && confidence is >= 0 and <= 1
            ? Make(kind, cells[1], confidence, now)
            : null;
    }

    private static Indicator? Guess(string value, DateTimeOffset now) =>
        IPAddress.TryParse(value, out _) ? Make(ObservableKind.Ip, value, UsualConfidence, now)
        : Hash().IsMatch(value) ? Make(ObservableKind.FileHash, value, UsualConfidence, now)
        : value.Contains("://", StringComparison.Ordinal) ? Make(ObservableKind.Url, value, UsualConfidence, now)
        : Make(ObservableKind.Domain, value, UsualConfidence, now);

    private static IEnumerable<Indicator?> Stix(string content, DateTimeOffset now)
    {
        using var json = Bundle(content);
        var objects = json.RootElement.GetProperty("objects").EnumerateArray();
        return [.. objects.Where(each => Text(each, "type") is "indicator").Select(each => StixIndicator(each, now))];
    }

    private static JsonDocument Bundle(string content)
    {
        try
        {
            var json = JsonDocument.Parse(content);
            return Text(json.RootElement, "type") is "bundle" && json.RootElement.TryGetProperty("objects", out var objects) && objects.ValueKind is JsonValueKind.Array
                ? json
                : throw new FormatException("It is not a STIX bundle with objects.");
        }
        catch (JsonException notJson)
        {
            throw new FormatException($"It is not JSON: {notJson.Message}", notJson);
        }
    }

    private static Indicator? StixIndicator(JsonElement indicator, DateTimeOffset now)
    {
        var pattern = Comparison().Match(Text(indicator, "pattern") ?? "");
        if (!pattern.Success || Text(indicator, "valid_from") is not { } from || !DateTimeOffset.TryParse(from, CultureInfo.InvariantCulture, out var seenAt))
        {
            return null;
        }

        var kind = pattern.Groups[1].Value switch
        {
            "ipv4-addr" or "ipv6-addr" => ObservableKind.Ip,
            "domain-name" => ObservableKind.Domain,
            "url" => ObservableKind.Url,
            _ => ObservableKind.FileHash,
        };
        var confidence = indicator.TryGetProperty("confidence", out var percent) && percent.TryGetInt32(out var given) ? Math.Clamp(given / 100.0, 0, 1) : UsualConfidence;
        return Make(kind, pattern.Groups[2].Value, confidence, seenAt < now ? seenAt : now);
    }

    private static Indicator? Make(ObservableKind kind, string value, double confidence, DateTimeOffset seenAt)
    {
        var normal = Normal(kind, value);
        var good = kind switch
        {
            ObservableKind.Ip => IPAddress.TryParse(normal, out _),
            ObservableKind.Domain => normal.Contains('.', StringComparison.Ordinal) && Uri.CheckHostName(normal) is UriHostNameType.Dns,
            ObservableKind.Url => Uri.TryCreate(normal, UriKind.Absolute, out _),
            _ => Hash().IsMatch(normal),
        };
        return good ? new Indicator { Kind = kind, Value = normal, Confidence = confidence, SeenAt = seenAt } : null;
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    [GeneratedRegex(@"^(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$", RegexOptions.NonBacktracking)]
    private static partial Regex Hash();

    // One comparison only. Without backtracking, since the patterns come from outside.
    [GeneratedRegex(@"^\s*\[\s*(ipv4-addr|ipv6-addr|domain-name|url|file):(?:value|hashes\.[\w'-]+)\s*=\s*'([^']+)'\s*\]\s*$", RegexOptions.NonBacktracking)]
    private static partial Regex Comparison();
}
