using System.Collections.Immutable;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Remediation;

/// <summary>What is known where a remedy is chosen.</summary>
/// <param name="Facts">The crash.</param>
/// <param name="Signature">Its signature.</param>
/// <param name="Group">Its group.</param>
/// <param name="Class">Its failure class.</param>
/// <param name="Default">The worker's own restart.</param>
/// <param name="Failed">What did not help this child.</param>
/// <param name="Mode">What remediation may do.</param>
/// <param name="TakeFromBudget">Takes one remedy from the subtree's budget; false when it is used up. Asked only for remedies that count.</param>
internal readonly record struct RemedyQuestion(
    CrashFacts Facts,
    string Signature,
    string Group,
    FailureClass Class,
    RestartWithBackoff Default,
    ImmutableArray<FailedStep> Failed,
    RemediationMode Mode,
    Func<bool> TakeFromBudget);

/// <summary>The remedy for one crash. A pure decision from the rules and what is known.</summary>
/// <param name="Rule">The id of the rule behind it; <see cref="NoRule"/> when the default restart takes the place of what the rules say.</param>
/// <param name="Step">The rule's step.</param>
/// <param name="Action">What is to be done.</param>
/// <param name="Held">Why the rules' remedy is held back; <see cref="RemedyHold.None"/> when it is not.</param>
/// <param name="Proposed">The rule whose remedy is held back, or a shadow rule that would have come first; else null.</param>
/// <param name="ProposedAction">What it would do; else null.</param>
internal readonly record struct RemedyChoice(string Rule, int Step, RemediationAction Action, RemedyHold Held, string? Proposed, RemediationAction? ProposedAction)
{
    /// <summary>
    /// Whether the worker's own restart is meant: a lesson that says restart of its own accord names no figures, it says that nothing more is
    /// needed than what a ticket's child gets meanwhile.
    /// </summary>
    public bool IsOwnRestart { get; private init; }

    /// <summary>What a report names as its rule when none decided.</summary>
    public const string NoRule = "default";

    public static RemedyChoice Of(RuleSnapshot rules, in RemedyQuestion question)
    {
        var (first, step) = IsSpentOn(question) ? ClimbLadder(rules, question) : ApplyFirst(rules, question);
        if (question.Mode != RemediationMode.Active)
        {
            // A ticket changes nothing in the service: it is opened in every mode.
            return step.Action is Escalate
                ? new(step.Rule.Id, step.Step, step.Action, RemedyHold.None, null, null)
                : Hold(question.Mode == RemediationMode.Off ? RemedyHold.Off : RemedyHold.Shadow, step, question.Default);
        }

        if (Counts(step.Action) && !question.TakeFromBudget())
        {
            return Hold(RemedyHold.Budget, step, question.Default);
        }

        var shadow = rules.Shadowed(question.Facts, question.Signature, question.Class, first);
        return new(step.Rule.Id, step.Step, step.Action, RemedyHold.None, shadow?.Id, shadow?.Action)
        {
            IsOwnRestart = step.Rule.Origin == RuleOrigin.Learned && step.Action is RestartWithBackoff named && named with { GiveUpAfter = Unnamed.GiveUpAfter } == Unnamed,
        };
    }

    private static RemedyChoice Hold(RemedyHold why, in LadderStep step, RestartWithBackoff instead) => new(NoRule, 0, instead, why, step.Rule.Id, step.Action);

    /// <summary>Whether some remedy for this group has failed this child as often as it may.</summary>
    private static bool IsSpentOn(in RemedyQuestion question)
    {
        if (!question.Failed.IsDefaultOrEmpty)
        {
            foreach (var known in question.Failed)
            {
                if (known.Group == question.Group && known.IsSpent)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static (RemediationRule First, LadderStep Step) ApplyFirst(RuleSnapshot rules, in RemedyQuestion question)
    {
        var first = rules.Decide(question.Facts, question.Signature, question.Class).Rule;
        return (first, new LadderStep(first, 0, first.Action));
    }

    private static (RemediationRule First, LadderStep Step) ClimbLadder(RuleSnapshot rules, in RemedyQuestion question)
    {
        var matching = rules.Matching(question.Facts, question.Signature, question.Class) is { IsEmpty: false } all ? all : [BuiltInRules.Unknown];
        return (matching[0], Ladder.Choose(matching, question.Group, question.Failed, question.Facts.StateDamaged));
    }

    private static readonly RestartWithBackoff Unnamed = new();

    /// <summary>Whether a remedy is more than a restart, so that it counts in the subtree's budget.</summary>
    public static bool Counts(RemediationAction action) => action is not (RestartWithBackoff or Escalate);
}
