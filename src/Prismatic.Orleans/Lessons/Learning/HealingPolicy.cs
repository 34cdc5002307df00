using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Prismatic.Remediation;

namespace Prismatic.Lessons;

/// <summary>On what grounds the next crash of a group is treated.</summary>
[GenerateSerializer, Alias("prismatic.AdviceGround")]
internal enum AdviceGround
{
    /// <summary>No lesson speaks: the rules decide.</summary>
    Rules,

    /// <summary>Outcomes suffice.</summary>
    Learned,

    /// <summary>A person said so, and it has not stopped helping.</summary>
    Person,

    /// <summary>An alternative is tried.</summary>
    Trial,

    /// <summary>A person is asked.</summary>
    Ask,

    /// <summary>A person knows already, or muted it: the default restart, and nobody is told.</summary>
    Contain,

    /// <summary>It is the fault of the requests that meet it: the worker is left alone.</summary>
    Request,
}

/// <summary>What is done about the next crash of a group, and why.</summary>
/// <param name="Ground">On what grounds.</param>
/// <param name="Action">What is done; null where the rules decide.</param>
/// <param name="Reason">Why, in a sentence.</param>
internal sealed record Advice(AdviceGround Ground, RemediationAction? Action, string Reason)
{
    /// <summary>What follows at once, in the same incident, when the action did not help; null when nothing does.</summary>
    public RemediationAction? Then { get; init; }
}

/// <summary>What is known of the moment, besides the group's own evidence.</summary>
/// <param name="Class">The group's failure class.</param>
/// <param name="Experience">What actions did in this class, over all groups.</param>
/// <param name="MayTry">Whether the cluster's budget has room for another trial.</param>
/// <param name="Muted">Whether a person muted the group.</param>
/// <param name="Group">The group's id, which with the seed breaks ties.</param>
internal readonly record struct AdviceContext(FailureClass Class, ClassExperience Experience, bool MayTry, bool Muted, string Group);

/// <summary>
/// The decision that lessons are for: what to do about the next crash of a group. A pure function of its evidence, asked after each
/// outcome; the answer becomes a rule on every silo. In this order:
/// <list type="number">
/// <item>muted: contain;</item>
/// <item>known as the fault of the requests that meet it: the worker is left alone;</item>
/// <item>answered by a person with "nothing helps": contain;</item>
/// <item>a restart on trial, where a break or fallback healed at its first attempt and so was more than was needed;</item>
/// <item>the alternative that is being tried;</item>
/// <item>a person's remedy, while it has not stopped helping, or what is lighter and known to help;</item>
/// <item>the lightest action that is known to help;</item>
/// <item>what the rules say, while outcomes do not speak against it;</item>
/// <item>an alternative that is more likely to help than not, within the budgets; never one that destroys state;</item>
/// <item>ask a person; once told, contain, and tell again at the 4th, 8th, 16th… crash.</item>
/// </list>
/// Where a restart is done and the crash names a target, a break of that target follows in the same incident, as the ladder of the lesson's rule, and is on trial from then on.
/// </summary>
internal static class HealingPolicy
{
    private static readonly ImmutableArray<RemediationAction> Alternatives = [new RestartWithBackoff(), new CircuitBreak(), new RedirectToFallback()];

    /// <summary>The default restart, without a ticket.</summary>
    private static readonly RestartWithBackoff Default = new();

