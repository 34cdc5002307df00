using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Remediation;

public sealed class RuleSnapshotTests
{
    private static readonly CrashFacts Refused = Crash.Of("My.RefusedException", "Connection Refused by peer", ["System.Net.Sockets.SocketException"], ("socket", "ConnectionRefused")) with
    {
        Stack = "   at My.Library.Client.Send(String text)\n   bei My.Service.Worker.<Run>d__3.MoveNext()",
        Target = "source:justice",
        WorkerType = "ISourceManagerGrain",
    };

    // Most specific first: each pattern matches, and each wins over all below it.
    private static readonly (string Name, CrashPattern Pattern)[] MostSpecificFirst =
    [
        ("signature and child", new CrashPattern { Signature = "sig", Under = "prismatic/osint" }),
        ("signature", new CrashPattern { Signature = "sig" }),
        ("code with value and type", new CrashPattern { Code = "socket", CodeValues = ["ConnectionRefused"], ExceptionType = "My.RefusedException" }),
        ("code with value", new CrashPattern { Code = "socket", CodeValues = ["TimedOut", "ConnectionRefused"] }),
        ("code", new CrashPattern { Code = "socket" }),
        ("type and message", new CrashPattern { ExceptionType = "My.RefusedException", MessageContains = "refused" }),
        ("type under a worker", new CrashPattern { ExceptionType = "My.RefusedException", Under = "prismatic/osint/source-manager" }),
        ("type under a domain", new CrashPattern { ExceptionType = "My.RefusedException", Under = "prismatic/osint" }),
        ("type", new CrashPattern { ExceptionType = "My.RefusedException" }),
        ("message", new CrashPattern { MessageContains = "refused" }),
        ("class", new CrashPattern { Class = FailureClass.ExternalDependency }),
        ("under", new CrashPattern { Under = "prismatic" }),
        ("everything", new CrashPattern()),
    ];

    [Fact]
    public void The_more_specific_rule_wins_whatever_the_priority_and_the_order_of_the_table()
    {
        for (var first = 0; first < MostSpecificFirst.Length; first++)
        {
            var rules = MostSpecificFirst.Skip(first).Reverse().Select((entry, place) => Crash.Rule(entry.Name, entry.Pattern, priority: -place)).ToArray();

            Assert.Equal(MostSpecificFirst[first].Name, Crash.Snapshot(rules).Decide(Refused).RuleId);
        }
    }

    [Fact]
    public void Among_equally_specific_rules_the_higher_priority_wins_then_people_before_machines_then_the_nearer_type_then_the_id()
    {
        var type = new CrashPattern { ExceptionType = "My.RefusedException" };
        var basic = new CrashPattern { ExceptionType = "System.Net.Sockets.SocketException" };

        Assert.Equal("b", Crash.Snapshot(Crash.Rule("a", type), Crash.Rule("b", basic, priority: 1)).Decide(Refused).RuleId);
        Assert.Equal("b", Crash.Snapshot(Crash.Rule("a", type, origin: RuleOrigin.BuiltIn), Crash.Rule("b", basic, origin: RuleOrigin.Learned)).Decide(Refused).RuleId);
        Assert.Equal("b", Crash.Snapshot(Crash.Rule("a", type, origin: RuleOrigin.Registered), Crash.Rule("b", basic, origin: RuleOrigin.Person)).Decide(Refused).RuleId);
        Assert.Equal("b", Crash.Snapshot(Crash.Rule("b", type), Crash.Rule("a", basic)).Decide(Refused).RuleId);
        Assert.Equal("a", Crash.Snapshot(Crash.Rule("b", type), Crash.Rule("a", type)).Decide(Refused).RuleId);
    }

    public static TheoryData<CrashPattern, bool> Patterns => new()
    {
        { new CrashPattern { ExceptionType = "System.Net.Sockets.SocketException" }, true },
        { new CrashPattern { ExceptionType = "System.Net.Sockets.Socket" }, false },
        { new CrashPattern { Code = "socket", CodeValues = ["TimedOut"] }, false },
        { new CrashPattern { Code = "http" }, false },
        { new CrashPattern { MessageContains = "CONNECTION REFUSED" }, true },
        { new CrashPattern { MessageContains = "connection reset" }, false },
        { new CrashPattern { FrameStartsWith = "My.Service." }, true },
        { new CrashPattern { FrameStartsWith = "My.Library.Client.Send" }, true },
        { new CrashPattern { FrameStartsWith = "Service." }, false },
        { new CrashPattern { Under = "prismatic/osint/source-manager" }, true },
        { new CrashPattern { Under = "prismatic/osint/source" }, false },
        { new CrashPattern { Under = "prismatic/osint/source-manager/7" }, false },
        { new CrashPattern { Class = FailureClass.LogicError }, false },
        { new CrashPattern { TargetKnown = true }, true },
        { new CrashPattern { StateDamaged = true }, false },
        { new CrashPattern { Signature = "other" }, false },
        { new CrashPattern { MessageTemplate = "Connection Refused by peer" }, true },
        { new CrashPattern { MessageTemplate = "Connection Refused" }, false },
        { new CrashPattern { MessageRegex = "^Connection (Refused|Reset) by" }, true },
        { new CrashPattern { MessageRegex = "^connection" }, false },
        { new CrashPattern { MessageRegex = "(?i)^connection" }, true },
        { new CrashPattern { Worker = "ISourceManagerGrain" }, true },
        { new CrashPattern { Worker = "ISource" }, false },
        { new CrashPattern { Blame = Blame.Worker }, true },
        { new CrashPattern { Blame = Blame.Request }, false },
        { new CrashPattern { ExceptionType = "My.RefusedException", MessageContains = "elsewhere" }, false },
        { new CrashPattern { ExceptionType = "My.RefusedException", FrameStartsWith = "My.Service", Class = FailureClass.ExternalDependency, TargetKnown = true }, true },
    };

