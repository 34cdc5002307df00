using Prismatic.Lessons;
using Prismatic.Remediation;
using Xunit;

namespace Prismatic.Tests.Remediation;

public sealed class RuleValidationTests
{
    private static readonly CrashPattern Any = new() { ExceptionType = "My.Exception" };
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    public static TheoryData<RemediationRule> Valid =>
    [
        Crash.Rule("a", Any),
        Crash.Rule(new string('a', 100), Any),
        Crash.Rule("lesson:ab12/3_x.y-Z", Any),
        Crash.Rule("a", new CrashPattern { MessageContains = new string('m', 500) }),
        Crash.Rule("a", new CrashPattern { StateDamaged = true, ExceptionType = "My.Exception" }, new RestartWithStateReset()),
        Crash.Rule("a", Any, new CircuitBreak { Duration = Day, Target = "source:x" }),
        Crash.Rule("a", Any, new RedirectToFallback { Duration = Tick }),
        Crash.Rule("a", Any, new RestartWithBackoff { First = TimeSpan.Zero, Initial = TimeSpan.Zero, Max = TimeSpan.Zero }),
        Crash.Rule("a", Any, new RestartWithBackoff { First = Day, Initial = Day, Max = Day }),
        Crash.Rule("a", Any, new Escalate { Reason = "ask the owner" }, origin: RuleOrigin.Person),
    ];

    [Theory]
    [MemberData(nameof(Valid))]
    public void A_rule_at_the_edge_of_what_is_allowed_has_no_problem(RemediationRule rule) =>
        Assert.Empty(RuleValidation.FindProblems(rule, BuiltInRules.All));

    public static TheoryData<RemediationRule, string> Invalid => new()
    {
        { Crash.Rule("", Any), "The id has 0 characters" },
        { Crash.Rule(new string('a', 101), Any), "The id has 101 characters" },
        { Crash.Rule("two words", Any), "may hold ASCII letters" },
        { Crash.Rule("unknown", Any), "is a built-in rule" },
        { Crash.Rule("a", Any, origin: RuleOrigin.BuiltIn), "The origin is BuiltIn" },
        { Crash.Rule("a", Any, origin: (RuleOrigin)9), "The origin is 9" },
        { Crash.Rule("a", new CrashPattern()), "The pattern is empty" },
        { Crash.Rule("a", new CrashPattern { MessageContains = " " }), "MessageContains has 1 characters" },
        { Crash.Rule("a", new CrashPattern { MessageContains = new string('m', 501) }), "MessageContains has 501 characters" },
        { Crash.Rule("a", new CrashPattern { ExceptionType = "My.Exception", CodeValues = ["1"] }), "CodeValues are set without Code" },
        { Crash.Rule("a", new CrashPattern { Code = "http", CodeValues = [""] }), "CodeValues must be" },
        { Crash.Rule("a", new CrashPattern { Under = "prismatic//osint" }), "without empty segments" },
        { Crash.Rule("a", new CrashPattern { Class = (FailureClass)9 }), "Class is 9" },
        { Crash.Rule("a", Any, new RestartWithStateReset()), "must have StateDamaged" },
        { Crash.Rule("a", Any, new CircuitBreak { Duration = TimeSpan.Zero }), "CircuitBreak.Duration is 00:00:00" },
        { Crash.Rule("a", Any, new CircuitBreak { Duration = Day + Tick }), "at most one day" },
        { Crash.Rule("a", Any, new CircuitBreak { Target = "" }), "CircuitBreak.Target has 0 characters" },
        { Crash.Rule("a", Any, new RedirectToFallback { Duration = -Tick }), "RedirectToFallback.Duration" },
        { Crash.Rule("a", Any, new RestartWithBackoff { Initial = -Tick }), "RestartWithBackoff.Initial is -" },
        { Crash.Rule("a", Any, new RestartWithBackoff { Initial = TimeSpan.FromSeconds(2), Max = TimeSpan.FromSeconds(1) }), "Initial (00:00:02) must be at most Max (00:00:01)" },
        { Crash.Rule("a", Any, new RestartWithBackoff { First = TimeSpan.FromSeconds(40) }), "First (00:00:40) must be at most Max" },
        { Crash.Rule("a", Any, new Escalate { Reason = "" }), "Escalate.Reason has 0 characters" },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void A_rule_beyond_what_is_allowed_is_told_what_is_wrong(RemediationRule rule, string sentence) =>
        Assert.Contains(sentence, Assert.Single(RuleValidation.FindProblems(rule, BuiltInRules.All)), StringComparison.Ordinal);

    [Fact]
    public void All_problems_are_told_at_once() =>
        Assert.Equal(4, RuleValidation.FindProblems(
            Crash.Rule("two words", new CrashPattern { CodeValues = ["1"], MessageContains = "x" }, new RestartWithBackoff { Initial = TimeSpan.FromDays(2), Max = Day }),
            []).Length);

    [Fact]
    public void A_tie_names_both_rules_and_another_priority_resolves_it()
    {
        var yours = Crash.Rule("yours", new CrashPattern { MessageContains = "connection refused" });
        var mine = Crash.Rule("mine", new CrashPattern { MessageContains = "CONNECTION REFUSED" });

        var problem = Assert.Single(RuleValidation.FindProblems(mine, [yours]));
        Assert.Contains("'mine' ties with 'yours'", problem, StringComparison.Ordinal);
        Assert.Empty(RuleValidation.FindProblems(mine with { Priority = 1 }, [yours]));
    }

    [Fact]
    public void The_order_of_code_values_does_not_hide_a_tie()
    {
        var one = Crash.Rule("one", new CrashPattern { Code = "http", CodeValues = ["500", "501"] });
        var other = Crash.Rule("other", new CrashPattern { Code = "http", CodeValues = ["501", "500"] });

        Assert.NotEmpty(RuleValidation.FindProblems(one, [other]));
    }

    [Fact]
    public void A_rule_does_not_tie_with_the_one_it_replaces() =>
        Assert.Empty(RuleValidation.FindProblems(Crash.Rule("a", Any), [Crash.Rule("a", Any)]));
}
