using System.Collections.Immutable;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Remediation;

public sealed class LadderTests
{
    private const string Group = "g";

    private static readonly RestartWithBackoff Twice = new() { GiveUpAfter = 2 };
    private static readonly CircuitBreak Break = new();
    private static readonly RedirectToFallback Redirect = new();
    private static readonly CrashFacts Facts = Crash.Of("My.Exception", "gone", code: ("http", "503"));

    private static readonly RemediationRule Exact = Crash.Rule("exact", new CrashPattern { Signature = "sig" }, Break);
    private static readonly RemediationRule Code = Crash.Rule("code", new CrashPattern { Code = "http" }, Break with { Duration = TimeSpan.FromSeconds(9) });
    private static readonly RemediationRule Type = Crash.Rule("type", new CrashPattern { ExceptionType = "My.Exception" }, Redirect);

    [Fact]
    public void Without_a_failure_the_most_specific_rule_decides() => Assert.Equal(("exact", 0), Choose([], Exact, Type));

    [Fact]
    public void A_rule_without_a_ladder_gives_way_to_the_next_rule_with_another_kind_of_action_and_then_to_a_ticket()
    {
        // A break is repeated while the outage lasts: it is given up at the thirtieth failure.
        var failed = Fail([], Exact, 0, Break);
        for (var failures = 1; failures < 30; failures++)
        {
            Assert.Equal(("exact", 0), Choose(failed, Exact, Code, Type));
            failed = Fail(failed, Exact, 0, Break);
        }

        Assert.Equal(("type", 0), Choose(failed, Exact, Code, Type));

        // So is a redirect: a stand-in, or a spared target, ends no outage.
        for (var failures = 0; failures < 30; failures++)
        {
            failed = Fail(failed, Type, 0, Redirect);
        }

        var last = Ladder.Choose([Exact, Code, Type, BuiltInRules.Unknown], Group, failed, stateDamaged: false);
        Assert.Equal(new Escalate { Reason = "CircuitBreak, RedirectToFallback did not help" }, last.Action);
    }

    [Fact]
    public void A_rules_own_ladder_is_taken_step_by_step_and_ends_with_a_ticket_even_when_other_rules_match()
    {
        var rule = Exact with { Ladder = [Redirect, new RestartWithBackoff { GiveUpAfter = 1 }] };
        var failed = Fail([], rule, 0, Break);
        Assert.Equal(("exact", 1), Choose(failed, rule, Type));
        failed = Fail(failed, rule, 1, Redirect);
        Assert.Equal(("exact", 2), Choose(failed, rule, Type));
        failed = Fail(failed, rule, 2, rule.Ladder[1]);
        Assert.Equal(("exact", Ladder.Ticket), Choose(failed, rule, Type));
        Assert.Equal("CircuitBreak, RedirectToFallback, RestartWithBackoff did not help", Assert.IsType<Escalate>(Ladder.Choose([rule, Type], Group, failed, false).Action).Reason);
    }

    [Theory]
    [InlineData(RuleOrigin.BuiltIn, 1)]
    [InlineData(RuleOrigin.Learned, 1)]
    [InlineData(RuleOrigin.Code, Ladder.Ticket)]
    public void A_break_in_a_ladder_that_no_person_made_is_repeated_while_the_outage_lasts(RuleOrigin origin, int next)
    {
        var rule = Exact with { Action = new RestartWithBackoff { GiveUpAfter = 1 }, Ladder = [Break], Origin = origin };
        var failed = Fail(Fail([], rule, 0, rule.Action), rule, 1, Break);

        Assert.Equal(next, Ladder.Choose([rule, Type], Group, failed, stateDamaged: false).Step);
    }

    [Fact]
    public void What_a_rule_says_of_giving_up_counts_and_not_the_workers_own_restart_that_is_done_in_its_place()
    {
        var once = new RestartWithBackoff { GiveUpAfter = 1 };

        Assert.True(Assert.Single(Ladder.Failed([], Group, "exact", 0, once, new RestartWithBackoff())).IsSpent);
    }

