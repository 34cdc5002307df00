using System.Collections.Immutable;

namespace Prismatic.Lessons;

/// <summary>Outcomes of each member of a group by action: what a split rests on. Not discounted, and begun anew with each answer.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.MemberEvidence")]
internal sealed record MemberEvidence
{
    private const int MaxMembers = 32;

    /// <summary>Healed and failed by signature, then by action.</summary>
    [Id(0)] public ImmutableDictionary<string, ImmutableDictionary<string, Tally>> Members { get; init; } =
        ImmutableDictionary<string, ImmutableDictionary<string, Tally>>.Empty;

    /// <summary>The evidence after one more outcome. Beyond 32 members a new one is not followed: it stays in the group.</summary>
    public MemberEvidence With(string signature, string action, bool healed)
    {
        if (!Members.TryGetValue(signature, out var actions))
        {
            if (Members.Count >= MaxMembers)
            {
                return this;
            }

            actions = ImmutableDictionary<string, Tally>.Empty;
        }

        var seen = actions.GetValueOrDefault(action) ?? new Tally();
        var next = healed ? seen with { Healed = seen.Healed + 1 } : seen with { Failed = seen.Failed + 1 };
        return this with { Members = Members.SetItem(signature, actions.SetItem(action, next)) };
    }

    /// <summary>The evidence without a member.</summary>
    public MemberEvidence Without(string signature) => this with { Members = Members.Remove(signature) };

    /// <summary>
    /// The member that answers to an action differently from all others together, by Fisher's exact test at <paramref name="level"/> divided by
    /// the comparisons made (Bonferroni); the one with the least chance when there are several, null when there is none.
    /// </summary>
    public string? FindStranger(double level)
    {
        var comparisons = (
            from action in Members.Values.SelectMany(actions => actions.Keys).Distinct()
            let asked = Members.Where(member => member.Value.ContainsKey(action)).ToList()
            where asked.Count > 1
            from member in asked
            let own = member.Value[action]
            let healed = asked.Sum(one => one.Value[action].Healed) - own.Healed
            let failed = asked.Sum(one => one.Value[action].Failed) - own.Failed
            select (member.Key, Chance: SuccessBound.FisherExact((int)own.Healed, (int)own.Failed, (int)healed, (int)failed), Size: own.Healed + own.Failed)).ToList();
        return comparisons
            .Where(comparison => comparison.Chance < level / comparisons.Count)
            .OrderBy(comparison => comparison.Chance)
            .ThenBy(comparison => comparison.Size)
            .ThenBy(comparison => comparison.Key, StringComparer.Ordinal)
            .Select(comparison => comparison.Key)
            .FirstOrDefault();
    }
}
