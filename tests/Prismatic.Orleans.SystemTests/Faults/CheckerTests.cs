using System.Collections.Immutable;
using Xunit;

namespace Prismatic.SystemTests.Faults;

/// <summary>A checker that finds nothing proves nothing: each loss, double and failure is planted here once.</summary>
public sealed class CheckerTests
{
    private const string Resolver = Checker.CrashedChild;

    [Fact]
    public void A_history_in_which_all_went_well_has_no_finding()
    {
        Assert.Empty(Checker.Check(Sound()));
    }

    [Fact]
    public void An_acknowledged_document_that_is_not_there_is_lost()
    {
        var history = Sound();
        history = history with { Final = history.Final with { Documents = history.Final.Documents.Remove("own-1") } };

        Assert.Equal((FindingKind.Lost, "document own-1 of call 1 was acknowledged and is not there."), Single(history));
    }

    [Fact]
    public void A_document_that_failed_may_be_there_or_not()
    {
        var history = Sound().Change(1, call => call with { Outcome = CallOutcome.Failed });

        Assert.Empty(Checker.Check(history));
        Assert.Empty(Checker.Check(history with { Final = history.Final with { Documents = history.Final.Documents.Remove("own-1") } }));
    }

    [Fact]
    public void A_document_of_one_call_in_its_second_version_is_doubled()
    {
        var history = Sound().Store("own-1", new StoredVersion(2, 1));

        Assert.Equal(FindingKind.Doubled, Single(history).Kind);
    }

    [Fact]
    public void A_refused_call_whose_document_is_there_had_started()
    {
        var history = Sound().Change(1, call => call with { Outcome = CallOutcome.Refused });

        Assert.Equal(FindingKind.Doubled, Single(history).Kind);
    }

    [Fact]
    public void A_shared_document_below_the_last_acknowledged_version_is_lost()
    {
        var history = Sound().Store("shared", new StoredVersion(1, 2));

        Assert.Equal((FindingKind.Lost, "document shared has version 1; call 3 was told that it wrote version 2."), Single(history));
    }

    [Fact]
    public void Two_calls_that_were_told_the_same_version_overwrote_each_other()
    {
        var history = Sound().Change(2, call => call with { Version = 2 });

        Assert.Equal((FindingKind.Lost, "document shared has one version 2, which calls 2 and 3 were both told to be theirs: one overwrote the other."), Single(history));
    }

    [Fact]
    public void A_version_with_the_content_of_another_call_is_lost()
    {
        var history = Sound().Store("shared", new StoredVersion(2, 9));

        Assert.Equal(FindingKind.Lost, Single(history).Kind);
    }

    [Fact]
    public void A_shared_document_may_be_ahead_by_its_unknown_writes_and_no_more()
    {
        Assert.Equal(FindingKind.Doubled, Single(Sound().Store("shared", new StoredVersion(3, 9))).Kind);

        var oneUnknown = Sound().Add(new CallRecord(9, CallKind.Update, "shared", 9, 9) { Outcome = CallOutcome.Failed });
        Assert.Empty(Checker.Check(oneUnknown.Store("shared", new StoredVersion(3, 9))));
        Assert.Equal(FindingKind.Doubled, Single(oneUnknown.Store("shared", new StoredVersion(4, 9))).Kind);
    }

    [Fact]
    public void A_read_below_what_was_acknowledged_before_it_was_sent_is_a_loss()
    {
        var history = Sound().Change(4, call => call with { Version = 0 });

        Assert.Equal(FindingKind.Lost, Single(history).Kind);
    }

    [Fact]
    public void A_case_is_lost_when_it_was_acknowledged_and_doubled_when_there_are_two()
    {
        var history = Sound();

        Assert.Equal(FindingKind.Lost, Single(history with { Final = history.Final with { Cases = history.Final.Cases.Remove("subject-5") } }).Kind);
        Assert.Equal(FindingKind.Doubled, Single(history with { Final = history.Final with { Cases = history.Final.Cases.SetItem("subject-5", 2) } }).Kind);
    }

    [Fact]
    public void An_acknowledged_answer_to_a_ticket_that_is_open_is_lost()
    {
        var history = Sound();

        Assert.Equal(FindingKind.Lost, Single(history with { Final = history.Final with { Resolved = [] } }).Kind);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(1, false)]
    public void A_ticket_that_was_opened_again_after_its_answer_is_not_lost(double openedAfter, bool lost)
    {
        var history = Sound();
        var answer = history.Calls.Single(call => call.Kind == CallKind.Resolve);
        var final = history.Final with { Resolved = [], Open = history.Final.Open.SetItem(answer.Key, answer.Sent + openedAfter) };

        Assert.Equal(lost ? [FindingKind.Lost] : [], Checker.Check(history with { Final = final }).Select(finding => finding.Kind));
    }

