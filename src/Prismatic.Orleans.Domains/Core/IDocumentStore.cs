namespace Prismatic.Domains.Core;

/// <summary>Where the storage coordinator keeps its documents: files of this machine, or the database that all silos share.</summary>
internal interface IDocumentStore
{
    /// <summary>The names of the collections that are there.</summary>
    Task<IReadOnlyList<string>> FindCollections();

    /// <summary>Reads a collection whole. What is damaged is set aside, and the rest is good.</summary>
    Task<OpenedCollection> Open(string collection);

    /// <summary>Copies the newest version of every document of <paramref name="collections"/>; where to.</summary>
    Task<string> Snapshot(IReadOnlyCollection<DocumentCollection> collections);
}

/// <summary>The stored documents of one collection.</summary>
internal interface IDocumentLog
{
    /// <summary>Stores a document's next version; durable when this returns.</summary>
    /// <exception cref="DocumentConflictException">Another activation has stored one in between.</exception>
    Task Append(JournalEntry entry);

    /// <summary>The newest version; null when there is none.</summary>
    /// <exception cref="JournalDamagedException">What is stored is not what was written.</exception>
    Task<JournalEntry?> Read(string id);
}

/// <summary>A collection as it was read.</summary>
/// <param name="Log">Reads and stores its documents from now on.</param>
/// <param name="Good">Its entries, the newest of each document last.</param>
/// <param name="LostLines">How many damaged entries were set aside.</param>
/// <param name="LostBytes">Their bytes.</param>
/// <param name="SetAside">Where these bytes are now; null when there were none.</param>
internal sealed record OpenedCollection(IDocumentLog Log, IReadOnlyList<JournalEntry> Good, long LostLines, long LostBytes, string? SetAside);

/// <summary>
/// The document has another version than the one that this activation knows: another activation wrote it, which happens for a moment when a cluster was
/// parted. What is stored was left as it is.
/// </summary>
[GenerateSerializer, Alias("prismatic.domains.DocumentConflictException")]
internal sealed class DocumentConflictException(string collection, string id)
    : IOException($"The document {collection}/{id} was changed by another activation of the storage coordinator. Read it again and repeat the change.");
