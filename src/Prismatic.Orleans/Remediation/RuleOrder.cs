using System.Collections.Immutable;

namespace Prismatic.Remediation;

/// <summary>The order in which rules are tried: most specific first, then by priority, then people before machines, then by id.</summary>
internal sealed class RuleOrder : IComparer<RemediationRule>
{
    public static RuleOrder Instance { get; } = new();

    public static ImmutableArray<RemediationRule> Sort(IEnumerable<RemediationRule> rules) =>
        [.. rules.Select(rule => (Rule: rule, Rank: RuleRank.Of(rule))).OrderBy(entry => entry.Rank).ThenBy(entry => entry.Rule.Id, StringComparer.Ordinal).Select(entry => entry.Rule)];

    public int Compare(RemediationRule? x, RemediationRule? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var byRank = RuleRank.Of(x).CompareTo(RuleRank.Of(y));
        return byRank != 0 ? byRank : string.CompareOrdinal(x.Id, y.Id);
    }

    public static bool SamePattern(CrashPattern one, CrashPattern other) =>
        one with { CodeValues = [], MessageContains = null } == other with { CodeValues = [], MessageContains = null }
        && string.Equals(one.MessageContains, other.MessageContains, StringComparison.OrdinalIgnoreCase)
        && Values(one).SetEquals(Values(other));

    private static ImmutableHashSet<string> Values(CrashPattern pattern) =>
        pattern.CodeValues.IsDefaultOrEmpty ? [] : [.. pattern.CodeValues];
}

/// <summary>
/// A rule's place in the order of trial, as far as the rule alone decides it. Among rules of one rank the crash decides: which of them names
/// what lies deeper in the chain of exceptions, and then the nearer type.
/// </summary>
internal readonly record struct RuleRank(Specificity Specificity, int Priority, int Trust) : IComparable<RuleRank>
{
    public static RuleRank Of(RemediationRule rule) => new(Specificity.Of(rule.Pattern), rule.Priority, TrustIn(rule.Origin));

    /// <summary>Before zero: tried first.</summary>
    public int CompareTo(RuleRank other)
    {
        var bySpecificity = other.Specificity.CompareTo(Specificity);
        return bySpecificity != 0 ? bySpecificity
            : Priority != other.Priority ? other.Priority.CompareTo(Priority)
            : other.Trust.CompareTo(Trust);
    }

    private static int TrustIn(RuleOrigin origin) => origin switch
    {
        RuleOrigin.Person => 3,
        RuleOrigin.Registered or RuleOrigin.Code or RuleOrigin.File => 2,
        RuleOrigin.Learned => 1,
        _ => 0,
    };
}
