using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Prismatic.Domains.Core;

internal sealed partial class StorageCoordinatorGrain(IDocumentStore store, TimeProvider time, ILogger<StorageCoordinatorGrain> logger)
    : Grain, IStorageCoordinatorGrain
{
    private readonly Dictionary<string, DocumentCollection> _open = [];

    public async Task<long> Put(string collection, string id, string json, long? expectedVersion)
    {
        Demand.Text(id, nameof(id));
        CheckObject(json);
        try
        {
            return await PutOnce(collection, id, json, expectedVersion);
        }
        catch (DocumentConflictException)
        {
            // What this activation knows is old. Read again, the version tells who is right: the caller's, or nobody's.
            _open.Remove(collection);
            return await PutOnce(collection, id, json, expectedVersion);
        }
    }

    public async Task<StoredDoc?> Get(string collection, string id) => await (await Open(collection)).Get(id);

    public async Task<ImmutableArray<StoredDoc>> Search(string collection, string terms, int limit)
    {
        Demand.Range(limit, 1, 500, nameof(limit));
        var documents = await Open(collection);
        var found = ImmutableArray.CreateBuilder<StoredDoc>();
        foreach (var id in documents.Find(terms).Take(limit))
        {
            if (await documents.Get(id) is { } document)
            {
                found.Add(document);
            }
        }

        return found.ToImmutable();
    }

    public async Task<ImmutableArray<Edge>> Neighbours(string id, int depth)
    {
        Demand.Range(depth, 1, 6, nameof(depth));
        await OpenAll();
        var edges = ImmutableArray.CreateBuilder<Edge>();
        var seen = new HashSet<string> { id };
        var frontier = new List<string> { id };
        for (var step = 1; step <= depth && frontier.Count > 0; step++)
        {
            var found = from node in frontier
                        from documents in _open.Values
                        from link in documents.Links(node)
                        select new Edge { From = node, To = link.To, Kind = link.Kind, Depth = step };
            var layer = found.ToArray();
            edges.AddRange(layer);
            frontier = [.. layer.Select(edge => edge.To).Where(seen.Add)];
        }

        return edges.ToImmutable();
    }

    public async Task<RecoveryReport> VerifyAndRecover()
    {
        _open.Clear();
        await OpenAll();
        return new RecoveryReport
        {
            Collections = _open.Count,
            Records = _open.Values.Sum(documents => documents.Records),
            LostLines = _open.Values.Sum(documents => documents.LostLines),
            LostBytes = _open.Values.Sum(documents => documents.LostBytes),
            SetAside = [.. _open.Values.Select(documents => documents.SetAside).OfType<string>()],
        };
    }

    public async Task<string> Snapshot()
    {
        await OpenAll();
        return await store.Snapshot(_open.Values);
    }

    private async Task<long> PutOnce(string collection, string id, string json, long? expectedVersion)
    {
        var documents = await Open(collection);
        var version = documents.Version(id);
        if (expectedVersion is not null && expectedVersion != version)
        {
            // The caller may know more than this activation: another one wrote while the cluster changed, or a write of this one was stored and its answer lost.
            version = await documents.Renew(id);
        }

        Demand.That(
            expectedVersion is null || expectedVersion == version,
            nameof(expectedVersion),
            $"{collection}/{id} has version {version}, not {expectedVersion}: read it again and repeat the change.");
        await documents.Put(new JournalEntry(id, version + 1, time.GetUtcNow(), json));
        return version + 1;
    }

    private async Task OpenAll()
    {
        foreach (var collection in await store.FindCollections())
        {
            await Open(collection);
        }
    }

    private async Task<DocumentCollection> Open(string collection)
    {
        Demand.Slug(collection, nameof(collection));
        if (_open.TryGetValue(collection, out var documents))
        {
            return documents;
        }

        documents = new DocumentCollection(collection, await store.Open(collection));
        if (documents.SetAside is { } aside)
        {
            LogSetAside(logger, collection, documents.LostLines, documents.LostBytes, aside);
        }

        return _open[collection] = documents;
    }

    private static void CheckObject(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            Demand.That(document.RootElement.ValueKind is JsonValueKind.Object, nameof(json), "The document must be a JSON object.");
        }
        catch (JsonException notJson)
        {
            throw new ArgumentException($"The document is not JSON: {notJson.Message}", nameof(json), notJson);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning,
        Message = "The collection {Collection} had {Lines} damaged entries ({Bytes} bytes). They were set aside in {File}; the rest is in use.")]
    private static partial void LogSetAside(ILogger logger, string collection, long lines, long bytes, string file);
}
