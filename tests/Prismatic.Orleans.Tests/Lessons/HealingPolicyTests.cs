using Prismatic.Lessons;
using Prismatic.Remediation;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class HealingPolicyTests
{
    private static readonly LearningPolicy Policy = LearningPolicy.Default;
    private static readonly CircuitBreak Break = new();
    private static readonly RestartWithBackoff Restart = new();
    private static readonly GroupEvidence Breaking = new GroupEvidence().WithRule(Break);
    private static readonly GroupEvidence Asking = new GroupEvidence().WithRule(new Escalate());

    [Fact]
    public void Without_outcomes_the_rules_decide() => Assert.Equal(AdviceGround.Rules, Advise(Breaking).Ground);

    [Theory]
    [InlineData("", "Rules")]
    [InlineData("+++", "Rules")]
    [InlineData("++++", "Learned")]
    [InlineData("+++++-", "Rules")]
    [InlineData("++++++++++-", "Learned")]
    [InlineData("++++++++++--", "Rules")]
    [InlineData("+-++-+-++-++", "Rules")]
    public void What_heals_while_a_person_is_asked_is_learned_once_its_bound_suffices_and_dropped_after_two_failures_in_a_row(string outcomes, string ground)
    {
        var advice = Advise(Told(Asking, new Escalate(), outcomes), failure: FailureClass.LogicError);

        Assert.Equal(ground, advice.Ground.ToString());
        Assert.Equal(ground == nameof(AdviceGround.Learned), advice.Action is RestartWithBackoff);
    }

    [Theory]
    [InlineData("+", "Trial")]
    [InlineData(".+", "Rules")]
    [InlineData(".++", "Rules")]
    [InlineData(".+++", "Trial")]
    [InlineData("-", "Ask")]
    [InlineData("+-", "Ask")]
    [InlineData("+++++-", "Rules")]
    [InlineData(".+.+.+.+.+.+.+.+--", "Ask")]
    [InlineData("....+", "Rules")]
    public void What_a_rule_does_goes_on_while_outcomes_do_not_speak_against_it_however_long_it_helped(string outcomes, string ground) =>
        Assert.Equal(ground, Advise(Told(Breaking, Break, outcomes)).Ground.ToString());

    [Theory]
    [InlineData(30, "Rules")]
    [InlineData(31, "Ask")]
    public void A_target_that_is_still_away_at_30_probes_does_not_speak_against_its_break(int probes, string ground) =>
        Assert.Equal(ground, Advise(Told(Breaking, Break, new string('.', probes))).Ground.ToString());

    [Theory]
    [InlineData(FailureClass.ResourceExhaustion, "........", true)]
    [InlineData(FailureClass.ResourceExhaustion, ".........", false)]
    [InlineData(FailureClass.ExternalDependency, ".", false)]
    [InlineData(FailureClass.LogicError, ".", false)]
    public void A_restart_may_meet_an_exhausted_resource_8_times_and_any_other_cause_not_once(FailureClass failure, string outcomes, bool goesOn)
    {
        var known = outcomes.Aggregate(new GroupEvidence().WithRule(Restart), (evidence, _) => evidence.WithOutcome(Restart, Result.Persisted, failure, Policy));

        Assert.Equal(goesOn, Advise(known, failure: failure, mayTry: false).Ground == AdviceGround.Rules);
    }

    [Fact]
    public void What_a_proven_request_met_is_the_requests_until_different_requests_meet_it_or_a_person_names_a_remedy()
    {
        var proven = Asking.WithRequestFault();

        Assert.Equal(AdviceGround.Request, Advise(proven).Ground);
        Assert.Equal(AdviceGround.Request, Advise(proven.WithAnswer(new Escalate(), Policy)).Ground);
        Assert.Equal(AdviceGround.Person, Advise(proven.WithAnswer(Break, Policy)).Ground);
        Assert.Equal(AdviceGround.Rules, Advise(proven with { RequestFaults = 0 }).Ground);
    }

    [Fact]
    public void A_break_that_heals_at_its_first_attempt_twice_is_more_than_was_needed_and_a_restart_is_tried()
    {
        var away = Asking.WithAnswer(Break, Policy);

        Assert.Equal(AdviceGround.Person, Advise(Told(away, Break, ".+.+")).Ground);
        Assert.Equal((AdviceGround.Trial, (RemediationAction)Restart), (Advise(Told(away, Break, "++")).Ground, Advise(Told(away, Break, "++")).Action));
        var lighter = Told(Told(away, Break, "++").WithTrial(Restart), Restart, "++++");
        Assert.Equal((AdviceGround.Learned, (RemediationAction)Restart), (Advise(lighter).Ground, Advise(lighter).Action));
        var needed = Told(Told(away, Break, "++").WithTrial(Restart), Restart, ".");
        Assert.Equal(AdviceGround.Person, Advise(needed).Ground);
        Assert.Equal(AdviceGround.Trial, Advise(Told(needed, Break, "++++")).Ground);
    }

    [Theory]
    [InlineData("++++", 2)]
    [InlineData("+++++++", 2)]
    [InlineData("++++++++", 1)]
    [InlineData("++++.++++++++++", 2)]
    public void A_restart_where_the_crash_names_a_target_is_followed_by_a_break_in_the_same_incident_at_once_when_it_never_took_two(string outcomes, int giveUpAfter)
    {
        var advice = Advise(Told(Asking.WithTarget(true), Restart, outcomes));

        Assert.Equal((AdviceGround.Learned, new RestartWithBackoff { GiveUpAfter = giveUpAfter }, Break), (advice.Ground, advice.Action, advice.Then));
        Assert.Null(Advise(Told(Asking, Restart, outcomes)).Then);
    }

    [Fact]
    public void A_restart_that_met_the_cause_again_has_stopped_helping_once_the_target_is_seen_to_have_been_away()
    {
        var known = Told(Asking.WithTarget(true), Restart, "+++++");
        var away = Told(Told(known, Restart, ".").WithTrial(Break), Break, ".+");

        Assert.Equal((AdviceGround.Trial, (RemediationAction)Break), (Advise(away).Ground, Advise(away).Action));
        Assert.Equal((AdviceGround.Learned, (RemediationAction)Break), (Advise(Told(away, Break, ".+.+.+")).Ground, Advise(Told(away, Break, ".+.+.+")).Action));
    }

    [Fact]
    public void What_the_ladder_went_on_to_is_not_doubted_for_what_it_healed_at_once_before()
    {
        var known = Told(Told(Breaking.WithTarget(true), Break, "+").WithTrial(Restart), Restart, "++++++++");
        var met = Told(known.WithNextStep(Break, Policy), Restart, ".");

        Assert.Equal((AdviceGround.Trial, (RemediationAction)Break), (Advise(known.WithNextStep(Break, Policy)).Ground, Advise(known.WithNextStep(Break, Policy)).Action));
        Assert.Equal((AdviceGround.Trial, (RemediationAction)Break), (Advise(met).Ground, Advise(met).Action));
    }

    [Fact]
    public void A_target_that_was_never_answered_for_within_its_window_was_away_too()
    {
        var known = Told(Asking.WithTarget(true), Restart, "+++++");
        var silent = Told(Told(known, Restart, ".").WithTrial(Break), Break, "..").WithSilence(Break);

        Assert.Equal((AdviceGround.Trial, (RemediationAction)Break), (Advise(Told(silent, Break, "+")).Ground, Advise(Told(silent, Break, "+")).Action));
        Assert.Equal(nameof(RestartWithBackoff), Advise(Told(silent, Break, "++")).Action?.Name);
    }

    [Fact]
    public void A_break_that_found_nothing_away_holds_nothing_against_the_restart_before_it()
    {
        var known = Told(Asking.WithTarget(true), Restart, "+++++");
        var back = Told(Told(known, Restart, ".").WithTrial(Break), Break, "+");

        Assert.Equal(Restart with { GiveUpAfter = 2 }, Advise(back).Action);
        Assert.Equal(AdviceGround.Learned, Advise(Told(back.WithTrial(Restart), Restart, ".+.+")).Ground);
    }

    [Fact]
    public void What_fails_every_other_time_is_not_trusted_because_it_helped_lately()
    {
        var halves = Told(new GroupEvidence().WithRule(Restart), Restart, "+-+-+-+-");

        Assert.NotEqual(AdviceGround.Rules, Advise(Told(halves, Restart, "++"), failure: FailureClass.LogicError).Ground);
    }

    [Fact]
    public void A_rule_whose_action_fails_gives_way_to_what_helped_this_group_before()
    {
        var known = Told(Told(Breaking, Restart, "++++"), Break, "--");

        Assert.Equal(new Advice(AdviceGround.Learned, Restart, Advise(known).Reason), Advise(known));
    }

    [Fact]
    public void An_alternative_is_tried_when_the_class_says_that_it_is_likelier_to_help_than_not()
    {
        var failed = Told(Breaking, Break, "-");
        var promising = new ClassExperience().With(FailureClass.ExternalDependency, "RestartWithBackoff", true).With(FailureClass.ExternalDependency, "RestartWithBackoff", true);

        Assert.Equal(AdviceGround.Ask, Advise(failed).Ground);
        Assert.Equal((AdviceGround.Trial, (RemediationAction)Restart), (Advise(failed, promising).Ground, Advise(failed, promising).Action));
        Assert.Equal(AdviceGround.Ask, Advise(failed, promising, mayTry: false).Ground);
    }

    [Fact]
    public void A_break_is_tried_only_where_the_crash_named_a_target_and_then_by_the_odds_of_dependencies()
    {
        var failed = new GroupEvidence().WithRule(Restart).WithOutcome(Restart, Result.Persisted, FailureClass.LogicError, Policy);

        Assert.NotEqual(AdviceGround.Trial, Advise(failed, failure: FailureClass.LogicError).Ground);
        Assert.Equal((AdviceGround.Trial, (RemediationAction)Break), (Advise(failed.WithTarget(true), failure: FailureClass.LogicError).Ground, Advise(failed.WithTarget(true), failure: FailureClass.LogicError).Action));
    }

    [Fact]
    public void A_break_is_not_tried_where_the_target_served_between_two_crashes()
    {
        var failed = new GroupEvidence().WithRule(Restart).WithTarget(true);

        Assert.Equal(AdviceGround.Trial, Advise(Told(failed, Restart, ".")).Ground);
        Assert.NotEqual(AdviceGround.Trial, Advise(Told(failed, Restart, "-")).Ground);
        Assert.NotEqual(AdviceGround.Trial, Advise(Told(Asking.WithTarget(true), Restart, "+")).Ground);
    }

    [Fact]
    public void A_trial_goes_on_until_it_fails_and_is_not_tried_again_before_the_next_answer()
    {
        var promising = new ClassExperience().With(FailureClass.ExternalDependency, "RestartWithBackoff", true).With(FailureClass.ExternalDependency, "RestartWithBackoff", true);
        var trying = Told(Breaking, Break, "-").WithTrial(Restart);

        Assert.Equal(AdviceGround.Trial, Advise(trying, mayTry: false).Ground);
        Assert.Equal(AdviceGround.Trial, Advise(Told(trying, Restart, "+++")).Ground);
        Assert.Equal(AdviceGround.Learned, Advise(Told(trying, Restart, "++++")).Ground);
        Assert.NotEqual(nameof(RestartWithBackoff), Advise(Told(trying, Restart, "-"), promising).Action?.Name);
    }

    [Fact]
    public void After_64_crashes_without_an_answer_an_alternative_is_tried_although_its_odds_are_worse()
    {
        var waiting = Told(Breaking, Break, "-");
        for (var i = 0; i < 63; i++)
        {
            waiting = waiting.WithWaiting();
        }

        Assert.NotEqual(AdviceGround.Trial, Advise(waiting).Ground);
        Assert.Equal(AdviceGround.Trial, Advise(waiting.WithWaiting()).Ground);
    }

    [Fact]
    public void A_state_is_never_reset_as_a_trial()
    {
        var known = Told(new GroupEvidence().WithRule(new RestartWithStateReset()), new RestartWithStateReset(), "--");
        for (var i = 0; i < 100; i++)
        {
            var advice = Advise(known, failure: FailureClass.StateCorruption);
            Assert.NotEqual(nameof(RestartWithStateReset), advice.Action?.Name);
            known = (advice.Action is { } action ? Told(known, action, "-") : known).WithWaiting();
        }
    }

    [Fact]
    public void A_person_is_told_of_the_first_three_crashes_and_then_of_each_whose_number_is_a_power_of_two()
    {
        var known = Told(Breaking, Break, "-");
        var told = new List<int>();
        for (var crash = 1; crash <= 20; crash++)
        {
            var advice = Advise(known, mayTry: false);
            Assert.True(advice.Ground is AdviceGround.Ask or AdviceGround.Contain);
            if (advice.Ground == AdviceGround.Ask)
            {
                told.Add(crash);
            }

            known = known.WithWaiting();
        }

        Assert.Equal([1, 2, 3, 4, 8, 16], told);
    }

    [Theory]
    [InlineData("", "Person")]
    [InlineData("-", "Person")]
    [InlineData("--", "Ask")]
    [InlineData("-+-", "Ask")]
    [InlineData("-+++++-", "Person")]
    public void A_persons_answer_holds_until_it_fails_twice_within_the_window_and_then_the_person_is_asked_again(string outcomes, string ground) =>
        Assert.Equal(ground, Advise(Told(Asking.WithAnswer(Break, Policy), Break, outcomes), mayTry: false).Ground.ToString());

    [Fact]
    public void When_a_person_says_that_nothing_helps_the_group_is_contained_until_it_gets_worse()
    {
        var given = Breaking.WithAnswer(new Escalate { Reason = "fixed in the next build" }, Policy);

        Assert.Equal(AdviceGround.Contain, Advise(given).Ground);
        Assert.Equal(AdviceGround.Ask, Advise(given.WithAlarm()).Ground);
        Assert.Equal(AdviceGround.Contain, Advise(given.WithAlarm().WithAnswer(new Escalate(), Policy)).Ground);
    }

    [Fact]
    public void A_muted_group_is_contained_whatever_is_known() =>
        Assert.Equal(AdviceGround.Contain, HealingPolicy.Advise(Told(Breaking, Break, ".+"), Context() with { Muted = true }, Policy).Ground);

    [Fact]
    public void An_action_that_the_child_could_not_carry_out_is_not_tried_again()
    {
        var known = Told(Breaking, Break, "-").WithUnavailable(new RedirectToFallback()).WithUnavailable(Restart);
        for (var i = 0; i < 70; i++)
        {
            known = known.WithWaiting();
        }

        Assert.NotEqual(AdviceGround.Trial, Advise(known).Ground);
    }

    [Fact]
    public void A_cure_that_changed_is_left_after_two_failures_and_the_new_one_is_kept()
    {
        var known = Told(Asking.WithAnswer(Break, Policy), Break, ".+.+.+.+.+");
        known = Told(known, Break, "--").WithAnswer(Restart, Policy);

        Assert.Equal(Restart, Advise(Told(known, Restart, "+++")).Action);
    }

    [Theory]
    [InlineData(1, 0, 0.378)]
    [InlineData(2, 0, 0.549)]
    [InlineData(10, 0, 0.859)]
    [InlineData(4, 1, 0.514)]
    [InlineData(0, 0, 0)]
    [InlineData(0, 5, 0)]
    public void The_bound_is_Wilsons_at_90_percent(double healed, double failed, double bound) =>
        Assert.Equal(bound, SuccessBound.Lower(healed, failed), 3);

    [Theory]
    [InlineData(3, 1, 1, 3, 0.4857)]
    [InlineData(8, 0, 0, 8, 0.00016)]
    [InlineData(5, 5, 5, 5, 1)]
    [InlineData(0, 0, 4, 4, 1)]
    public void Fishers_test_gives_the_known_values(int a, int b, int c, int d, double chance) =>
        Assert.Equal(chance, SuccessBound.FisherExact(a, b, c, d), 4);

    [Theory]
    [InlineData(5, null)]
    [InlineData(6, "s1")]
    public void A_member_is_a_stranger_when_chance_makes_its_answers_so_different_less_than_once_in_200(int outcomes, string? stranger)
    {
        var members = new MemberEvidence();
        for (var i = 0; i < outcomes; i++)
        {
            members = members.With("s1", "CircuitBreak", healed: true).With("s2", "CircuitBreak", healed: false);
        }

        // Two comparisons are made, so each is held to half of a hundredth.
        Assert.Equal(stranger, members.FindStranger(Policy.SplitLevel));
    }

    private static Advice Advise(GroupEvidence known, ClassExperience? experience = null, bool mayTry = true, FailureClass failure = FailureClass.ExternalDependency) =>
        HealingPolicy.Advise(known, Context() with { Experience = experience ?? new ClassExperience(), MayTry = mayTry, Class = failure }, Policy);

    private static AdviceContext Context() => new(FailureClass.ExternalDependency, new ClassExperience(), MayTry: true, Muted: false, Group: "g1");

    /// <summary>Outcomes: + healed, - served and returned, . returned before anything was served.</summary>
    private static GroupEvidence Told(GroupEvidence known, RemediationAction action, string outcomes) => outcomes.Aggregate(known, (evidence, outcome) => evidence.WithOutcome(
        action, outcome switch { '+' => Result.Healed, '-' => Result.Returned, _ => Result.Persisted }, FailureClass.ExternalDependency, Policy));
}