    [Fact]
    public void A_crash_that_is_counted_twice_is_doubled()
    {
        Assert.Equal(
            (FindingKind.Doubled, $"{Resolver} crashed 1 times, 0 calls to it have an unknown end, and its supervisor counts 2."),
            Single(Sound().Count(Resolver, 2)));
        Assert.Equal(FindingKind.Doubled, Single(Sound().Count("prismatic/core/storage-coordinator", 1)).Kind);
    }

    [Fact]
    public void A_crash_that_is_not_counted_is_lost_unless_its_silo_was_killed_within_the_reports_time()
    {
        var uncounted = Sound().Count(Resolver, 0);
        Assert.Equal(FindingKind.Lost, Single(uncounted).Kind);

        // The crash was answered at 6.1 s.
        Assert.Empty(Checker.Check(uncounted with { Faults = [new FaultRecord("kill", 7, KillsSilo: true)] }));
        Assert.Equal(1, Checker.GoneWithTheirSilo(uncounted with { Faults = [new FaultRecord("kill", 7, KillsSilo: true)] }));
        Assert.Equal(FindingKind.Lost, Single(uncounted with { Faults = [new FaultRecord("restart", 7, KillsSilo: false)] }).Kind);
        Assert.Equal(FindingKind.Lost, Single(uncounted with { Faults = [new FaultRecord("kill", 6.1 + Checker.ReportsUnderWay + 1, KillsSilo: true)] }).Kind);
    }

    [Fact]
    public void A_crash_call_without_an_answer_may_count_once()
    {
        var history = Sound().Add(new CallRecord(9, CallKind.Crash, Resolver, 9, 9) { Outcome = CallOutcome.Unanswered });

        Assert.Empty(Checker.Check(history.Count(Resolver, 2)));
        Assert.Equal(FindingKind.Doubled, Single(history.Count(Resolver, 3)).Kind);
    }

    [Fact]
    public void The_crashes_of_a_family_are_those_of_its_members()
    {
        var sound = Sound();
        History With(long counted) => sound with
        {
            Final = sound.Final with
            {
                Children = [.. sound.Final.Children, new ChildState("prismatic/dd/case-records", "Idle", null, counted)],
                Logged = [.. sound.Final.Logged, new LoggedCrash("prismatic/dd/case-records/case-1", "aa-9", 6.2)],
            },
        };

        Assert.Empty(Checker.Check(With(1)));
        Assert.Equal(FindingKind.Doubled, Single(With(2)).Kind);
    }

    [Fact]
    public void Every_crash_of_a_storm_is_counted_once_and_every_child_serves_again()
    {
        var sound = Sound();
        var storm = (sound with { Final = sound.Final with { Children = sound.Final.Children.Add(new ChildState(StormFamily.Path, "Idle", null, 2)) } })
            .Add(Served(20, CallKind.Storm, "0") with { Outcome = CallOutcome.Crashed, Crash = "aa-20" })
            .Add(Served(21, CallKind.Storm, "1") with { Outcome = CallOutcome.Crashed, Crash = "aa-21" })
            .Add(Served(22, CallKind.AfterStorm, "0"))
            .Add(Served(23, CallKind.AfterStorm, "1") with { Outcome = CallOutcome.Refused })
            .Add(Served(24, CallKind.AfterStorm, "1"));

        Assert.Empty(Checker.Check(storm));
        Assert.Equal(FindingKind.Lost, Single(storm.Count(StormFamily.Path, 1)).Kind);
        Assert.Equal(FindingKind.Doubled, Single(storm.Count(StormFamily.Path, 3)).Kind);
        Assert.Equal(FindingKind.Down, Single(storm.Change(24, call => call with { Outcome = CallOutcome.Failed })).Kind);
        Assert.Equal([4.1], Figures.Storms(storm with { Faults = [new FaultRecord("storm", 20, KillsSilo: false)] }).Select(seconds => Math.Round(seconds, 3)));
    }

