using System.Text.Json;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Xunit;

namespace Prismatic.Tests.Remediation;

public sealed class RuleBookTests
{
    public static TheoryData<RemediationAction> Actions =>
    [
        new RestartWithBackoff { First = TimeSpan.FromMilliseconds(1), Initial = TimeSpan.FromSeconds(2), Max = TimeSpan.FromHours(3) },
        new RestartWithStateReset(),
        new RedirectToFallback { Duration = TimeSpan.FromSeconds(4) },
        new CircuitBreak { Target = "source:x", Duration = TimeSpan.FromSeconds(5) },
        new Escalate { Reason = "ask" },
        new RestartWithBackoff { Factor = 1.5, Jitter = BackoffJitter.Equal, GiveUpAfter = 9 },
    ];

    [Theory]
    [MemberData(nameof(Actions))]
    public void A_rule_comes_back_from_its_record_as_it_was(RemediationAction action)
    {
        var rule = new RemediationRule
        {
            Id = "all",
            Priority = 3,
            Origin = RuleOrigin.Learned,
            Lesson = "group",
            Action = action,
            Shadow = true,
            Ladder = action is Escalate ? [] : [new RedirectToFallback { Duration = TimeSpan.FromSeconds(9) }, new Escalate { Reason = "last" }],
            Pattern = new CrashPattern
            {
                MessageTemplate = "t",
                MessageRegex = "r",
                Worker = "w",
                Blame = Prismatic.Supervision.Blame.Worker,
                Signature = "s",
                ExceptionType = "T",
                Code = "http",
                CodeValues = ["1", "2"],
                MessageContains = "m",
                FrameStartsWith = "f",
                Under = "u",
                Class = FailureClass.ResourceExhaustion,
                StateDamaged = true,
                TargetKnown = true,
                FailedStart = true,
            },
        };

        var read = Read(JsonSerializer.Serialize(new RuleBook().With(rule)));

        var back = Assert.Single(read.Read().Rules);
        Assert.True(RuleOrder.SamePattern(rule.Pattern, back.Pattern));
        Assert.Equal(rule, back with { Pattern = rule.Pattern });
    }

    [Theory]
    [InlineData("\"Action\":\"Sing\"", "this build does not know the action 'Sing'")]
    [InlineData("\"Class\":\"Weather\"", "this build does not know the failure class 'Weather'")]
    [InlineData("\"Origin\":\"Oracle\"", "this build does not know the origin 'Oracle'")]
    [InlineData("\"OnWeekdays\":true", "it has parts that this build does not know: OnWeekdays.")]
    [InlineData("\"Blame\":\"Moon\"", "this build does not know the blame 'Moon'")]
    [InlineData("\"Ladder\":[{\"Action\":\"Sing\"}]", "this build does not know the action 'Sing'")]
    [InlineData("\"Ladder\":[{\"Action\":\"Escalate\",\"Loudly\":true}]", "its action has parts that this build does not know: Loudly.")]
    [InlineData("\"Duration\":\"-00:00:01\"", "CircuitBreak.Duration is -00:00:01")]
    public void A_rule_that_this_build_does_not_understand_is_left_out_and_kept_while_the_rest_loads(string part, string sentence)
    {
        var odd = $$"""{"Id":"odd","Origin":"Registered","ExceptionType":"T","Action":"CircuitBreak","Duration":"00:00:30",{{part}}}""";
        var good = """{"Id":"good","Origin":"Registered","ExceptionType":"T","Action":"CircuitBreak","Duration":"00:00:30"}""";
        var book = Read($$"""{"Schema":1,"Version":7,"Rules":[{{odd}},{{good}}]}""");

        var (rules, leftOut) = book.Read();

        Assert.Equal("good", Assert.Single(rules).Id);
        Assert.Contains(sentence, Assert.Single(leftOut), StringComparison.Ordinal);
        var rewritten = JsonSerializer.Serialize(Read(JsonSerializer.Serialize(book.With(Crash.Rule("new", new CrashPattern { Signature = "x" })))));
        Assert.Contains(part, rewritten, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mode_that_this_build_does_not_know_counts_as_off()
    {
        Assert.Equal(RemediationMode.Off, Read("""{"Mode":"Half"}""").ReadMode());
        Assert.Equal(RemediationMode.Active, Read("{}").ReadMode());
        Assert.Equal(RemediationMode.Shadow, new RuleBook().With(RemediationMode.Shadow).With(Crash.Rule("r", new CrashPattern { Signature = "s" })).Without("r").ReadMode());
    }

    private static RuleBook Read(string json) => JsonSerializer.Deserialize<RuleBook>(json)!;
}
