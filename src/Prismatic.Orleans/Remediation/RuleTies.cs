using Prismatic.Supervision;

namespace Prismatic.Remediation;

/// <summary>
/// Finds rules between which only their ids could choose: the same rank, and either the same pattern, or patterns that one crash can have
/// both of while the rules do not say the same.
/// </summary>
internal static class RuleTies
{
    /// <summary>Whether the two tie.</summary>
    public static bool Tie(RemediationRule one, RemediationRule other) =>
        RuleRank.Of(one) == RuleRank.Of(other)
        && (RuleOrder.SamePattern(one.Pattern, other.Pattern) || (CouldBothMatch(one.Pattern, other.Pattern) && !SameRemedy(one, other)));

    /// <summary>All ties between <paramref name="added"/> and the rest, and among themselves; each pair once.</summary>
    public static IEnumerable<(RemediationRule Rule, RemediationRule Other)> Find(IReadOnlyCollection<RemediationRule> added, IEnumerable<RemediationRule> others)
    {
        var seen = new Dictionary<(RuleRank, string), List<RemediationRule>>();
        foreach (var other in others)
        {
            Place(other).Add(other);
        }

        foreach (var rule in added)
        {
            var neighbours = Place(rule);
            foreach (var other in neighbours.Where(other => other.Id != rule.Id && Tie(rule, other)))
            {
                yield return (rule, other);
            }

            neighbours.Add(rule);
        }

        List<RemediationRule> Place(RemediationRule rule)
        {
            var key = (RuleRank.Of(rule), Apart(rule.Pattern));
            if (!seen.TryGetValue(key, out var list))
            {
                seen[key] = list = [];
            }

            return list;
        }
    }

    /// <summary>
    /// What keeps rules of one rank apart for certain, so that not every pair is compared: two signatures are never those of one crash, and
    /// between two types the chain decides.
    /// </summary>
    private static string Apart(CrashPattern pattern) => Specificity.Of(pattern).Kind switch
    {
        10 => pattern.Signature!,
        4 or 6 or 7 => pattern.ExceptionType!,
        5 => pattern.MessageTemplate!,
        _ => "",
    };

    private static bool SameRemedy(RemediationRule one, RemediationRule other) =>
        one.Action == other.Action && one.Shadow == other.Shadow && one.Ladder.SequenceEqual(other.Ladder);

    /// <summary>
    /// Whether one crash can have both, with nothing in it that tells which of them is nearer. Two types, two templates, or two codes that stand
    /// on different exceptions of a chain are told apart by how deep they lie.
    /// </summary>
    private static bool CouldBothMatch(CrashPattern one, CrashPattern other) =>
        !Differ(one.Signature, other.Signature)
        && !Differ(one.ExceptionType, other.ExceptionType)
        && !Differ(one.MessageTemplate, other.MessageTemplate)
        && !Differ(one.Worker, other.Worker)
        && (one.Class is null || other.Class is null || one.Class == other.Class)
        && (one.Blame ?? Blame.Worker) == (other.Blame ?? Blame.Worker)
        && (one.Under is null || other.Under is null || ChildPath.IsUnder(one.Under, other.Under) || ChildPath.IsUnder(other.Under, one.Under))
        && (one.Code is null || other.Code is null || CodesCanMeet(one, other));

    private static bool CodesCanMeet(CrashPattern one, CrashPattern other) => one.Code == other.Code
        ? one.CodeValues.IsDefaultOrEmpty || other.CodeValues.IsDefaultOrEmpty || one.CodeValues.Intersect(other.CodeValues).Any()
        : Family(one.Code!) == Family(other.Code!);

    /// <summary>Codes of one family can stand on the same exception; each of the others stands alone.</summary>
    private static string Family(string code) => code switch
    {
        "sqlstate" or "db.error" or "sqlite" => "database",
        "http" or "http.error" => "http",
        _ => code,
    };

    private static bool Differ(string? one, string? other) => one is not null && other is not null && one != other;
}
