using System.Globalization;
using Microsoft.Extensions.Options;

namespace Prismatic.Domains.Core;

/// <summary>Documents in append-only files of this machine, one for each collection: for a silo that is alone.</summary>
internal sealed class JournalStore(IOptions<DomainOptions> options, TimeProvider time) : IDocumentStore
{
    private string Journals => Path.Combine(options.Value.DataDirectory, "journals");

    public Task<IReadOnlyList<string>> FindCollections() => Task.FromResult<IReadOnlyList<string>>(
        Directory.Exists(Journals)
            ? [.. Directory.EnumerateFiles(Journals, "*.jnl").Order(StringComparer.Ordinal).Select(path => Path.GetFileNameWithoutExtension(path))]
            : []);

    public Task<OpenedCollection> Open(string collection)
    {
        Directory.CreateDirectory(Journals);
        return Task.FromResult(Journal.Open(Path.Combine(Journals, collection + ".jnl"), time));
    }

    public async Task<string> Snapshot(IReadOnlyCollection<DocumentCollection> collections)
    {
        var stamp = time.GetUtcNow().ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture);
        var directory = Path.Combine(options.Value.DataDirectory, "snapshots", stamp);
        Directory.CreateDirectory(directory);
        foreach (var documents in collections)
        {
            await using var file = new FileStream(Path.Combine(directory, documents.Name + ".jnl"), FileMode.Create, FileAccess.Write);
            foreach (var id in documents.Ids)
            {
                var document = (await documents.Get(id))!;
                file.Write(JournalLine.Write(new JournalEntry(document.Id, document.Version, document.WrittenAt, document.Json)));
            }

            file.Flush(flushToDisk: true);
        }

        return directory;
    }
}
