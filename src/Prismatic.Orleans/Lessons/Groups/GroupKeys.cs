using System.Collections.Immutable;

namespace Prismatic.Lessons;

/// <summary>
/// Where a member is filed and looked for. Two crashes that could be of one group share a key, so that a new one is compared with the few
/// that share one and never with all. A key has the worker type and the innermost exception's type in it, and either the own frame nearest
/// to the failure, or the innermost frames, or all that was said.
/// </summary>
internal static class GroupKeys
{
    private const ulong BySignature = 1;
    private const ulong ByOwnFrame = 2;
    private const ulong ByPlace = 3;
    private const ulong BySaying = 4;

    /// <summary>The key under which one signature alone is filed.</summary>
    public static ulong Of(string signature) => StableHash.Of(BySignature, StableHash.Of(signature));

    /// <summary>The keys of a crash: at most 5, the most telling first.</summary>
    public static ImmutableArray<ulong> Of(CrashFeatures features)
    {
        ArgumentNullException.ThrowIfNull(features);
        var keys = ImmutableArray.CreateBuilder<ulong>(5);
        foreach (var frame in features.Own.AsSpan()[..Math.Min(2, features.Own.Length)])
        {
            keys.Add(StableHash.Of(ByOwnFrame, features.Worker, features.Root, frame));
        }

        // Stacks that were cut have their innermost frames at least.
        if (features.Place.Length > 1)
        {
            keys.Add(StableHash.Of(ByPlace, features.Worker, features.Root, features.Place[0], features.Place[1]));
        }

        if (features.Place.Length > 0)
        {
            keys.Add(StableHash.Of(ByPlace, features.Worker, features.Root, features.Place[0]));
        }

        keys.Add(StableHash.Of(BySaying, features.Worker, features.Said));
        return keys.ToImmutable();
    }
}
