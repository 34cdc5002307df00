using System.Collections.Immutable;

namespace Prismatic.Lessons;

/// <summary>
/// Keeps members of groups by signature and by key. Each signature and each bucket can live for itself, in a partition, a grain, a table's
/// row: one correlation reads a handful of them and writes a handful, however many there are.
/// </summary>
internal interface IGroupBuckets
{
    /// <summary>A bucket that holds this many members takes no more: what so many share tells them apart no more.</summary>
    public const int MaxMembers = 48;

    /// <summary>The group of a signature that was filed; null for one that was not.</summary>
    ValueTask<string?> Find(string signature);

    /// <summary>The members in the buckets of <paramref name="keys"/>, each bucket's oldest first; a member may come several times.</summary>
    ValueTask<IReadOnlyList<GroupMember>> Read(ImmutableArray<ulong> keys);

    /// <summary>
    /// Files <paramref name="member"/> by its signature and under each of <paramref name="keys"/>, which may be none. Where its signature is
    /// filed already, it takes that one's place; a full bucket takes no other. Filing twice is filing once.
    /// </summary>
    ValueTask File(GroupMember member, ImmutableArray<ulong> keys);
}
