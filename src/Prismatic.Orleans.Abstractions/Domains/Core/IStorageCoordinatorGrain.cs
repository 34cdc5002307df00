using System.Collections.Immutable;

namespace Prismatic.Domains.Core;

/// <summary>
/// Keeps versioned JSON documents in collections: in append-only journals of one machine, or in the database of a cluster. A document is on disk when
/// <see cref="Put"/> returns. What was damaged while the worker ran crashes the call that meets the damage; the next incarnation sets it aside and goes on
/// with the rest.
/// </summary>
[Alias("prismatic.IStorageCoordinatorGrain")]
public interface IStorageCoordinatorGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "storage-coordinator";

    /// <summary>Stores a new version of a document; it is on disk when this returns.</summary>
    /// <param name="collection">1 to 64 characters of a-z, 0-9, '-' and '_'.</param>
    /// <param name="id">1 to 200 characters.</param>
    /// <param name="json">A JSON object. Its array <c>links</c> of <c>{"to","kind"}</c> feeds <see cref="Neighbours"/>.</param>
    /// <param name="expectedVersion">The version that must be current (0: none yet), or null for any.</param>
    /// <returns>The new version; the first is 1.</returns>
    /// <exception cref="ArgumentException">A parameter is out of range, or the version is another one.</exception>
    [Alias("Put")]
    Task<long> Put(string collection, string id, string json, long? expectedVersion);

    /// <summary>The newest version of a document, or null.</summary>
    [Alias("Get")]
    Task<StoredDoc?> Get(string collection, string id);

    /// <summary>Documents that contain every word of <paramref name="terms"/>, by id.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="terms">Words; letter case and diacritics do not matter.</param>
    /// <param name="limit">1 to 500.</param>
    [Alias("Search")]
    Task<ImmutableArray<StoredDoc>> Search(string collection, string terms, int limit);

    /// <summary>Links that lead away from document <paramref name="id"/> of any collection, at most <paramref name="depth"/> steps (1 to 6).</summary>
    [Alias("Neighbours")]
    Task<ImmutableArray<Edge>> Neighbours(string id, int depth);

    /// <summary>Reads every collection again, sets aside what is damaged (a journal's torn last line too) and says what was lost.</summary>
    [Alias("VerifyAndRecover")]
    Task<RecoveryReport> VerifyAndRecover();

    /// <summary>Copies the newest version of every document; returns where to: the path of a new directory, or a table and the name of the copy in it.</summary>
    [Alias("Snapshot")]
    Task<string> Snapshot();
}

/// <summary>One version of a document.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.StoredDoc")]
public sealed record StoredDoc
{
    /// <summary>Its collection.</summary>
    [Id(0)] public required string Collection { get; init; }

    /// <summary>Its id.</summary>
    [Id(1)] public required string Id { get; init; }

    /// <summary>Its content.</summary>
    [Id(2)] public required string Json { get; init; }

    /// <summary>Its version, from 1.</summary>
    [Id(3)] public required long Version { get; init; }

    /// <summary>When this version was written.</summary>
    [Id(4)] public required DateTimeOffset WrittenAt { get; init; }
}

/// <summary>A link between two documents.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.Edge")]
public sealed record Edge
{
    /// <summary>The document that holds the link.</summary>
    [Id(0)] public required string From { get; init; }

    /// <summary>The document it points to; it need not exist.</summary>
    [Id(1)] public required string To { get; init; }

    /// <summary>What the link means.</summary>
    [Id(2)] public required string Kind { get; init; }

    /// <summary>Steps from the document that was asked for, from 1.</summary>
    [Id(3)] public required int Depth { get; init; }
}

/// <summary>What a check of the collections found.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.RecoveryReport")]
public sealed record RecoveryReport
{
    /// <summary>Collections read.</summary>
    [Id(0)] public required int Collections { get; init; }

    /// <summary>Good entries.</summary>
    [Id(1)] public required long Records { get; init; }

    /// <summary>Entries that were set aside.</summary>
    [Id(2)] public required long LostLines { get; init; }

    /// <summary>Their bytes.</summary>
    [Id(3)] public required long LostBytes { get; init; }

    /// <summary>Where those bytes are now.</summary>
    [Id(4)] public ImmutableArray<string> SetAside { get; init; } = [];
}
