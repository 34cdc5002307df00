using System.Collections.Immutable;

namespace Prismatic.Lessons;

/// <summary>To which group a crash belongs, and whether that group learns something new of it.</summary>
/// <param name="Group">The group; null when it is a new one.</param>
/// <param name="NewView">Whether no member of the group has these features yet, and the group still takes some.</param>
/// <param name="Likeness">How like the group it is, above 0 up to 1; 0 for a new one.</param>
internal readonly record struct GroupChoice(string? Group, bool NewView, double Likeness)
{
    /// <summary>Below this, a crash founds a group of its own.</summary>
    private const double EnoughLikeness = 0.25;

    /// <summary>A group that has been seen in this many ways needs no more of them to be recognised.</summary>
    private const int ViewsKept = 12;

    /// <summary>
    /// Compares with whole groups: the likeness to a group is the mean over its members, where one that contradicts counts against it. So a
    /// chain of crashes of which each is like the next makes no group, and a stack that was cut short cannot join two callers.
    /// </summary>
    /// <param name="crash">The crash.</param>
    /// <param name="candidates">Members that share a key with it; one may be there several times.</param>
    public static GroupChoice Of(CrashFeatures crash, IEnumerable<GroupMember> candidates)
    {
        ArgumentNullException.ThrowIfNull(crash);
        var best = new GroupChoice(null, true, EnoughLikeness);
        foreach (var group in candidates.DistinctBy(member => member.Signature).GroupBy(member => member.Group, StringComparer.Ordinal))
        {
            var (sum, views, known) = (0.0, 0, false);
            foreach (var member in group)
            {
                var likeness = CrashLikeness.Of(crash, member.Features);
                known = known || likeness == 1;
                sum += likeness;
                views++;
            }

            if (sum / views > best.Likeness)
            {
                best = new GroupChoice(group.Key, views < ViewsKept, sum / views);
            }
        }

        return best.Group is null ? new GroupChoice(null, true, 0) : best;
    }
}
