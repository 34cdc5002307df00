using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Prismatic.Lessons;

/// <summary>
/// Groups in memory: for a file of crashes, for what one silo knows, and for measuring. It answers at once. Not safe for two threads at the
/// same time.
/// </summary>
internal sealed class GroupIndex : IGroupBuckets
{
    private readonly Dictionary<string, string> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, ImmutableArray<GroupMember>> _buckets = [];

    /// <summary>How many signatures it knows.</summary>
    public int Signatures => _groups.Count;

    /// <inheritdoc/>
    public ValueTask<string?> Find(string signature) => new(_groups.GetValueOrDefault(signature));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<GroupMember>> Read(ImmutableArray<ulong> keys)
    {
        var members = new List<GroupMember>();
        foreach (var key in keys)
        {
            if (_buckets.TryGetValue(key, out var bucket))
            {
                members.AddRange(bucket.AsSpan());
            }
        }

        return new(members);
    }

    /// <inheritdoc/>
    public ValueTask File(GroupMember member, ImmutableArray<ulong> keys)
    {
        Add(member, keys);
        return ValueTask.CompletedTask;
    }

    /// <summary>Files, as <see cref="File"/> does.</summary>
    public void Add(GroupMember member, ImmutableArray<ulong> keys)
    {
        ArgumentNullException.ThrowIfNull(member);
        _groups[member.Signature] = member.Group;
        foreach (var key in keys)
        {
            ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_buckets, key, out var known);
            bucket = GroupBucket.With(known ? bucket : [], member);
        }
    }
}
