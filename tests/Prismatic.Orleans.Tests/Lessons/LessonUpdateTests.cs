using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Xunit;
using static Prismatic.Lessons.Outcome;

namespace Prismatic.Tests.Lessons;

public sealed class LessonUpdateTests
{
    private static readonly LearningPolicy Policy = LearningPolicy.Default;
    private static readonly LessonMoment Moment = new() { LastPage = 0, Experience = new ClassExperience(), MayTry = true };
    private static readonly LessonRecord Known = Told(new LessonRecord(), Crashes.Report());
    private static readonly Resolution Answer = new() { Remediation = new CircuitBreak(), RootCause = "The source is down at night.", By = "ann" };

    [Fact]
    public void The_first_crash_makes_the_lesson()
    {
        var lesson = Known.Lesson!;
        Assert.Equal("g1", lesson.Id);
        Assert.Equal("System.InvalidOperationException: broken", lesson.FailureMode);
        Assert.Equal((1, 1), (lesson.Crashes, lesson.Version));
        Assert.Equal(["Shop.Orders.Load"], lesson.Frames);
        Assert.Null(lesson.Remediation);
    }

    [Fact]
    public void A_later_crash_counts_and_becomes_the_picture()
    {
        var later = Told(Known, Crashes.Report(sequence: 9, id: "c9") with { Child = "shop/other", Build = "1.1" }).Lesson!;

        Assert.Equal((2, "shop/other", "c9"), (later.Crashes, later.Child, later.CorrelationId));
        Assert.Equal((Crashes.Noon.AddSeconds(1), Crashes.Noon.AddSeconds(9)), (later.FirstSeen, later.LastSeen));
        Assert.Equal(["1.0", "1.1"], later.Builds);
    }

    [Fact]
    public void A_crash_told_late_counts_and_leaves_the_picture()
    {
        var late = Told(Known, Crashes.Report(sequence: 0, id: "c0") with { Child = "shop/other" }).Lesson!;

        Assert.Equal((2, "shop/orders", "silo-1-1"), (late.Crashes, late.Child, late.CorrelationId));
        Assert.Equal((Crashes.Noon, Crashes.Noon.AddSeconds(1)), (late.FirstSeen, late.LastSeen));
    }

    [Fact]
    public void A_proof_that_a_request_was_at_fault_is_no_crash_and_blames_the_requests_that_meet_the_failure()
    {
        var proof = Crashes.Report(sequence: 2) with { Facts = Crashes.Facts() with { Blame = Blame.Request } };
        var blamed = Told(Told(Known, proof), proof);

        Assert.Equal((1, 1), (blamed.Lesson!.Crashes, blamed.Evidence.RequestFaults));
        Assert.Equal("request-g1", LessonRules.For(blamed).Single().Id);
        Assert.Equal(1, new LessonTotals().With([Crashes.Report(), proof], []).Crashes);
        var sick = Told(blamed, Crashes.Report(sequence: 3) with { Rule = "request-g1" });
        Assert.Empty(LessonRules.For(sick));
        Assert.Null(Told(new LessonRecord(), proof).Lesson);
    }

    [Theory]
    [InlineData(new[] { Healed, Healed, Healed }, false)]
    [InlineData(new[] { Healed, Healed, Healed, Healed }, true)]
    [InlineData(new[] { Healed, Healed, Healed, Healed, Failed }, false)]
    [InlineData(new[] { Healed, Inconclusive }, false)]
    [InlineData(new[] { Failed }, false)]
    public void A_remediation_is_what_works_once_its_outcomes_suffice_and_no_longer(Outcome[] outcomes, bool works)
    {
        var lesson = Told(Known, outcomes).Lesson!;

        Assert.Equal(works, lesson.Remediation is RestartWithBackoff);
        Assert.Equal(works ? RuleOrigin.Learned : RuleOrigin.BuiltIn, lesson.Origin);
        Assert.Equal(outcomes.Length, lesson.Outcomes["RestartWithBackoff"] is var counts ? counts.Healed + counts.Failed + counts.Inconclusive : 0);
    }

    [Fact]
    public void Another_remediation_that_fails_does_not_take_away_what_works()
    {
        var healed = Told(Known, Healed, Healed, Healed, Healed);

        Assert.IsType<RestartWithBackoff>(healed.With([Crashes.Outcome("x", outcome: Failed, action: new CircuitBreak())], Moment, Policy).Lesson!.Remediation);
    }

