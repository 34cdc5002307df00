namespace Prismatic.SystemTests.Infra.Policies;

/// <summary>What the manifests are held against besides their schema: what the host reads, serves and measures.</summary>
/// <param name="FindMistakes">What the host says about a set of environment variables; empty when it would start with them.</param>
/// <param name="Routes">The paths that the host serves.</param>
/// <param name="Series">The names of the time series that Prometheus can find at a silo.</param>
/// <param name="Anchors">The headings of the runbook, by file and anchor.</param>
internal sealed record HostFacts(
    Func<IReadOnlyDictionary<string, string>, IReadOnlyList<string>> FindMistakes,
    IReadOnlySet<string> Routes,
    IReadOnlySet<string> Series,
    IReadOnlySet<string> Anchors);

/// <summary>All rules of our own that a set of manifests must keep. Each finding is a sentence.</summary>
internal static class Policy
{
    public static IReadOnlyList<string> Findings(ManifestSet set, HostFacts host) =>
    [
        .. PodPolicies.Find(set),
        .. SiloPolicies.Find(set, host),
        .. ReferencePolicies.Find(set),
        .. AvailabilityPolicies.Find(set),
        .. NetworkPolicies.Find(set),
        .. AccessPolicies.Find(set),
        .. AlertPolicies.Find(set, host),
    ];
}
