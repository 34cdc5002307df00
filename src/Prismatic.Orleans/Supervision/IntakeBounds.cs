using Prismatic.Events;
using Prismatic.Runtime;

namespace Prismatic.Supervision;

/// <summary>
/// What a supervisor joins when a batch of reports is large: it counts each crash, and tells of each child once. Ordinary batches are told in full.
/// </summary>
internal static class IntakeBounds
{
    /// <summary>From how many reports on a batch is one of a storm.</summary>
    public const int LargeBatch = 256;

    /// <summary>Records of family members that a supervisor keeps; beyond it those that have served longest ago are let go before their verification ends.</summary>
    public const int MembersKept = 20_000;

    /// <summary>
    /// Of the events of one kind about one subject, the last, which says how many came before it; what opens or asks for something is never
    /// joined. The number of those that were joined.
    /// </summary>
    public static int Join(List<SupervisionEvent> events)
    {
        var before = new Dictionary<(SupervisionEventKind, string), int>();
        foreach (var happened in events)
        {
            if (MayBeJoined(happened.Kind))
            {
                before[(happened.Kind, happened.Subject)] = before.GetValueOrDefault((happened.Kind, happened.Subject)) + 1;
            }
        }

        var left = new Dictionary<(SupervisionEventKind, string), int>(before);
        var kept = new List<SupervisionEvent>(events.Count);
        foreach (var happened in events)
        {
            var key = (happened.Kind, happened.Subject);
            if (!MayBeJoined(happened.Kind) || before[key] == 1)
            {
                kept.Add(happened);
            }
            else if (--left[key] == 0)
            {
                kept.Add(happened with { Text = $"{happened.Text} (and {before[key] - 1:#,0} before it in one batch)" });
            }
        }

        var joined = events.Count - kept.Count;
        events.Clear();
        events.AddRange(kept);
        return joined;
    }

    /// <summary>Which members to let go, when there are more than <see cref="MembersKept"/>: those that run again, the longest calm first, down to nine tenths.</summary>
    public static IReadOnlyList<ChildRecord> ToLetGo(IReadOnlyCollection<ChildRecord> children, Func<ChildRecord, bool> isMember, int kept = MembersKept)
    {
        if (children.Count <= kept)
        {
            return [];
        }

        var members = children.Where(isMember).ToList();
        var excess = members.Count - (kept * 9 / 10);
        return members.Count <= kept
            ? []
            : [.. members
                .Where(child => child.Ticket is null && child.Status is ChildStatus.Up or ChildStatus.Restarting or ChildStatus.Idle)
                .OrderBy(child => child.Served ? 0 : 1)
                .ThenBy(child => child.LastCrashAt)
                .Take(excess)];
    }

    /// <summary>What the silo of a batch had no room for.</summary>
    public static string DropNotice(ReportBatch batch)
    {
        var kinds = batch.DroppedKinds.IsDefaultOrEmpty ? "" : $": {string.Join(", ", batch.DroppedKinds.Select(item => $"{item.Count:#,0} {item.Kind}"))}";
        return $"Silo {batch.Silo} had to drop {batch.Dropped:#,0} reports{kinds}. It holds as many as {nameof(SupervisionOptions.ReportCapacity)} says; counts and lessons miss what was dropped.";
    }

    private static bool MayBeJoined(SupervisionEventKind kind) =>
        kind is SupervisionEventKind.Restarted or SupervisionEventKind.OutcomeKnown or SupervisionEventKind.Noticed;
}