    /// <summary>What is done about the next crash.</summary>
    public static Advice Advise(GroupEvidence known, AdviceContext context, LearningPolicy policy)
    {
        if (context.Muted)
        {
            return new Advice(AdviceGround.Contain, Default, "it is muted");
        }

        if (known.RequestFaults > 0)
        {
            return new Advice(AdviceGround.Request, Default, $"it is the request's fault: {known.RequestFaults} crashed clean incarnations again and again while others were served");
        }

        if (known.Answer is Escalate)
        {
            return known.Worse
                ? AskOrContain(known, policy, "it got worse than when a person said that nothing helps")
                : new Advice(AdviceGround.Contain, Default, "a person said that nothing helps");
        }

        if (known.Trial is { } running)
        {
            if (known.Actions.GetValueOrDefault(running.Name) is { } tried && Lighter(context, tried, policy) is { } less)
            {
                return Trying(known, less, Enough(tried), policy);
            }

            return Trying(known, running, "it is being tried", policy);
        }

        var best = Best(known, policy);
        var named = known.Answer is { } given && known.Actions.GetValueOrDefault(given.Name) is { } evidence && evidence.Holds(policy) ? evidence : null;
        var inForce = named is not null && (best is null || Weight(best.Action) >= Weight(named.Action)) ? named : best;
        if (inForce is not null && Lighter(context, inForce, policy) is { } lighter)
        {
            return Trying(known, lighter, Enough(inForce), policy);
        }

        if (inForce is not null)
        {
            var then = Then(known, inForce.Action);
            return inForce == named ? new Advice(AdviceGround.Person, Patient(known, known.Answer!, policy), "a person named it, and it has not stopped helping") { Then = then }
                : inForce.Action == known.Rule && known.Answer is null && then is null ? new Advice(AdviceGround.Rules, null, $"the rules apply what outcomes confirm, {Figures(inForce)}")
                : new Advice(AdviceGround.Learned, Patient(known, inForce.Action, policy), $"it helped, {Figures(inForce)}") { Then = then };
        }

        if (known.Rule is { } rule && rule is not Escalate && known.Answer is null && Trusted(known, rule, policy))
        {
            if (known.Actions.GetValueOrDefault(rule.Name) is { } ruled && Lighter(context, ruled, policy) is { } enough)
            {
                return Trying(known, enough, Enough(ruled), policy);
            }

            return new Advice(AdviceGround.Rules, null, "the rules decide; outcomes do not speak against them");
        }

        if (Alternative(known, context, policy) is { } trial)
        {
            return Trying(known, trial, "what was done before stopped helping or never did; this is likelier to help than not", policy);
        }

        if (known.Answer is not null)
        {
            return AskOrContain(known, policy, "the remedy that a person named has stopped helping");
        }

        return known.Rule is Escalate or null && known.Waiting < policy.ToldOneByOne
            ? new Advice(AdviceGround.Rules, null, "nothing is known to help; the rules ask a person")
            : AskOrContain(known, policy, "nothing that was tried helps");
    }

    /// <summary>Whether outcomes suffice to say that an action helps.</summary>
    public static bool Suffices(ActionEvidence action, LearningPolicy policy) =>
        action.Holds(policy) && SuccessBound.Lower(action.Healed, action.Failed) >= policy.Sufficient;

    /// <summary>Of the actions that are known to help the lightest: the one that is over soonest and touches least. Null when none is known to.</summary>
    public static ActionEvidence? Best(GroupEvidence known, LearningPolicy policy) => known.Actions.Values
        .Where(action => Suffices(action, policy))
        .OrderBy(action => Weight(action.Action))
        .FirstOrDefault();

    private static int Weight(RemediationAction action) => action switch
    {
        RestartWithBackoff => 0,
        RedirectToFallback => 1,
        CircuitBreak => 2,
        _ => 3,
    };

    /// <summary>
    /// A restart, where what is in force healed at once so often that nothing can have been away; null otherwise. Whether a restart
    /// failed before does not count, since that is how what is in force was found; one that failed as such a trial is tried again when the evidence is twice as long.
    /// Where nothing was ever found away, one such success suffices: most outages outlast a break, so that it is likelier that there was none.
    /// </summary>
    private static RestartWithBackoff? Lighter(AdviceContext context, ActionEvidence inForce, LearningPolicy policy) =>
        IsDoubted(inForce, policy) && context.MayTry ? Default : null;

    /// <summary>Whether a break or fallback healed at once so often in a row that a restart is tried in its place.</summary>
    public static bool IsDoubted(ActionEvidence action, LearningPolicy policy) =>
        action.Action is CircuitBreak or RedirectToFallback && action.AtOnce >= (action.HealsLater ? policy.FirstAttempts : 1) << Math.Min(action.Needed, policy.MostDoublings);

    private static string Enough(ActionEvidence action) =>
        string.Create(CultureInfo.InvariantCulture, $"{action.Action.Name} healed at its first attempt, {action.AtOnce} times in a row, so a restart may do");

    private static Advice Trying(GroupEvidence known, RemediationAction action, string reason, LearningPolicy policy) =>
        new(AdviceGround.Trial, Patient(known, action, policy), reason) { Then = Then(known, action) };