    [Fact]
    public void A_backoff_is_given_up_after_as_many_failures_as_it_says_and_never_when_it_says_zero()
    {
        var rule = Exact with { Action = Twice };
        var once = Fail([], rule, 0, Twice);
        Assert.Equal(("exact", 0), Choose(once, rule, Type));
        Assert.Equal(("type", 0), Choose(Fail(once, rule, 0, Twice), rule, Type));

        var forever = Exact with { Action = new RestartWithBackoff { GiveUpAfter = 0 } };
        var failed = Enumerable.Range(0, 50).Aggregate(ImmutableArray<FailedStep>.Empty, (known, _) => Fail(known, forever, 0, forever.Action));
        Assert.Equal(("exact", 0), Choose(failed, forever, Type));
    }

    [Fact]
    public void What_failed_for_another_group_or_before_the_rule_was_changed_counts_for_nothing()
    {
        var failed = Fail([], Exact, 0, Break);
        Assert.Equal("exact", Ladder.Choose([Exact, Type], "another", failed, false).Rule.Id);
        Assert.Equal(("exact", 0), Choose(failed, Exact with { Action = Redirect with { Duration = TimeSpan.FromSeconds(3) } }, Type));
    }

    [Fact]
    public void A_step_that_resets_state_is_passed_over_without_evidence()
    {
        var rule = Exact with { Ladder = [new RestartWithStateReset(), Redirect] };
        var failed = Fail([], rule, 0, Break);

        Assert.Equal(2, Ladder.Choose([rule], Group, failed, stateDamaged: false).Step);
        Assert.Equal(1, Ladder.Choose([rule], Group, failed, stateDamaged: true).Step);
    }

    [Fact]
    public void A_ticket_never_fails_and_merging_keeps_the_larger_count()
    {
        Assert.Empty(Fail([], Exact with { Action = new Escalate() }, 0, new Escalate()));
        Assert.Empty(Fail([], Exact, Ladder.Ticket, new Escalate()));
        var one = Fail([], Exact, 0, Twice);
        var two = Fail(Fail(one, Exact, 0, Twice), Type, 0, Redirect);

        Assert.Equal(two, Ladder.Merge(one, two).AsEnumerable());
        Assert.Equal(two, Ladder.Merge(two, one).AsEnumerable());
    }

