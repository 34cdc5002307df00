using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Prismatic.Domains.Core;

/// <summary>A collection and what is looked up in it: the newest version of each document, the documents of each word, the links.</summary>
internal sealed class DocumentCollection
{
    private readonly IDocumentLog _log;
    private readonly Dictionary<string, long> _versions = [];
    private readonly Dictionary<string, HashSet<string>> _byWord = [];
    private readonly Dictionary<string, (string[] Words, (string To, string Kind)[] Links)> _facts = [];

    public DocumentCollection(string name, OpenedCollection opened)
    {
        Name = name;
        _log = opened.Log;
        (Records, LostLines, LostBytes, SetAside) = (opened.Good.Count, opened.LostLines, opened.LostBytes, opened.SetAside);
        foreach (var entry in opened.Good)
        {
            Index(entry);
        }
    }

    public string Name { get; }

    public long Records { get; }

    public long LostLines { get; }

    public long LostBytes { get; }

    public string? SetAside { get; }

    public IReadOnlyCollection<string> Ids => _versions.Keys;

    public long Version(string id) => _versions.GetValueOrDefault(id);

    public async Task Put(JournalEntry entry)
    {
        await _log.Append(entry);
        Index(entry);
    }

    /// <summary>Takes a document as it is stored now; its version, 0 when it is not there.</summary>
    public async Task<long> Renew(string id)
    {
        if (await _log.Read(id) is { } entry)
        {
            Index(entry);
        }
        else
        {
            Forget(id);
        }

        return Version(id);
    }

    public async Task<StoredDoc?> Get(string id) => await _log.Read(id) is { } entry
        ? new StoredDoc { Collection = Name, Id = id, Json = entry.Json, Version = entry.Version, WrittenAt = entry.WrittenAt }
        : null;

    public IEnumerable<string> Find(string terms)
    {
        var sets = Words(terms).Select(word => _byWord.GetValueOrDefault(word) ?? []).ToArray();
        return sets.Length == 0 ? [] : sets.Aggregate((IEnumerable<string>)sets[0], (found, set) => found.Intersect(set)).Order(StringComparer.Ordinal);
    }

    public IReadOnlyList<(string To, string Kind)> Links(string id) => _facts.TryGetValue(id, out var facts) ? facts.Links : [];

    private void Forget(string id)
    {
        _versions.Remove(id);
        if (_facts.Remove(id, out var old))
        {
            foreach (var word in old.Words)
            {
                _byWord[word].Remove(id);
            }
        }
    }

    private void Index(JournalEntry entry)
    {
        Forget(entry.Id);
        using var json = JsonDocument.Parse(entry.Json);
        var words = Texts(json.RootElement).SelectMany(Words).Distinct().ToArray();
        foreach (var word in words)
        {
            if (!_byWord.TryGetValue(word, out var ids))
            {
                _byWord[word] = ids = [];
            }

            ids.Add(entry.Id);
        }

        _versions[entry.Id] = entry.Version;
        _facts[entry.Id] = (words, ReadLinks(json.RootElement));
    }

    /// <summary>Words in lower case without diacritics.</summary>
    internal static IEnumerable<string> Words(string text)
    {
        var plain = new StringBuilder();
        foreach (var c in text.Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) is not UnicodeCategory.NonSpacingMark)
            {
                plain.Append(char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' ');
            }
        }

        return plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Number => [element.GetRawText()],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Texts(property.Value)),
        _ => [],
    };

    private static (string, string)[] ReadLinks(JsonElement root) =>
        root.TryGetProperty("links", out var links) && links.ValueKind is JsonValueKind.Array
            ? [.. from link in links.EnumerateArray()
                  where link.ValueKind is JsonValueKind.Object
                  let to = Text(link, "to")
                  where to is not null
                  select (to, Text(link, "kind") ?? "")]
            : [];

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
