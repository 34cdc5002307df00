using System.Collections.Immutable;

namespace Prismatic.Remediation;

/// <summary>What the registry stores: the rules that were added to the built-in ones.</summary>
[GenerateSerializer, Alias("prismatic.RuleBook")]
internal sealed class RuleBook
{
    /// <summary>The most rules that can be added, so that the one record stays small enough to be written at each change.</summary>
    public const int MaxRules = 10_000;

    /// <summary>The version of this shape.</summary>
    [Id(0)] public int Schema { get; set; } = 1;

    /// <summary>The version of the table.</summary>
    [Id(1)] public long Version { get; set; }

    [Id(2)] public List<StoredRule> Rules { get; set; } = [];

    /// <summary>What remediation may do in the cluster. A mode that this build does not know counts as off.</summary>
    [Id(3)] public string Mode { get; set; } = nameof(RemediationMode.Active);

    /// <summary>The book with <paramref name="rule"/> added or put in the place of the one with its id, one version later.</summary>
    public RuleBook With(RemediationRule rule) =>
        new() { Version = Version + 1, Mode = Mode, Rules = [.. Rules.Where(stored => stored.Id != rule.Id), StoredRule.Of(rule)] };

    /// <summary>The book without the rule, one version later.</summary>
    public RuleBook Without(string ruleId) =>
        new() { Version = Version + 1, Mode = Mode, Rules = [.. Rules.Where(stored => stored.Id != ruleId)] };

    /// <summary>The book with these rules in the place of all that came from the rule file, one version later.</summary>
    public RuleBook WithFile(IEnumerable<RemediationRule> rules) =>
        new() { Version = Version + 1, Mode = Mode, Rules = [.. Rules.Where(stored => stored.Origin != nameof(RuleOrigin.File)), .. rules.Select(StoredRule.Of)] };

    /// <summary>The book with another mode, one version later.</summary>
    public RuleBook With(RemediationMode mode) => new() { Version = Version + 1, Mode = mode.ToString(), Rules = Rules };

    public RemediationMode ReadMode() => Enum.TryParse<RemediationMode>(Mode, out var mode) && Enum.IsDefined(mode) ? mode : RemediationMode.Off;

    /// <summary>The added rules that this build understands and finds valid, and a sentence for each that it leaves out.</summary>
    public (ImmutableArray<RemediationRule> Rules, ImmutableArray<string> LeftOut) Read()
    {
        var rules = new List<RemediationRule>();
        var leftOut = ImmutableArray.CreateBuilder<string>();
        foreach (var stored in Rules)
        {
            var rule = stored.Read(out var problem);
            if (rule is not null && RuleValidation.Find(rule) is { Length: > 0 } problems)
            {
                problem = string.Join(" ", problems.Select(found => found.Sentence));
            }

            if (problem is null)
            {
                rules.Add(rule!);
            }
            else
            {
                leftOut.Add($"Rule '{stored.Id}' is left out: {problem}");
            }
        }

        foreach (var (rule, problem) in RuleValidation.FindInTable(rules, []).ToList())
        {
            // Of two that tie the later one goes; the first was in force before it.
            if (rules.Remove(rule))
            {
                leftOut.Add($"Rule '{rule.Id}' is left out: {problem.Sentence}");
            }
        }

        return ([.. rules], leftOut.ToImmutable());
    }
}
