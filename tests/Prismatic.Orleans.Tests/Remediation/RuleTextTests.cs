using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Remediation;

public sealed class RuleTextTests
{
    [Fact]
    public void A_rule_says_all_its_parts_in_one_sentence()
    {
        var rule = Crash.Rule("r", new CrashPattern
        {
            Signature = "ab12",
            StateDamaged = true,
            ExceptionType = "System.IO.IOException",
            Code = "socket",
            CodeValues = ["TimedOut", "HostDown"],
            MessageContains = "gone",
            FrameStartsWith = "My.App",
            TargetKnown = true,
            FailedStart = true,
            Class = FailureClass.LogicError,
            Under = "prismatic/dd",
        }, new RestartWithStateReset());

        Assert.Equal(
            "When the crash has the signature ab12 and the worker's stored state was found damaged and a System.IO.IOException is in the chain and the socket code is TimedOut or HostDown"
            + " and a message contains 'gone' and a frame starts with My.App and the worker failed to start and the external target is known and the failure class is LogicError and the child is prismatic/dd or below it,"
            + " then restart with the last known-good state.",
            rule.Describe());
    }

    [Fact]
    public void The_rule_for_the_rest_says_so() =>
        Assert.Equal("When nothing else matches, then open a ticket: unknown failure pattern.", BuiltInRules.Unknown.Describe());

    [Fact]
    public void A_rule_says_its_ladder_its_shadow_and_every_further_part()
    {
        var rule = Crash.Rule("r", new CrashPattern { MessageTemplate = "Order <n> is gone", MessageRegex = "gone$", Worker = "IOrderGrain", Blame = Blame.Request }, new CircuitBreak { Target = "orders" }) with
        {
            Shadow = true,
            Ladder = [new RedirectToFallback()],
        };

        Assert.Equal(
            "When a message reads 'Order <n> is gone' and a message matches /gone$/ and the blame is on the request and the worker is IOrderGrain,"
            + " then only say that it would break the circuit to orders for 30 s; when that does not help, let the fallback answer for 30 s, then a ticket.",
            rule.Describe());
    }
}
