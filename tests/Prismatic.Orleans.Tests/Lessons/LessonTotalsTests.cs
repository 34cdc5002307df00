using Prismatic.Lessons;
using Prismatic.Remediation;
using Xunit;
using static Prismatic.Lessons.Outcome;

namespace Prismatic.Tests.Lessons;

public sealed class LessonTotalsTests
{
    [Fact]
    public void A_rate_over_nothing_is_null()
    {
        var figures = new LessonTotals().Statistics();

        Assert.Equal((0, 0), (figures.TotalLessons, figures.TotalCrashes));
        Assert.Null(figures.AutoRemediatedRate);
        Assert.Null(figures.AutoRemediatedKnownRate);
        Assert.Null(figures.MeanTimeToRecoverySeconds);
        Assert.Null(figures.EscalationRate);
        Assert.Null(figures.FalsePositiveRate);
    }

    [Fact]
    public void The_rates_are_what_the_statistics_say_they_are()
    {
        var totals = new LessonTotals()
            .With([Crashes.Report(1), Crashes.Report(2), Crashes.Report(3), Crashes.Report(4)], ["silo-1-2"])
            .With(
            [
                Crashes.Outcome("c1", outcome: Healed, rule: "socket-refused", seconds: 2),
                Crashes.Outcome("c2", outcome: Healed, rule: "default", seconds: 4),
                Crashes.Outcome("c3", outcome: Failed, rule: "socket-refused"),
                Crashes.Outcome("c4", outcome: Healed, rule: "socket-refused", ticketed: true, seconds: 6),
                Crashes.Outcome("c5", outcome: Inconclusive, rule: "socket-refused"),
                Crashes.Outcome("c6", outcome: Healed, action: new Escalate(), rule: "unknown"),
                Crashes.Outcome("c7", outcome: Failed, rule: "contain-s1"),
                Crashes.Outcome("c8", outcome: Failed, rule: "socket-refused", seconds: 100, group: "returned"),
                Crashes.Outcome("c9", outcome: Healed, rule: "socket-refused", seconds: 8, group: "returned"),
            ]);

        var figures = totals.Statistics();

        Assert.Equal(4, figures.TotalCrashes);
        Assert.Equal(3 / 8.0, figures.AutoRemediatedRate);
        Assert.Equal(2 / 5.0, figures.AutoRemediatedKnownRate);
        Assert.Equal((2 + 4 + 6 + 8) / 4.0, figures.MeanTimeToRecoverySeconds);
        Assert.Equal(1 / 4.0, figures.EscalationRate);
        Assert.Equal(2 / 5.0, figures.FalsePositiveRate);
        Assert.Equal(0, figures.ContainedRate);
    }

    [Fact]
    public void Told_twice_counts_once()
    {
        var once = new LessonTotals().With([Crashes.Report(1)], ["silo-1-1"]).With([Crashes.Outcome()]);

        Assert.Same(once, once.With([Crashes.Report(1)], ["silo-1-1"]).With([Crashes.Outcome()]));
    }

    [Fact]
    public void One_trace_that_met_two_failures_is_two_outcomes()
    {
        Assert.Equal(2, new LessonTotals().With([Crashes.Outcome("t", group: "g1"), Crashes.Outcome("t", group: "g2")]).Known);
    }

    [Fact]
    public void A_full_page_begins_the_next_and_an_older_page_changes_nothing()
    {
        var totals = new LessonTotals().WithPage(0, 199);

        Assert.Equal((0, 199, 199), (totals.LastPage, totals.LastPageCount, totals.Lessons));
        totals = totals.WithPage(0, 200);
        Assert.Equal((1, 0, 200), (totals.LastPage, totals.LastPageCount, totals.Lessons));
        Assert.Same(totals, totals.WithPage(0, 200));
    }
}
