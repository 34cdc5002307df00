using System.Collections.Immutable;

namespace Prismatic.Lessons;

/// <summary>What filing does to one bucket.</summary>
internal static class GroupBucket
{
    /// <summary>The bucket with <paramref name="member"/>; the same bucket when it changes nothing.</summary>
    public static ImmutableArray<GroupMember> With(ImmutableArray<GroupMember> bucket, GroupMember member)
    {
        ArgumentNullException.ThrowIfNull(member);
        for (var i = 0; i < bucket.Length; i++)
        {
            if (bucket[i].Signature == member.Signature)
            {
                return bucket[i].Group == member.Group ? bucket : bucket.SetItem(i, member);
            }
        }

        return bucket.Length < IGroupBuckets.MaxMembers ? bucket.Add(member) : bucket;
    }
}
