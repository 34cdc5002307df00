using System.Collections.Immutable;
using Prismatic.Lessons;

namespace Prismatic.Remediation;

/// <summary>Which step of which rule is to be applied.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Step">0 for the rule's own action, 1 for the first step of its ladder; <see cref="Ladder.Ticket"/> when all was tried.</param>
/// <param name="Action">What it asks for.</param>
internal readonly record struct LadderStep(RemediationRule Rule, int Step, RemediationAction Action);

/// <summary>
/// What comes after a remedy that did not help: the next step of the rule's own ladder; for a rule without one the next rule that matches
/// with another kind of action; then a ticket. Pure: what failed is kept by the child's supervisor and told to all silos.
/// </summary>
internal static class Ladder
{
    /// <summary>The step of a ticket that ends a ladder.</summary>
    public const int Ticket = -1;

    /// <summary>The most steps remembered of one child.</summary>
    public const int MostRemembered = 32;

    /// <summary>How often a remedy may fail before it is given up: a restart with backoff as often as it says, any other once.</summary>
    public static int LimitOf(RemediationAction applied) => applied is RestartWithBackoff backoff ? backoff.GiveUpAfter : 1;

    /// <summary>
    /// How often a step must have failed before the next one is taken. A rule that a person gave a ladder means it: once. Otherwise a break or a redirect that failed only says
    /// that the outage lasts, and is repeated for as long as outages last (as the lessons do, 30 times), and a record that is damaged again has no cure but
    /// another reset, up to 3 times.
    /// </summary>
    private static int PatienceWith(FailedStep step, ImmutableArray<RemediationRule> matching)
    {
        if (matching.FirstOrDefault(rule => rule.Id == step.Rule) is not { } rule || !(rule.Ladder.IsDefaultOrEmpty || rule.Origin is RuleOrigin.BuiltIn or RuleOrigin.Learned || LessonRules.IsLessons(rule.Id)))
        {
            return 1;
        }

        return step.Asked switch
        {
            CircuitBreak or RedirectToFallback => 30,
            RestartWithStateReset => 3,
            _ => 1,
        };
    }

    /// <summary>What to do about a crash of <paramref name="group"/>, given what failed before.</summary>
    /// <param name="matching">The rules that match, the one to be applied first; at least one.</param>
    /// <param name="group">The crash's group.</param>
    /// <param name="failed">What did not help this child.</param>
    /// <param name="stateDamaged">Whether there is evidence for a state reset.</param>
    public static LadderStep Choose(ImmutableArray<RemediationRule> matching, string group, ImmutableArray<FailedStep> failed, bool stateDamaged)
    {
        var spent = failed.IsDefault ? [] : failed.RemoveAll(step => step.Group != group || !step.IsSpent || step.Failures < PatienceWith(step, matching));
        foreach (var rule in matching)
        {
            var startedOn = spent.Any(step => step.Rule == rule.Id);
            var steps = Steps(rule);
            for (var i = 0; i < steps.Length; i++)
            {
                var asked = steps[i];
                var tried = spent.Any(step => step.IsOf(group, rule.Id, i, asked));
                var sameAsTried = i == 0 && !startedOn && spent.Any(step => step.Asked.Name == asked.Name) && rule != matching[0];
                if (!tried && !sameAsTried && (asked is not RestartWithStateReset || stateDamaged))
                {
                    return new(rule, i, asked is Escalate ticket && !spent.IsEmpty ? After(spent, ticket.Reason) : asked);
                }
            }

            if (steps.Length > 1 && startedOn)
            {
                // It named its whole ladder; the rules behind it are not part of that.
                return new(rule, Ticket, After(spent, null));
            }
        }

        return new(matching[0], Ticket, After(spent, null));
    }

    /// <summary>A remedy failed.</summary>
    public static ImmutableArray<FailedStep> Failed(ImmutableArray<FailedStep> known, string group, string rule, int step, RemediationAction asked, RemediationAction applied)
    {
        if (step == Ticket || asked is Escalate)
        {
            return known;
        }

        var at = IndexOf(known, group, rule, step, asked);
        if (at >= 0)
        {
            return known.SetItem(at, known[at] with { Failures = known[at].Failures + 1 });
        }

        var first = new FailedStep { Group = group, Rule = rule, Step = step, Asked = asked, Failures = 1, Limit = LimitOf(asked is RestartWithBackoff ? asked : applied) };
        return known.Length < MostRemembered ? known.Add(first) : known.RemoveAt(0).Add(first);
    }

    /// <summary>The group stayed away: the incident is over, and the next one begins at the first step.</summary>
    public static ImmutableArray<FailedStep> Healed(ImmutableArray<FailedStep> known, string group) => known.RemoveAll(step => step.Group == group);

    /// <summary>What two observers know together: of each step the larger count.</summary>
    public static ImmutableArray<FailedStep> Merge(ImmutableArray<FailedStep> one, ImmutableArray<FailedStep> other)
    {
        foreach (var step in other)
        {
            var at = IndexOf(one, step.Group, step.Rule, step.Step, step.Asked);
            one = at < 0 ? one.Add(step) : step.Failures > one[at].Failures ? one.SetItem(at, step) : one;
        }

        return one;
    }

    private static ImmutableArray<RemediationAction> Steps(RemediationRule rule) =>
        rule.Ladder.IsDefaultOrEmpty ? [rule.Action] : [rule.Action, .. rule.Ladder];

    private static int IndexOf(ImmutableArray<FailedStep> known, string group, string rule, int step, RemediationAction asked)
    {
        for (var i = 0; i < known.Length; i++)
        {
            if (known[i].IsOf(group, rule, step, asked))
            {
                return i;
            }
        }

        return -1;
    }

    private static Escalate After(ImmutableArray<FailedStep> spent, string? reason)
    {
        var tried = string.Join(", ", spent.Select(step => step.Asked.Name).Distinct());
        return new Escalate { Reason = reason is null || reason == new Escalate().Reason ? $"{tried} did not help" : $"{tried} did not help; {reason}" };
    }
}
