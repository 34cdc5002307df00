using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Remediation;

/// <summary>Looking a rule up must find what trying all of them in their order finds.</summary>
public sealed class RuleIndexTests
{
    private static readonly string[] Types = ["A.One", "A.Two", "B.Three", "System.IO.IOException"];
    private static readonly string[] Words = ["the disk is full", "Connection refused", "no such order", "ten", "ŽLUŤOUČKÝ kůň", "𐐨 letters of another plane"];
    private static readonly string[] Frames = ["My.App.", "My.App.Orders", "Your.Lib", "Other"];
    private static readonly string[] Paths = ["app", "app/work", "app/work/shaky", "app/rest"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_index_finds_what_trying_every_rule_in_its_order_finds(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 60; round++)
        {
            var rules = Enumerable.Range(0, 1 + random.Next(80)).Select(i => Crash.Rule($"r{i}", Pattern(random), priority: random.Next(3), origin: (RuleOrigin)random.Next(1, 6))).ToArray();
            var snapshot = Crash.Snapshot(rules);
            for (var crash = 0; crash < 20; crash++)
            {
                var input = Input(random);

                var expected = rules.Select(rule => (Rule: rule, Compiled: new CompiledRule(rule, 0, 0)))
                    .Where(entry => entry.Compiled.Matches(input))
                    .OrderBy(entry => RuleRank.Of(entry.Rule))
                    .ThenByDescending(entry => entry.Compiled.NearnessIn(input))
                    .ThenBy(entry => entry.Rule.Id, StringComparer.Ordinal)
                    .Select(entry => entry.Rule.Id)
                    .ToList();

                Assert.Equal(expected.FirstOrDefault() ?? "unknown", snapshot.Decide(input.Facts, input.Signature, input.Class).RuleId);
                Assert.Equal(expected, snapshot.Matching(input.Facts, input.Signature, input.Class).Select(rule => rule.Id));
            }
        }
    }

    [Fact]
    public void A_text_is_found_whatever_its_case_wherever_it_stands_and_however_short_it_is()
    {
        var snapshot = Crash.Snapshot(
            Crash.Rule("long", new CrashPattern { MessageContains = "IS FULL" }),
            Crash.Rule("short", new CrashPattern { MessageContains = "xy" }, priority: 1));

        Assert.Equal("long", snapshot.Decide(Crash.Of("T", "the disk is full")).RuleId);
        Assert.Equal("long", snapshot.Decide(Crash.Of("T", "is full")).RuleId);
        Assert.Equal("short", snapshot.Decide(Crash.Of("T", "is full of XY")).RuleId);
        Assert.Equal("unknown", snapshot.Decide(Crash.Of("T", "s full")).RuleId);
    }

    [Fact]
    public void Looking_among_ten_thousand_rules_allocates_nothing()
    {
        var rules = Enumerable.Range(0, 10_000).Select(i => Crash.Rule($"r{i}", (i % 4) switch
        {
            0 => new CrashPattern { ExceptionType = $"My.Failure{i}Exception" },
            1 => new CrashPattern { Code = "http", CodeValues = [$"{i}"] },
            2 => new CrashPattern { MessageContains = $"order {i} is gone" },
            _ => new CrashPattern { FrameStartsWith = $"My.Place{i}." },
        })).ToArray();
        var snapshot = Crash.Snapshot(rules);
        var crash = Crash.Of("My.Failure5000Exception", "while order 9998 is gone away") with { Stack = "   at My.Place9999.Do()\n   at My.Main()" };
        Assert.Equal("r5000", snapshot.Decide(crash).RuleId);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            snapshot.Decide(crash, "sig", FailureClass.LogicError);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static CrashPattern Pattern(Random random)
    {
        string? Maybe(string[] from, int oneIn) => random.Next(oneIn) == 0 ? from[random.Next(from.Length)] : null;
        var code = Maybe(["http", "socket"], 6);
        return new CrashPattern
        {
            Signature = Maybe(["sig", "other"], 12),
            ExceptionType = Maybe([.. Types, "A.Base"], 3),
            Code = code,
            CodeValues = code is not null && random.Next(2) == 0 ? ["1", "2"] : [],
            MessageTemplate = Maybe(Words, 12),
            MessageContains = Maybe(["DISK", "refused", "en", "kůň", "𐐀 LETTERS"], 4),
            MessageRegex = Maybe(["^no such", "(?i)FULL$"], 10),
            FrameStartsWith = Maybe(Frames, 6),
            Worker = Maybe(["IOneGrain", "ITwoGrain"], 8),
            Under = Maybe(Paths, 5),
            Class = random.Next(8) == 0 ? (FailureClass)random.Next(4) : null,
            TargetKnown = random.Next(12) == 0,
            FailedStart = random.Next(12) == 0,
        };
    }

    private static CrashInput Input(Random random)
    {
        string One(string[] from) => from[random.Next(from.Length)];
        var facts = Crash.Facts([.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Crash.Fact(
            One(Types), One(Words), random.Next(2) == 0 ? ["A.Base"] : [], random.Next(2) == 0 ? (One(["http", "socket"]), One(["1", "2", "3"])) : null))]) with
        {
            Child = One(Paths),
            WorkerType = One(["IOneGrain", "ITwoGrain", ""]),
            Stack = $"   at {One(Frames)}Do()\n   at {One(Frames)}.Main()",
            Target = random.Next(2) == 0 ? "t" : null,
        };
        return new CrashInput(facts, One(["sig", "third"]), (FailureClass)random.Next(4), [.. facts.Exceptions.Select(fact => MessageTemplate.Of(fact.Message))]);
    }
}
