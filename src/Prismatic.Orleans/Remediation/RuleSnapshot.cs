using System.Collections.Immutable;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Remediation;

/// <summary>The rule that decides about a crash.</summary>
internal readonly record struct RuleMatch(RemediationRule Rule)
{
    public string RuleId => Rule.Id;

    public RemediationAction Action => Rule.Action;

    public RuleOrigin Origin => Rule.Origin;
}

/// <summary>
/// A rule table made ready for deciding, held by each silo and replaced as a whole. Deciding is a function of the table and the
/// crash: it calls nothing, waits for nothing, and allocates nothing unless a rule asks for message templates.
/// </summary>
internal sealed class RuleSnapshot
{
    private readonly RuleIndex _live;
    private readonly RuleIndex? _shadow;
    private readonly ImmutableHashSet<Blame> _blames;

    private RuleSnapshot(long version, RemediationMode mode, IEnumerable<RemediationRule> rules)
    {
        Version = version;
        Mode = mode;
        var compiled = Compile(rules);
        _live = new RuleIndex([.. compiled.Where(rule => !rule.Rule.Shadow)]);
        _shadow = compiled.Exists(rule => rule.Rule.Shadow) ? new RuleIndex([.. compiled.Where(rule => rule.Rule.Shadow)]) : null;
        BlamesRequests = compiled.Exists(rule => !rule.Rule.Shadow && LessonRules.BlamesRequest(rule.Rule.Id));
        _blames = [.. compiled.Where(rule => !rule.Rule.Shadow).Select(rule => rule.Rule.Pattern.Blame ?? Blame.Worker)];
    }

    /// <summary>The rules that the library brings: what a silo decides from before it has heard of the registry.</summary>
    public static RuleSnapshot BuiltIn { get; } = new(0, RemediationMode.Active, BuiltInRules.All);

    public long Version { get; }

    public RemediationMode Mode { get; }

    public static RuleSnapshot From(RuleTable table) => new(table.Version, table.Mode, table.Rules);

    /// <summary>Whether some lesson knows a failure as the fault of the requests that meet it.</summary>
    public bool BlamesRequests { get; }

    /// <summary>Whether a rule is asked about crashes of that blame.</summary>
    public bool AsksFor(Blame blame) => _blames.Contains(blame);

    /// <summary>The first rule, in the order of trial, that matches; <see cref="BuiltInRules.Unknown"/> when none does.</summary>
    public RuleMatch Decide(CrashFacts facts, string signature, FailureClass failure) =>
        new(_live.First(Input(_live, facts, signature, failure))?.Rule ?? BuiltInRules.Unknown);

    /// <summary>All rules that match, the one to be applied first.</summary>
    public ImmutableArray<RemediationRule> Matching(CrashFacts facts, string signature, FailureClass failure) =>
        [.. _live.All(Input(_live, facts, signature, failure)).Select(rule => rule.Rule)];

    /// <summary>The shadow rule that would have been applied in place of <paramref name="applied"/>, or null.</summary>
    public RemediationRule? Shadowed(CrashFacts facts, string signature, FailureClass failure, RemediationRule applied) =>
        _shadow?.First(Input(_shadow, facts, signature, failure))?.Rule is { } shadow && RuleOrder.Instance.Compare(shadow, applied) < 0 ? shadow : null;

    /// <summary>What each of these rules says of a crash.</summary>
    public static ImmutableArray<RuleTrial> Try(IEnumerable<RemediationRule> rules, CrashFacts facts, string signature, FailureClass failure)
    {
        var crash = new CrashInput(facts, signature, failure, Templates(facts));
        return
        [
            .. Compile(rules).Select(rule => new RuleTrial
            {
                Rule = rule.Rule,
                Sentence = rule.Rule.Describe(),
                Matches = rule.Matches(crash),
                Missing = [.. rule.Missing(crash)],
            }),
        ];
    }

    private static CrashInput Input(RuleIndex index, CrashFacts facts, string signature, FailureClass failure) =>
        new(facts, signature, failure, index.AsksForTemplates ? Templates(facts) : null);

    private static string[] Templates(CrashFacts facts) => [.. facts.Exceptions.Select(exception => MessageTemplate.Of(exception.Message))];

    private static List<CompiledRule> Compile(IEnumerable<RemediationRule> rules)
    {
        var compiled = new List<CompiledRule>();
        RuleRank? before = null;
        var rank = 0;
        foreach (var rule in RuleOrder.Sort(rules))
        {
            var own = RuleRank.Of(rule);
            rank += before is { } known && known != own ? 1 : 0;
            before = own;
            compiled.Add(new CompiledRule(rule, rank, compiled.Count));
        }

        return compiled;
    }
}
