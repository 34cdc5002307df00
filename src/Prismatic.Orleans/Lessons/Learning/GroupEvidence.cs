using System.Collections.Immutable;
using Prismatic.Remediation;

namespace Prismatic.Lessons;

/// <summary>All that a decision about a group rests on. A value: each crash, outcome and answer makes the next one.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.GroupEvidence")]
internal sealed record GroupEvidence
{
    /// <summary>What the rules do about it when no lesson speaks; null until a rule decided.</summary>
    [Id(0)] public RemediationAction? Rule { get; init; }

    /// <summary>What each action did, by its name.</summary>
    [Id(1)] public ImmutableDictionary<string, ActionEvidence> Actions { get; init; } = ImmutableDictionary<string, ActionEvidence>.Empty;

    /// <summary>A person's answer; null while there is none.</summary>
    [Id(2)] public RemediationAction? Answer { get; init; }

    /// <summary>Crashes since the last answer that a person was told of, or would have been.</summary>
    [Id(3)] public long Waiting { get; init; }

    /// <summary>The names of alternatives that were tried since the last answer.</summary>
    [Id(4)] public ImmutableArray<string> Tried { get; init; } = [];

    /// <summary>The alternative that is being tried; null while none is.</summary>
    [Id(5)] public RemediationAction? Trial { get; init; }

    /// <summary>Whether it got worse since the last answer: it returned after it was resolved, or comes more often than forecast.</summary>
    [Id(6)] public bool Worse { get; init; }

    /// <summary>
    /// Requests that were proven to be at fault themselves: each crashed two clean incarnations and came again while others were served. Back to 0 when
    /// different requests met the failure with nothing served in between, and when a person names a remedy.
    /// </summary>
    [Id(7)] public int RequestFaults { get; init; }

    /// <summary>Whether its last crash came out of a call to a target that a breaker can stand before.</summary>
    [Id(8)] public bool HasTarget { get; init; }

    /// <summary>Whether the last crash named a target.</summary>
    public GroupEvidence WithTarget(bool named) => HasTarget == named ? this : this with { HasTarget = named };

    /// <summary>A request was proven to be at fault.</summary>
    public GroupEvidence WithRequestFault() => this with { RequestFaults = RequestFaults + 1 };

    /// <summary>A rule decided about a crash of this group.</summary>
    public GroupEvidence WithRule(RemediationAction rule) => Rule == rule ? this : this with { Rule = rule };

    /// <summary>A crash was told to a person, or kept from one who knows already.</summary>
    public GroupEvidence WithWaiting() => this with { Waiting = Waiting + 1 };

    /// <summary>An action that advice ordered turned out to be another: the child has no fallback, or the crash named no target.</summary>
    public GroupEvidence WithUnavailable(RemediationAction action) => this with
    {
        Actions = Actions.SetItem(action.Name, (Actions.GetValueOrDefault(action.Name) ?? new ActionEvidence { Action = action }) with { Unavailable = true }),
        Trial = Trial?.Name == action.Name ? null : Trial,
    };

    /// <summary>What became of an action. What a ticket's child gets meanwhile is the default restart, so its outcome is one of that.</summary>
    public GroupEvidence WithOutcome(RemediationAction action, Result result, FailureClass failure, LearningPolicy policy)
    {
        var done = action is Escalate ? new RestartWithBackoff() : action;
        var known = (Actions.GetValueOrDefault(done.Name) ?? new ActionEvidence { Action = done }) with { Action = done };
        var counted = known.With(result, Patience(known, failure, HasTarget, policy), policy);
        var failed = counted.Failed > known.Failed && result != Result.Healed;
        var others = failed && done is RestartWithBackoff ? Needed(policy)
            : result == Result.Healed && done is CircuitBreak or RedirectToFallback ? Ended(wasAway: known.Attempts > 0)
            : Actions;
        var next = this with { Actions = others.SetItem(done.Name, counted) };

        // An alternative is dropped with its first failure; what helps ends the waiting, so that the next failure is news.
        return failed ? next with { Trial = Trial?.Name == done.Name ? null : Trial }
            : result == Result.Healed && HealingPolicy.Suffices(counted, policy) ? next with { Waiting = 0, Tried = Trial is null || Trial.Name == done.Name ? [] : Tried, Trial = Trial?.Name == done.Name ? null : Trial }
            : next;
    }