    /// <summary>
    /// What follows a restart where the crash names a target: a fresh activation has a fresh memory, so that what it meets at once is not in it, and the target is what is left.
    /// </summary>
    private static CircuitBreak? Then(GroupEvidence known, RemediationAction action) => action is RestartWithBackoff && known.HasTarget ? new CircuitBreak() : null;

    /// <summary>
    /// A restart that something follows may meet the cause once more where it has helped: either the cure has changed, or this failure is one that passes and
    /// strikes twice. It is given up at once where it never helped, and where it healed at its first attempt so often in a row that striking twice is the less likely.
    /// </summary>
    private static RemediationAction Patient(GroupEvidence known, RemediationAction action, LearningPolicy policy) => action is RestartWithBackoff restart && Then(known, action) is not null
        ? restart with { GiveUpAfter = known.Actions.GetValueOrDefault(restart.Name) is { Healed: > 0 } seen && (seen.HealsLater || seen.AtOnce < policy.SingleStrikes) ? 2 : 1 }
        : action;

    private static bool Trusted(GroupEvidence known, RemediationAction rule, LearningPolicy policy)
    {
        var seen = known.Actions.GetValueOrDefault(rule.Name) ?? new ActionEvidence { Action = rule };
        return seen.Holds(policy) && Rate(seen.LatelyHealed, seen.LatelyFailed) > policy.RuleTrusted && Rate(seen.Healed, seen.Failed) > policy.RuleTrusted;

        double Rate(double healed, double failed) => (healed + (policy.RuleWeight * policy.RuleRate)) / (healed + failed + policy.RuleWeight);
    }

    private static RemediationAction? Alternative(GroupEvidence known, AdviceContext context, LearningPolicy policy)
    {
        if (!context.MayTry || known.Tried.Length >= policy.TrialsPerGroup)
        {
            return null;
        }

        var worth = known.Waiting >= policy.Patience ? 0.0 : policy.WorthTrying;
        return Alternatives
            .Where(action => (action is not CircuitBreak || (known.HasTarget && MayBeAway(known))) && action.Name != known.Rule?.Name && action.Name != known.Answer?.Name && !known.Tried.Contains(action.Name))
            .Select(action => (Action: action, Rate: Rate(known, context, action)))
            .Where(candidate => candidate.Rate > worth)
            .OrderByDescending(candidate => candidate.Rate)
            .ThenBy(candidate => Chance($"{policy.Seed}/{context.Group}/{candidate.Action.Name}"))
            .Select(candidate => candidate.Action)
            .FirstOrDefault();
    }

    /// <summary>Whether the target may be what is wrong: what was served between two crashes went to it as well, so that most failures must have come before anything was.</summary>
    private static bool MayBeAway(GroupEvidence known) =>
        known.Actions.Values.Sum(action => action.FailedAtOnce) is > 0 and var atOnce && atOnce * 2 >= known.Actions.Values.Sum(action => action.Failed);

    /// <summary>A number that looks like chance and is the same in every process.</summary>
    private static ulong Chance(string what) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(what));

    /// <summary>
    /// What experience says of an alternative: that of the group's class, and for a break that of dependencies, since what fails in a call to a target
    /// may well be the target, whatever its words say. One with outcomes of its own is judged by those alone: it suffices, or it is none.
    /// Before the first outcome of what a ticket's child gets, nothing is claimed to be better.
    /// </summary>
    private static double Rate(GroupEvidence known, AdviceContext context, RemediationAction action) =>
        known.Actions.ContainsKey(action.Name) || (known.Rule is Escalate && known.Actions.IsEmpty) ? 0
        : context.Experience.Expected(action is CircuitBreak ? FailureClass.ExternalDependency : context.Class, action.Name);

    private static Advice AskOrContain(GroupEvidence known, LearningPolicy policy, string reason)
    {
        var next = known.Waiting + 1;
        return next <= policy.ToldOneByOne || (next & (next - 1)) == 0 ? Ask(reason) : new Advice(AdviceGround.Contain, Default, $"a person was asked, since {reason}");
    }

    private static Advice Ask(string reason) => new(AdviceGround.Ask, new Escalate { Reason = reason }, reason);

    private static string Figures(ActionEvidence action) =>
        string.Create(CultureInfo.InvariantCulture, $"at a rate of at least {SuccessBound.Lower(action.Healed, action.Failed):0.00} with 90 % confidence");
}