    [Fact]
    public void A_supervisor_forgets_an_incident_that_healed_at_once_and_one_that_nothing_more_is_heard_of_after_an_hour()
    {
        var ladders = new Dictionary<string, LadderMemory>();
        var step = new AppliedStep(Group, "exact", 0, Redirect, Redirect);
        Assert.True(LadderMemories.Failed(ladders, "child", step, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        Assert.False(LadderMemories.Healed(ladders, "child", "another", TimeSpan.FromSeconds(2)));
        Assert.True(LadderMemories.Healed(ladders, "child", Group, TimeSpan.FromSeconds(2)));
        Assert.Empty(ladders);

        LadderMemories.Failed(ladders, "child", step, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Empty(LadderMemories.Forget(ladders, TimeSpan.FromHours(1)));
        Assert.Equal(["child"], LadderMemories.Forget(ladders, TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1)));
        Assert.Empty(ladders);
    }

    [Fact]
    public void A_break_is_not_judged_by_what_fails_before_it_has_reached_every_silo()
    {
        var ladders = new Dictionary<string, LadderMemory>();
        var step = new AppliedStep(Group, "exact", 0, Break, Break);

        Assert.False(LadderMemories.Failed(ladders, "child", step, TimeSpan.Zero, LadderMemories.BreakReaches - TimeSpan.FromTicks(1)));
        Assert.True(LadderMemories.Failed(ladders, "child", step, TimeSpan.Zero, LadderMemories.BreakReaches));
    }

    [Fact]
    public void The_default_restart_has_no_ladder()
    {
        var ladders = new Dictionary<string, LadderMemory>();

        Assert.False(LadderMemories.Failed(ladders, "child", new AppliedStep(Group, RemedyChoice.NoRule, 0, Twice, Twice), TimeSpan.Zero, TimeSpan.FromSeconds(1)));
    }

    public static TheoryData<RemediationMode, bool, string, RemedyHold, string?> Modes => new()
    {
        { RemediationMode.Active, true, "exact", RemedyHold.None, null },
        { RemediationMode.Active, false, RemedyChoice.NoRule, RemedyHold.Budget, "exact" },
        { RemediationMode.Shadow, true, RemedyChoice.NoRule, RemedyHold.Shadow, "exact" },
        { RemediationMode.Off, true, RemedyChoice.NoRule, RemedyHold.Off, "exact" },
    };

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_default_restart_takes_the_place_of_a_remedy_that_is_held_back(RemediationMode mode, bool budgetLeft, string rule, RemedyHold held, string? proposed)
    {
        var choice = RemedyChoice.Of(Crash.Snapshot(Exact), Question(mode, () => budgetLeft));

        Assert.Equal((rule, held, proposed), (choice.Rule, choice.Held, choice.Proposed));
        Assert.Equal(held == RemedyHold.None ? Break : Twice, choice.Action);
        Assert.Equal(proposed is null ? null : Break, choice.ProposedAction);
    }

    [Theory]
    [InlineData(RemediationMode.Shadow)]
    [InlineData(RemediationMode.Off)]
    public void A_ticket_is_opened_in_every_mode_and_takes_nothing_from_the_budget(RemediationMode mode)
    {
        var choice = RemedyChoice.Of(Crash.Snapshot(), Question(mode, () => throw new InvalidOperationException("asked")));

        Assert.Equal(("unknown", RemedyHold.None), (choice.Rule, choice.Held));
        Assert.IsType<Escalate>(choice.Action);
    }

    /// <summary>What a lesson does of its own accord while it waits for a person, or on trial: no worker whose own restart waits for nothing may begin to wait.</summary>
    [Theory]
    [InlineData(RuleOrigin.Learned, 1, true)]
    [InlineData(RuleOrigin.Learned, 2, false)]
    [InlineData(RuleOrigin.Person, 1, false)]
    [InlineData(RuleOrigin.Registered, 1, false)]
    public void A_restart_without_figures_that_a_lesson_chose_is_the_workers_own(RuleOrigin origin, int initialSeconds, bool own)
    {
        var restart = new RestartWithBackoff { Initial = TimeSpan.FromSeconds(initialSeconds) };
        var choice = RemedyChoice.Of(Crash.Snapshot(Exact with { Action = restart, Origin = origin }), Question(RemediationMode.Active, () => true));

        Assert.Equal((restart, own), (choice.Action, choice.IsOwnRestart));
    }

    [Fact]
    public void What_a_lesson_contains_restarts_as_the_worker_would_without_any_rule()
    {
        var contained = new RemediationRule { Id = "contain-sig", Pattern = new CrashPattern { Signature = "sig" }, Action = new RestartWithBackoff(), Origin = RuleOrigin.Learned };

        var choice = RemedyChoice.Of(Crash.Snapshot(contained), Question(RemediationMode.Active, () => true));

        Assert.Equal(("contain-sig", true), (choice.Rule, choice.IsOwnRestart));
    }

    private static RemedyQuestion Question(RemediationMode mode, Func<bool> budget) =>
        new(Facts, "sig", Group, FailureClass.ExternalDependency, Twice, [], mode, budget);

    private static (string Rule, int Step) Choose(ImmutableArray<FailedStep> failed, params RemediationRule[] matching)
    {
        var step = Ladder.Choose([.. matching], Group, failed, stateDamaged: false);
        return (step.Rule.Id, step.Step);
    }

    private static ImmutableArray<FailedStep> Fail(ImmutableArray<FailedStep> known, RemediationRule rule, int step, RemediationAction action) =>
        Ladder.Failed(known, Group, rule.Id, step, action, action);
}