    /// <summary>
    /// Nothing was heard of an action within its window. What its attempts met before stays true: the target of a break was away, for longer than
    /// anybody watched. The next incident begins with its own first attempt.
    /// </summary>
    public GroupEvidence WithSilence(RemediationAction action) => Actions.GetValueOrDefault(action.Name) is not { Attempts: > 0 } known ? this
        : action is CircuitBreak or RedirectToFallback ? this with { Actions = Ended(wasAway: true).SetItem(action.Name, known with { Attempts = 0, HealedLater = known.HealedLater + 1 }) }
        : this with { Actions = Actions.SetItem(action.Name, known with { Attempts = 0 }) };

    /// <summary>A break or a fallback ended an incident: what that says of a restart before it.</summary>
    private ImmutableDictionary<string, ActionEvidence> Ended(bool wasAway) =>
        Actions.TryGetValue(nameof(RestartWithBackoff), out var restart) ? Actions.SetItem(nameof(RestartWithBackoff), restart.Ended(wasAway)) : Actions;

    /// <summary>A restart in the place of what is heavier failed: that was needed, and has to heal at once for longer before it is doubted again.</summary>
    private ImmutableDictionary<string, ActionEvidence> Needed(LearningPolicy policy) => Actions.ToImmutableDictionary(
        action => action.Key,
        action => HealingPolicy.IsDoubted(action.Value, policy) ? action.Value with { AtOnce = 0, Needed = action.Value.Needed + 1 } : action.Value);

    /// <summary>An alternative is being tried.</summary>
    public GroupEvidence WithTrial(RemediationAction action) =>
        Trial == action ? this : this with { Trial = action, Tried = Tried.Contains(action.Name) ? Tried : Tried.Add(action.Name) };

    /// <summary>The ladder went on to an action, since what comes first met the cause again: it is needed, and tried first from now on.</summary>
    public GroupEvidence WithNextStep(RemediationAction action, LearningPolicy policy) => (this with { Actions = Needed(policy) }).WithTrial(action);

    /// <summary>A person's answer: what was counted against its action before is void, since a person may have changed the world.</summary>
    public GroupEvidence WithAnswer(RemediationAction answer, LearningPolicy policy) => this with
    {
        Answer = answer,
        Waiting = 0,
        Tried = [],
        Trial = null,
        Worse = false,
        RequestFaults = answer is Escalate ? RequestFaults : 0,
        Actions = answer is Escalate ? Actions : Actions.SetItem(answer.Name, new ActionEvidence
        {
            Action = answer,
            Healed = policy.PersonWeight,

            // Who names a break says that something is away.
            HealedLater = answer is CircuitBreak or RedirectToFallback ? 1 : 0,
        }),
    };

    /// <summary>The group got worse: a person is told anew.</summary>
    public GroupEvidence WithAlarm() => this with { Waiting = 0, Worse = true };

    private static int Patience(ActionEvidence known, FailureClass failure, bool hasTarget, LearningPolicy policy) => known.Action switch
    {
        CircuitBreak or RedirectToFallback => policy.AttemptsOfBreak,
        RestartWithBackoff when failure == FailureClass.ResourceExhaustion && !hasTarget => policy.AttemptsOfRestart,
        RestartWithBackoff when known.HealsLater => 1,
        _ => 0,
    };

    /// <summary>The evidence over other outcomes than it was made of: those of a part of its members, newest weights being unknown.</summary>
    public GroupEvidence Rebuilt(IEnumerable<ImmutableDictionary<string, Tally>> members, LearningPolicy policy)
    {
        var most = 1 / (1 - policy.LongMemory);
        var tallies = members.SelectMany(actions => actions).GroupBy(action => action.Key, action => action.Value);
        var rebuilt = Actions.ToBuilder();
        rebuilt.Clear();
        foreach (var tally in tallies)
        {
            var (healed, failed) = (tally.Sum(one => one.Healed), tally.Sum(one => one.Failed));
            var scale = Math.Min(1, most / Math.Max(1, healed + failed));
            if (Actions.TryGetValue(tally.Key, out var known))
            {
                var lately = Math.Min(1, 1 / (1 - policy.ShortMemory) / Math.Max(1, healed + failed));
                rebuilt[tally.Key] = new ActionEvidence
                {
                    Action = known.Action,
                    Healed = healed * scale,
                    Failed = failed * scale,
                    LatelyHealed = healed * lately,
                    LatelyFailed = failed * lately,
                };
            }
        }

        return this with { Actions = rebuilt.ToImmutable() };
    }
}