    [Fact]
    public void A_child_that_is_down_needs_a_ticket()
    {
        var history = Sound();
        var down = history.Final.Children.Single(child => child.Path == Resolver) with { Status = "Quarantined" };
        History With(ChildState child) => history with { Final = history.Final with { Children = [child] } };

        Assert.Equal((FindingKind.Down, $"{Resolver} is Quarantined and no ticket asks a person."), Single(With(down)));
        Assert.Empty(Checker.Check(With(down with { Ticket = "prismatic/dd:1" })));
        Assert.Empty(Checker.Check(With(down) with { Enforced = false }));
    }

    [Fact]
    public void A_kind_of_call_that_is_never_answered_again_after_the_last_fault_is_down()
    {
        var history = Sound() with { Faults = [new FaultRecord("restart", 7, KillsSilo: false) { Over = 8 }] };
        history = history.Add(new CallRecord(9, CallKind.Assess, "claims", 9, 9) { Outcome = CallOutcome.Failed, Detail = "no silo" });

        Assert.Equal(FindingKind.Down, Single(history).Kind);
        Assert.Empty(Checker.Check(history.Add(new CallRecord(10, CallKind.Assess, "claims", 10, 10) { Ended = 10.1, Outcome = CallOutcome.Acknowledged })));
    }

    [Fact]
    public void Where_nothing_may_fail_a_refused_call_is_a_finding_and_a_crash_that_was_asked_for_is_none()
    {
        var history = Sound().Add(new CallRecord(9, CallKind.Assess, "claims", 9, 9) { Outcome = CallOutcome.Refused }) with { Faults = [new FaultRecord("SIGTERM", 20, false)] };

        Assert.Empty(Checker.Check(history));
        Assert.Equal(FindingKind.Failed, Single(history with { NothingMayFail = true }).Kind);
    }

    [Fact]
    public void A_history_is_the_same_after_it_was_written_and_read()
    {
        var history = Sound() with { Faults = [new FaultRecord("kill", 7, KillsSilo: true) { Over = 9 }] };

        var read = History.FromJson(history.ToJson());

        Assert.Equal(history.ToJson(), read.ToJson());
        Assert.Equal(history.Calls, read.Calls);
        Assert.Equal(Checker.Check(history), Checker.Check(read));
    }

    private static (FindingKind Kind, string Text) Single(History history)
    {
        var finding = Assert.Single(Checker.Check(history));
        return (finding.Kind, finding.Text);
    }

    /// <summary>One call of each kind, all as they should be.</summary>
    private static History Sound() => new()
    {
        Scenario = "planted",
        Arm = "platform",
        Seed = 1,
        Calls =
        [
            Served(1, CallKind.Put, "own-1") with { Version = 1 },
            Served(2, CallKind.Update, "shared") with { Version = 1 },
            Served(3, CallKind.Update, "shared") with { Version = 2 },
            Served(4, CallKind.Read, "own-1") with { Version = 1, Known = 1 },
            Served(5, CallKind.Open, "subject-5"),
            Served(6, CallKind.Crash, Resolver) with { Outcome = CallOutcome.Crashed, Crash = "aa-1" },
            Served(7, CallKind.Resolve, "prismatic/dd:1"),
        ],
        Final = new FinalState
        {
            Documents = ImmutableSortedDictionary<string, StoredVersion>.Empty.Add("own-1", new StoredVersion(1, 1)).Add("shared", new StoredVersion(2, 3)),
            Cases = ImmutableSortedDictionary<string, int>.Empty.Add("subject-5", 1),
            Children = [new ChildState(Resolver, "Idle", null, 1), new ChildState("prismatic/core/storage-coordinator", "Idle", null, 0)],
            Logged = [new LoggedCrash(Resolver, "aa-1", 6.1)],
            Resolved = ["prismatic/dd:1"],
        },
    };

    private static CallRecord Served(int number, CallKind kind, string key) =>
        new(number, kind, key, number, number) { Ended = number + 0.1, Outcome = CallOutcome.Acknowledged };
}

/// <summary>Changes to a planted history.</summary>
internal static class PlantedHistory
{
    public static History Change(this History history, int number, Func<CallRecord, CallRecord> change) =>
        history with { Calls = [.. history.Calls.Select(call => call.Number == number ? change(call) : call)] };

    public static History Add(this History history, CallRecord call) => history with { Calls = history.Calls.Add(call) };

    public static History Store(this History history, string document, StoredVersion version) =>
        history with { Final = history.Final with { Documents = history.Final.Documents.SetItem(document, version) } };

    public static History Count(this History history, string child, long crashes) =>
        history with { Final = history.Final with { Children = [.. history.Final.Children.Select(state => state.Path == child ? state with { Crashes = crashes } : state)] } };
}