    [Theory]
    [MemberData(nameof(Patterns))]
    public void A_rule_applies_when_every_part_that_is_set_matches(CrashPattern pattern, bool applies) =>
        Assert.Equal(applies ? "rule" : "unknown", Crash.Snapshot(Crash.Rule("rule", pattern)).Decide(Refused).RuleId);

    [Fact]
    public void A_type_matches_anywhere_in_the_chain_itself_or_as_a_base_type()
    {
        var facts = Crash.Facts(Crash.Fact("System.AggregateException"), Crash.Fact("Npgsql.PostgresException", baseTypes: ["Npgsql.NpgsqlException", "System.Data.Common.DbException"]));

        Assert.Equal("db", Crash.Snapshot(Crash.Rule("db", new CrashPattern { ExceptionType = "System.Data.Common.DbException" })).Decide(facts).RuleId);
    }

    [Fact]
    public void Of_two_rules_of_one_rank_the_one_that_names_the_deeper_exception_wins()
    {
        var facts = Crash.Facts(Crash.Fact("My.OrderException"), Crash.Fact("My.LinkException", code: ("socket", "TimedOut")), Crash.Fact("My.DiskException", code: ("errno", "ENOSPC")));

        Assert.Equal("link", Crash.Snapshot(Crash.Rule("an-order", new CrashPattern { ExceptionType = "My.OrderException" }), Crash.Rule("link", new CrashPattern { ExceptionType = "My.LinkException" })).Decide(facts).RuleId);
        Assert.Equal("full", Crash.Snapshot(Crash.Rule("a-timeout", new CrashPattern { Code = "socket" }), Crash.Rule("full", new CrashPattern { Code = "errno" })).Decide(facts).RuleId);
    }

    [Fact]
    public void A_shadow_rule_decides_nothing_and_is_told_when_it_would_have_come_first()
    {
        var shadow = Crash.Rule("shadow", new CrashPattern { ExceptionType = "My.RefusedException", MessageContains = "refused" }) with { Shadow = true };
        var snapshot = Crash.Snapshot(shadow, Crash.Rule("live", new CrashPattern { ExceptionType = "My.RefusedException" }));
        var live = snapshot.Decide(Refused).Rule;

        Assert.Equal("live", live.Id);
        Assert.Equal("shadow", snapshot.Shadowed(Refused, "sig", FailureClass.ExternalDependency, live)?.Id);
        Assert.Null(snapshot.Shadowed(Refused, "sig", FailureClass.ExternalDependency, Crash.Rule("exact", new CrashPattern { Signature = "sig" })));
    }

    [Fact]
    public void No_rule_at_all_means_a_ticket_for_an_unknown_failure_pattern()
    {
        var match = Crash.Snapshot().Decide(Refused);

        Assert.Equal("unknown", match.RuleId);
        Assert.Equal(RuleOrigin.BuiltIn, match.Origin);
        Assert.Equal(new Escalate { Reason = "unknown failure pattern" }, match.Action);
    }

    [Fact]
    public void A_signature_rule_whose_other_parts_do_not_match_leaves_the_crash_to_the_next_rule()
    {
        var snapshot = Crash.Snapshot(
            Crash.Rule("elsewhere", new CrashPattern { Signature = "sig", Under = "prismatic/dd" }),
            Crash.Rule("type", new CrashPattern { ExceptionType = "My.RefusedException" }));

        Assert.Equal("type", snapshot.Decide(Refused).RuleId);
    }

    [Fact]
    public void State_is_never_reset_without_the_facets_evidence_even_when_a_table_says_so()
    {
        var snapshot = Crash.Snapshot(Crash.Rule("reset", new CrashPattern { ExceptionType = "My.RefusedException" }, new RestartWithStateReset()));

        Assert.Equal("unknown", snapshot.Decide(Refused).RuleId);
        Assert.Equal("reset", snapshot.Decide(Refused with { StateDamaged = true }).RuleId);
    }

    [Fact]
    public void Deciding_allocates_nothing()
    {
        var miss = Crash.Of("My.Unheard.OfException", "nothing known") with { Stack = Refused.Stack };
        var snapshot = RuleSnapshot.BuiltIn;
        Assert.Equal("unknown", snapshot.Decide(miss).RuleId);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            snapshot.Decide(miss, "sig", FailureClass.LogicError);
            snapshot.Decide(Refused, "sig", FailureClass.ExternalDependency);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