    [Fact]
    public void What_healed_while_a_person_was_asked_was_the_default_restart()
    {
        var record = Known.With([.. "abcd".Select(name => Crashes.Outcome($"{name}", action: new Escalate(), ticketed: true))], Moment, Policy);

        Assert.Equal(new RestartWithBackoff(), record.Lesson!.Remediation);
        Assert.Equal(4, record.Lesson.Outcomes["Escalate"].Healed);
    }

    [Fact]
    public void What_a_person_named_stays_in_the_lesson_and_when_it_stops_helping_the_next_crash_asks_again()
    {
        var taught = Known.With("g1", "g1", Answer, Moment, Crashes.Noon, Policy);
        var failed = taught.With([Crashes.Outcome("a", outcome: Failed, action: new CircuitBreak(), seconds: 1), Crashes.Outcome("b", outcome: Failed, action: new CircuitBreak(), seconds: 1)], Moment, Policy);

        Assert.IsType<CircuitBreak>(taught.Lesson!.Remediation);
        Assert.Equal((RuleOrigin.Person, "The source is down at night.", "ann"), (taught.Lesson.Origin, taught.Lesson.RootCause, taught.Lesson.AnsweredBy));
        Assert.IsType<CircuitBreak>(failed.Lesson!.Remediation);
        Assert.Equal(AdviceGround.Ask, failed.Ground);
    }

    [Fact]
    public void The_same_answer_again_changes_nothing()
    {
        var taught = Known.With("g1", "g1", Answer, Moment, Crashes.Noon, Policy);

        Assert.Same(taught, taught.With("g1", "g1", Answer with { Remediation = new CircuitBreak() }, Moment, Crashes.Noon, Policy));
    }

    [Fact]
    public void An_answer_makes_a_rule_for_every_signature_of_the_group()
    {
        var two = Told(Known, Crashes.Report(2) with { Signature = "s2" });
        var rules = LessonRules.For(two.With("g1", "s3", Answer, Moment, Crashes.Noon, Policy));

        Assert.Equal(["lesson-g1", "lesson-s2", "lesson-s3"], rules.Select(rule => rule.Id));
        Assert.All(rules, rule => Assert.Equal((RuleOrigin.Person, "g1", (RemediationAction)new CircuitBreak()), (rule.Origin, rule.Lesson, rule.Action)));
        Assert.Equal(new CrashPattern { Signature = "s2" }, rules[1].Pattern);
    }

    [Fact]
    public void A_reset_that_anybody_names_is_bound_to_evidence_of_damage()
    {
        var taught = Known.With("g1", "g1", Answer with { Remediation = new RestartWithStateReset() }, Moment, Crashes.Noon, Policy);

        Assert.True(LessonRules.For(taught).Single().Pattern.StateDamaged);
    }

    [Fact]
    public void A_member_that_answers_differently_becomes_a_lesson_of_its_own_with_its_own_outcomes()
    {
        var record = Told(Known, Crashes.Report(2) with { Signature = "s2-with-a-long-name" });
        for (var i = 0; i < 6; i++)
        {
            record = record.With(
                [Crashes.Outcome($"a{i}", action: new CircuitBreak()), Crashes.Outcome($"b{i}", outcome: Failed, action: new CircuitBreak()) with { Signature = "s2-with-a-long-name" }],
                Moment,
                Policy);
        }

        // Both are as improbable; the name decides which one goes.
        var split = Assert.Single(record.Splits);
        Assert.Equal(("g1", "g1.g1"), (split.Key, split.Value.Group));
        Assert.True(split.Value.Evidence.Actions["CircuitBreak"].Healed > 4);
        Assert.Equal(["s2-with-a-long-name"], record.Lesson!.Signatures);
        Assert.True(record.Evidence.Actions["CircuitBreak"].Healed == 0);
        Assert.Same(record, record.With([Crashes.Report(9)], [], Moment, Crashes.Noon));
    }

    [Fact]
    public void Told_again_nothing_changes() => Assert.Same(Known, Told(Known, Crashes.Report()));

    private static LessonRecord Told(LessonRecord record, params Prismatic.Supervision.CrashReport[] crashes) => record.With(crashes, [], Moment, Crashes.Noon);

    private static LessonRecord Told(LessonRecord record, params Outcome[] outcomes) =>
        outcomes.Select((outcome, i) => (outcome, i)).Aggregate(record, (known, next) => known.With([Crashes.Outcome($"c{next.i}", outcome: next.outcome)], Moment, Policy));
}
