using System.Collections.Immutable;

namespace Prismatic.Domains.Osint.Adapters;

/// <summary>What a source said: rows, the raw bytes they were read from, and when to ask again if it said "too often".</summary>
internal sealed record AdapterAnswer(ImmutableArray<OsintItem> Items, byte[] Raw, TimeSpan? RetryAfter = null);

/// <summary>Asks one kind of source. Its failures are its exceptions; it neither retries nor hides them.</summary>
internal interface ISourceAdapter
{
    AdapterKind Kind { get; }

    Task<AdapterAnswer> Ask(AdapterInfo info, OsintQuery query, CancellationToken cancellationToken);
}
