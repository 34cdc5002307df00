using System.Collections.Immutable;
using Orleans.Runtime;
using Prismatic.Events;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Supervision;

/// <summary>What a supervisor joins and forgets when reports come by the thousand.</summary>
public sealed class IntakeTests
{
    private static SupervisionEvent Event(SupervisionEventKind kind, string subject, string text) => new() { Kind = kind, Subject = subject, Text = text };

    [Fact]
    public void Restarts_of_one_child_in_a_large_batch_are_told_once_with_their_number()
    {
        List<SupervisionEvent> events =
        [
            Event(SupervisionEventKind.Restarted, "a", "restart 1"),
            Event(SupervisionEventKind.Restarted, "b", "restart 1"),
            Event(SupervisionEventKind.Restarted, "a", "restart 2"),
            Event(SupervisionEventKind.Restarted, "a", "restart 3"),
        ];

        Assert.Equal(2, IntakeBounds.Join(events));
        Assert.Equal(["restart 1", "restart 3 (and 2 before it in one batch)"], events.Select(happened => happened.Text));
    }

    [Fact]
    public void A_ticket_or_a_quarantine_is_never_joined_with_another()
    {
        List<SupervisionEvent> events =
        [
            Event(SupervisionEventKind.TicketOpened, "a", "one"),
            Event(SupervisionEventKind.TicketOpened, "a", "two"),
            Event(SupervisionEventKind.Quarantined, "a", "three"),
            Event(SupervisionEventKind.Quarantined, "a", "four"),
        ];

        Assert.Equal(0, IntakeBounds.Join(events));
        Assert.Equal(4, events.Count);
    }

    [Fact]
    public void Beyond_the_bound_the_members_that_served_longest_ago_are_let_go_down_to_nine_tenths()
    {
        var children = Enumerable.Range(0, 21).Select(i => new ChildRecord
        {
            Path = $"{i}",
            Status = ChildStatus.Up,
            Served = i != 0,
            LastCrashAt = TimeSpan.FromSeconds(i),
            Ticket = i == 2 ? "open" : null,
        }).ToList();

        Assert.Empty(IntakeBounds.ToLetGo(children[..20], _ => true, kept: 20));
        Assert.Equal(["1", "3", "4"], IntakeBounds.ToLetGo(children, _ => true, kept: 20).Select(child => child.Path));
    }

    [Fact]
    public void A_window_keeps_no_more_times_than_its_intensity_needs_and_counts_as_before()
    {
        var times = new List<TimeSpan>();
        var budget = new Budget(100, TimeSpan.FromSeconds(5));

        for (var restart = 0; restart < 20_000; restart++)
        {
            RestartWindow.Allow(times, TimeSpan.FromMilliseconds(restart), budget);
        }

        Assert.InRange(times.Count, 101, 101 * 4 / 3);
        Assert.False(RestartWindow.Allow(times, TimeSpan.FromMilliseconds(20_000), budget));
        Assert.True(RestartWindow.Allow(times, TimeSpan.FromMilliseconds(30_000), budget));
    }

    [Fact]
    public void A_history_counts_each_restart_of_its_period_in_a_hundred_entries()
    {
        var times = new List<TimeSpan>();
        var counts = new List<int>();
        var period = TimeSpan.FromMinutes(5);
        for (var restart = 0; restart < 20_000; restart++)
        {
            RestartWindow.Remember(times, counts, TimeSpan.FromMilliseconds(restart * 10), period);
        }

        Assert.InRange(times.Count, 60, 101);
        Assert.Equal(20_000, RestartWindow.Count(times, counts, TimeSpan.FromSeconds(200), period));

        RestartWindow.Remember(times, counts, TimeSpan.FromSeconds(400), period);
        Assert.InRange(RestartWindow.Count(times, counts, TimeSpan.FromSeconds(400), period), 10_001 - 300, 10_001);

        RestartWindow.Remember(times, counts, TimeSpan.FromHours(1), period);
        Assert.Equal([TimeSpan.FromHours(1)], times);
        Assert.Equal([1], counts);
    }

    [Fact]
    public void A_history_that_was_stored_without_counts_has_one_restart_for_each_time()
    {
        List<TimeSpan> times = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];
        List<int> counts = [];

        RestartWindow.Remember(times, counts, TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(5));

        Assert.Equal(3, RestartWindow.Count(times, counts, TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(5)));
    }

    [Theory]
    [InlineData(1, 0, 1, 1, 1, 0, 0)]
    [InlineData(15, 5_000, 63, 63, 1, 0, 0)]
    [InlineData(16, 0, 1, 1, 1, 16, 16)]
    [InlineData(400, 100, 1, 1, 1, 250, 250)]
    [InlineData(1, 5_000, 64, 64, 1, 10, 250)]
    [InlineData(1, 0, 16, 64, 1, 10, 250)]
    [InlineData(1, 0, 15, 10_000, 1, 10, 10)]
    [InlineData(1, 0, 15, 10_000, 2, 10, 20)]
    [InlineData(1, 0, 1, 10_000, 100, 10, 250)]
    [InlineData(1, 0, 1, 63, 100, 0, 0)]
    [InlineData(16, 100, 1, 1, 1, 200, 200)]
    [InlineData(400, 300, 256, 256, 1, 600, 600)]
    [InlineData(400, 5_000, 1, 1, 1, 1_000, 1_000)]
    public void Reports_gather_after_a_large_batch_in_a_storm_and_where_they_are_taken_in_slowly(int lastBatch, int lastTook, int here, long everywhere, int outboxes, int atLeast, int atMost) =>
        Assert.Equal(
            (TimeSpan.FromMilliseconds(atLeast), TimeSpan.FromMilliseconds(atMost)),
            Pace.After(lastBatch, TimeSpan.FromMilliseconds(lastTook), here, everywhere, outboxes, TimeSpan.FromMilliseconds(250)));

    [Fact]
    public async Task Ten_thousand_reports_of_two_silos_are_counted_exactly_and_what_was_joined_is_said()
    {
        await using var cluster = await SupervisedCluster.Start(
            tree => tree.Enforce().Supervisor("intake", RestartStrategy.OneForOne, intake => intake
                .Intensity(100_000, TimeSpan.FromSeconds(5))
                .Workers<IMemberGrain>("members", members => members.Intensity(100_000, TimeSpan.FromSeconds(5)))),
            silos: 1);
        var supervisor = cluster.Inside.GetGrain<ISupervisorReportsGrain>("app/intake");

        for (var batch = 0; batch < 5; batch++)
        {
            await Task.WhenAll(supervisor.Report(Batch("one", batch)), supervisor.Report(Batch("two", batch)));
        }

        var members = await cluster.Child("app/intake/members");
        Assert.Equal((10_000L, 10_000L), (members.Crashes, members.Restarts));
        var said = cluster.Events.All.Where(happened => happened.Subject == "app/intake" && happened.Text.StartsWith("A storm: 1,000 crashes", StringComparison.Ordinal)).ToList();
        Assert.Equal(10, said.Count);
        Assert.Equal(10 * 20, cluster.Events.Count(SupervisionEventKind.Restarted));

        await supervisor.Report(Batch("one", 4));
        Assert.Equal(10_000L, (await cluster.Child("app/intake/members")).Crashes);
    }

    private static ReportBatch Batch(string silo, int number) => new()
    {
        Silo = silo,
        Sequence = number + 1,
        Crashes = [.. Enumerable.Range(0, 1_000).Select(i => (number * 1_000) + i + 1).Select(at => Reports.Crash($"app/intake/members/{silo}-{at % 20}", silo, at))],
    };
}
