using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsvHelper;
using CsvHelper.Configuration;

namespace Prismatic.Domains.DueDiligence;

/// <summary>An entry of a list and why it is there.</summary>
internal sealed record ListEntry(EntityRecord Record, string Reason)
{
    public IEnumerable<string> Names => MatchRules.Names(Record);
}

/// <summary>A list as read: its entries and the ownership it tells of.</summary>
internal sealed record ListContent(IReadOnlyList<ListEntry> Entries, IReadOnlyList<OwnershipEdge> Ownership);

/// <summary>
/// Reads list files. A line that cannot be read fails the whole list, with its number: half a sanctions list, taken for a whole one,
/// would clear people who are on the other half.
/// </summary>
internal static partial class ListFiles
{
    public static ListContent Read(ListFormat format, string path) => format switch
    {
        ListFormat.OfacCsv => ReadOfac(path),
        ListFormat.FtmJsonLines => ReadFtm(path, File.ReadLines(path)),
        _ => throw new ArgumentException($"{format} is not a list format.", nameof(format)),
    };

    private static ListContent ReadOfac(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        var aliases = Optional(Path.Combine(directory, "alt.csv"), 5).ToLookup(row => row[0]!, row => row[3]);
        var addresses = Optional(Path.Combine(directory, "add.csv"), 6).ToLookup(row => row[0]!, row => row[4]);
        var entries = Rows(path, 12).Select(row => OfacEntry(row, aliases[row[0]!].OfType<string>(), addresses[row[0]!].OfType<string>().FirstOrDefault()));
        return new ListContent([.. entries], []);
    }

    private static ListEntry OfacEntry(string?[] row, IEnumerable<string> aliases, string? country)
    {
        var remarks = row[11] ?? "";
        var id = RegistrationId().Match(remarks);
        var record = new EntityRecord
        {
            Id = row[0]!,
            Name = row[1]!,
            Kind = row[2] switch { "individual" => EntityKind.Person, "vessel" or "aircraft" => EntityKind.Vessel, _ => EntityKind.Company },
            Aliases = [.. aliases],
            Country = country,
            BirthDate = BirthDate(remarks),
            Identifiers = id.Success ? ImmutableDictionary<string, string>.Empty.Add("registration", id.Groups[1].Value) : ImmutableDictionary<string, string>.Empty,
        };
        return new ListEntry(record, row[3] ?? "");
    }

    private static string? BirthDate(string remarks)
    {
        var found = DateOfBirth().Match(remarks);
        return !found.Success ? null
            : DateOnly.TryParseExact(found.Groups[1].Value, "dd MMM yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
                : found.Groups[1].Value[^4..];
    }

    private static List<string?[]> Optional(string path, int columns) => File.Exists(path) ? Rows(path, columns) : [];

    private static List<string?[]> Rows(string path, int columns)
    {
        using var text = new StreamReader(path);
        using var csv = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture) { HasHeaderRecord = false, TrimOptions = TrimOptions.Trim });
        var rows = new List<string?[]>();
        while (csv.Read())
        {
            // The files end with a lone end-of-file mark of CP/M.
            var row = csv.Record!.Select(value => value.Trim() is "-0-" or "" ? null : value.Trim()).ToArray();
            if (row is [null] or ["\u001a"])
            {
                continue;
            }

            if (row.Length < columns || row[0] is null || row[columns == 12 ? 1 : 0] is null)
            {
                throw new InvalidDataException($"Line {csv.RawRow} of {path} has {row.Length} columns where {columns} are expected, or lacks its number or name.");
            }

            rows.Add(row);
        }

        return rows;
    }

    private static ListContent ReadFtm(string path, IEnumerable<string> lines)
    {
        var entries = new List<ListEntry>();
        var ownership = new List<OwnershipEdge>();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            try
            {
                using var json = JsonDocument.Parse(line);
                Add(json.RootElement, entries, ownership);
            }
            catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new InvalidDataException($"Line {number} of {path} is not a FollowTheMoney entity: {wrong.Message}", wrong);
            }
        }

        return new ListContent(entries, ownership);
    }

    private static void Add(JsonElement entity, List<ListEntry> entries, List<OwnershipEdge> ownership)
    {
        var properties = entity.GetProperty("properties");
        var schema = entity.GetProperty("schema").GetString();
        if (schema is "Ownership")
        {
            var share = Values(properties, "percentage").Select(text => decimal.Parse(text.TrimEnd('%'), CultureInfo.InvariantCulture) / 100).FirstOrDefault();
            ownership.AddRange(from owner in Values(properties, "owner") from asset in Values(properties, "asset") select new OwnershipEdge(owner, asset, share));
            return;
        }

        var kind = schema switch
        {
            "Person" => EntityKind.Person,
            "Company" or "Organization" or "LegalEntity" => EntityKind.Company,
            "Vessel" or "Airplane" => EntityKind.Vessel,
            _ => (EntityKind?)null,
        };
        if (kind is null)
        {
            return;
        }

        var names = Values(properties, "name").Concat(Values(properties, "alias")).ToArray();
        var record = new EntityRecord
        {
            Id = entity.GetProperty("id").GetString()!,
            Name = names.FirstOrDefault() ?? throw new JsonException("It has no name."),
            Kind = kind.Value,
            Aliases = [.. names.Skip(1)],
            Country = Values(properties, "country").FirstOrDefault(),
            BirthDate = Values(properties, "birthDate").FirstOrDefault(),
            Identifiers = Identifiers(properties),
        };
        entries.Add(new ListEntry(record, string.Join(", ", Values(properties, "topics").Concat(Values(properties, "program")))));
    }

    private static ImmutableDictionary<string, string> Identifiers(JsonElement properties) =>
        new[] { ("registrationNumber", "ico"), ("leiCode", "lei"), ("taxNumber", "tax") }
            .SelectMany(pair => Values(properties, pair.Item1).Take(1).Select(value => KeyValuePair.Create(pair.Item2, value)))
            .ToImmutableDictionary();

    private static string[] Values(JsonElement properties, string name) =>
        properties.TryGetProperty(name, out var values) ? [.. values.EnumerateArray().Select(value => value.GetString()!)] : [];

    [GeneratedRegex(@"\bDOB (\d{2} [A-Z][a-z]{2} \d{4}|\d{4})\b")]
    private static partial Regex DateOfBirth();

    [GeneratedRegex(@"\b(?:Registration ID|Registration Number|Company Number) (\w+)")]
    private static partial Regex RegistrationId();
}
