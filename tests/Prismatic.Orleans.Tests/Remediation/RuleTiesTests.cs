using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Remediation;

public sealed class RuleTiesTests
{
    private static readonly CircuitBreak Break = new();
    private static readonly RedirectToFallback Redirect = new();

    public static TheoryData<string, CrashPattern, CrashPattern, bool> Pairs => new()
    {
        { "one message can contain both texts", new CrashPattern { MessageContains = "refused" }, new CrashPattern { MessageContains = "timeout" }, true },
        { "a type with a text and the same type with another", Typed("T", "a"), Typed("T", "b"), true },
        { "a text and a frame", new CrashPattern { MessageContains = "refused" }, new CrashPattern { FrameStartsWith = "My." }, true },
        { "a worker and a class", new CrashPattern { Worker = "IOneGrain" }, new CrashPattern { Class = FailureClass.LogicError }, true },
        { "code values that overlap", Code("http", "500", "503"), Code("http", "503", "504"), true },
        { "codes that one exception can have both of", Code("sqlstate", "40P01"), Code("sqlite", "5"), true },
        { "two texts under one path and below no other", Under("app/work", "a"), Under("app/work", "b"), true },

        { "two signatures", new CrashPattern { Signature = "a" }, new CrashPattern { Signature = "b" }, false },
        { "two types: the deeper one in the chain wins", new CrashPattern { ExceptionType = "A" }, new CrashPattern { ExceptionType = "B" }, false },
        { "codes of different exceptions: the deeper one wins", Code("socket", "TimedOut"), Code("http", "503"), false },
        { "code values apart", Code("http", "500"), Code("http", "503"), false },
        { "two workers", new CrashPattern { Worker = "IOneGrain" }, new CrashPattern { Worker = "ITwoGrain" }, false },
        { "two classes", new CrashPattern { Class = FailureClass.LogicError }, new CrashPattern { Class = FailureClass.StateCorruption }, false },
        { "two places beside each other", Under("app/one", "a"), Under("app/two", "b"), false },
        { "the deeper place is more specific", Under("app/one", "a"), Under("app/one/x", "b"), false },
        { "another blame", new CrashPattern { Blame = Blame.Request }, new CrashPattern { Worker = "IOneGrain" }, false },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Rules_of_one_rank_that_can_match_the_same_crash_and_do_different_things_tie(string why, CrashPattern one, CrashPattern other, bool tie)
    {
        var first = Crash.Rule("first", one, Break);
        var second = Crash.Rule("second", other, one.Blame is null ? Redirect : Break with { Target = "t" });

        Assert.True(RuleTies.Tie(first, second) == tie, why);
        Assert.Equal(tie, RuleTies.Find([second], [first]).Any());
        Assert.Equal(tie, RuleTies.Find([first, second], []).Any());
        Assert.False(RuleTies.Tie(first with { Priority = 1 }, second), "another priority resolves it");
        Assert.Equal(tie && RuleOrder.SamePattern(one, other), RuleTies.Tie(first, second with { Action = Break }));
        Assert.False(RuleTies.Tie(first with { Origin = RuleOrigin.Person }, second), "a person's rule comes before");
    }

    [Fact]
    public void A_tie_by_overlap_names_both_rules_and_what_each_would_do()
    {
        var problem = Assert.Single(RuleValidation.FindProblems(
            Crash.Rule("mine", new CrashPattern { MessageContains = "refused" }, Break),
            [Crash.Rule("yours", new CrashPattern { MessageContains = "timeout" }, Redirect)]));

        Assert.Contains("'mine' ties with 'yours'", problem, StringComparison.Ordinal);
        Assert.Contains("one would break the circuit to the failing target for 30 s and the other let the fallback answer for 30 s", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_built_in_rules_do_not_tie() => Assert.Empty(RuleTies.Find([.. BuiltInRules.All], []).Select(tie => $"{tie.Rule.Id} {tie.Other.Id}"));

    [Fact]
    public void More_than_two_hundred_rules_that_must_be_tried_one_by_one_are_refused()
    {
        var rules = Enumerable.Range(0, 201).Select(i => Crash.Rule($"r{i}", new CrashPattern { MessageRegex = $"^x{i}y" }, priority: i)).ToList();

        Assert.Empty(RuleValidation.FindInTable(rules[..200], []));
        Assert.Equal("r200", Assert.Single(RuleValidation.FindInTable(rules, [])).Rule.Id);
    }

    private static CrashPattern Typed(string type, string text) => new() { ExceptionType = type, MessageContains = text };

    private static CrashPattern Under(string path, string text) => new() { Under = path, MessageContains = text };

    private static CrashPattern Code(string code, params string[] values) => new() { Code = code, CodeValues = [.. values] };
}
