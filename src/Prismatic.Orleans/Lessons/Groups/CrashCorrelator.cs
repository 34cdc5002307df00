using System.Collections.Immutable;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>
/// Finds the group of each crash, knowing those that came before. A signature that was seen is one look-up; a new one is compared with the
/// members that share a key with it, joins the group that it is like as a whole, or founds its own.
/// </summary>
internal sealed class CrashCorrelator(IGroupBuckets buckets)
{
    /// <summary>The group of <paramref name="crash"/>, filed when this returns.</summary>
    /// <param name="signature">The crash's signature.</param>
    /// <param name="crash">What is known of it; looked at only when the signature is new.</param>
    public async ValueTask<string> GroupOf(string signature, CrashFacts crash)
    {
        if (await buckets.Find(signature) is { } known)
        {
            return known;
        }

        var features = CrashFeatures.Of(crash);
        var keys = GroupKeys.Of(features);
        var choice = GroupChoice.Of(features, await buckets.Read(keys));
        var group = choice.Group ?? signature;
        await buckets.File(new GroupMember { Group = group, Signature = signature, Features = features }, choice.NewView ? keys : []);
        return group;
    }

    /// <summary>
    /// Moves signatures to another group, be it new or not: so a group is split whose members answer differently to the same remedy. Their next
    /// crashes belong there, and so do new signatures that are more like them than like those that stay.
    /// </summary>
    /// <param name="members">The members to move, as they were filed.</param>
    /// <param name="group">Where they go.</param>
    public async ValueTask Move(IEnumerable<GroupMember> members, string group)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentException.ThrowIfNullOrEmpty(group);
        foreach (var member in members)
        {
            await buckets.File(member with { Group = group }, GroupKeys.Of(member.Features));
        }
    }
}
