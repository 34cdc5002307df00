using System.Collections.Immutable;
using System.Globalization;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>
/// One place of the index of groups; its key is a signature behind <c>s-</c>, whose own member it holds, or a bucket's key behind <c>k-</c>.
/// Called by <see cref="LessonsLearnedGrain"/> only.
/// </summary>
[Control, Alias("prismatic.IGroupBucketGrain")]
internal interface IGroupBucketGrain : IGrainWithStringKey
{
    /// <summary>The members in it, oldest first.</summary>
    [Alias("Read")]
    Task<ImmutableArray<GroupMember>> Read();

    /// <summary>Files a member; durable when this returns.</summary>
    [Alias("File")]
    Task File(GroupMember member);
}

/// <summary>One stored place of the index of groups.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.GroupBucketRecord")]
internal sealed record GroupBucketRecord
{
    /// <summary>The form of this record; grows when a field changes its meaning.</summary>
    [Id(0)] public int SchemaVersion { get; init; } = 1;

    /// <summary>The members, oldest first.</summary>
    [Id(1)] public ImmutableArray<GroupMember> Members { get; init; } = [];
}

/// <summary>Keeps one place of the index of groups.</summary>
[GrainType("prismatic-group-bucket")]
internal sealed class GroupBucketGrain([SupervisedState("group-bucket", OnDamage = DamagePolicy.SetAside)] ISupervisedState<GroupBucketRecord> bucket)
    : Grain, IGroupBucketGrain
{
    /// <inheritdoc/>
    public Task<ImmutableArray<GroupMember>> Read() => Task.FromResult(bucket.Value.Members);

    /// <inheritdoc/>
    public Task File(GroupMember member)
    {
        var filed = GroupBucket.With(bucket.Value.Members, member);
        return bucket.WriteAsync(filed == bucket.Value.Members ? bucket.Value : bucket.Value with { Members = filed });
    }
}

/// <summary>
/// The index of groups of the cluster: each signature and each bucket a grain with a record of its own, so that one correlation costs the
/// same however many there are. What was looked up lately is kept in memory; it changes by a split only, which the lesson itself knows.
/// </summary>
internal sealed class ClusterGroups(IGrainFactory grains) : IGroupBuckets
{
    private const int MaxRemembered = 20_000;

    private readonly Dictionary<string, string> _remembered = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async ValueTask<string?> Find(string signature)
    {
        if (_remembered.TryGetValue(signature, out var known))
        {
            return known;
        }

        var filed = await Signature(signature).Read();
        return filed.IsEmpty ? null : Remember(signature, filed[0].Group);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<GroupMember>> Read(ImmutableArray<ulong> keys) =>
        [.. (await Task.WhenAll(keys.Select(key => Bucket(key).Read()))).SelectMany(members => members)];

    /// <summary>
    /// The buckets first and the signature last: a filing that was cut short is done again, since its signature is not found.
    /// </summary>
    public async ValueTask File(GroupMember member, ImmutableArray<ulong> keys)
    {
        await Task.WhenAll(keys.Select(key => Bucket(key).File(member)));
        await Signature(member.Signature).File(member);
        Remember(member.Signature, member.Group);
    }

    private string Remember(string signature, string group)
    {
        if (_remembered.Count >= MaxRemembered)
        {
            _remembered.Clear();
        }

        return _remembered[signature] = group;
    }

    private IGroupBucketGrain Signature(string signature) => grains.GetGrain<IGroupBucketGrain>($"s-{signature}");

    private IGroupBucketGrain Bucket(ulong key) => grains.GetGrain<IGroupBucketGrain>(string.Create(CultureInfo.InvariantCulture, $"k-{key:x16}"));
}
