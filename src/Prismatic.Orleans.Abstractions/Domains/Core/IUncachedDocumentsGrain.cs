namespace Prismatic.Domains.Core;

/// <summary>
/// Answers for the cache manager while it is redirected: every document comes from storage, nothing is held. Slower, and never stale.
/// </summary>
[Alias("prismatic.IUncachedDocumentsGrain")]
public interface IUncachedDocumentsGrain : ICacheManagerGrain;
