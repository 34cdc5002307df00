using Prismatic.Lessons;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class LessonStatesTests
{
    private static readonly DateTimeOffset Start = Crashes.Noon;
    private static readonly Lesson Lesson = LessonUpdate.With(null, Crashes.Report(seenAt: Start), ticketed: false);

    [Fact]
    public void A_lesson_is_new_for_24_hours()
    {
        Assert.Equal(LessonStatus.New, LessonStates.At(LessonStatus.New, null, Start, new CrashRate(), Start.AddHours(24).AddTicks(-1)));
        Assert.Equal(LessonStatus.Ongoing, LessonStates.At(LessonStatus.New, null, Start, new CrashRate(), Start.AddHours(24)));
    }

    [Fact]
    public void More_crashes_within_the_hour_than_mean_plus_three_deviations_and_more_than_10_are_escalating()
    {
        // Two hours with 16 each: the forecast is 16, its limit 16 + 3 * 4.
        var rate = Hour(Hour(new CrashRate(), Start, 16), Start.AddHours(1), 16);

        Assert.False(Hour(rate, Start.AddHours(2), 28).Exceeded);
        Assert.True(Hour(rate, Start.AddHours(2), 29).Exceeded);
        Assert.False(Hour(rate, Start.AddHours(2), 29).At(Start.AddHours(3)).Exceeded);
        Assert.False(Hour(new CrashRate(), Start, 1_000).Exceeded);
        Assert.False(Hour(Hour(new CrashRate(), Start, 1), Start.AddHours(1), 10).Exceeded);
        Assert.True(Hour(Hour(new CrashRate(), Start, 1), Start.AddHours(1), 11).Exceeded);
    }

    [Fact]
    public void Silent_hours_lower_the_forecast()
    {
        var busy = Hour(Hour(new CrashRate(), Start, 100), Start.AddHours(1), 100);

        Assert.True(busy.At(Start.AddHours(3)).Mean > 60);
        Assert.True(busy.At(Start.AddDays(10)).Mean < 1);
        Assert.Equal(24, busy.At(Start.AddDays(10)).Hours);
    }

    [Fact]
    public void A_crash_after_the_resolution_is_a_regression_with_its_build()
    {
        var regressed = LessonStates.AfterCrash(Lesson with { Status = LessonStatus.Resolved }, "2.0", new CrashRate(), Start);

        Assert.Equal((LessonStatus.Regressed, "2.0"), (regressed.Status, regressed.RegressedBuild));
        Assert.True(LessonStates.IsAlarm(LessonStatus.Resolved, regressed.Status));
    }

    [Fact]
    public void What_is_cured_in_the_next_build_does_not_return_with_a_crash_of_the_old_one()
    {
        var resolved = Lesson with { Status = LessonStatus.Resolved, ResolvedBuild = "1.0" };

        Assert.Equal(LessonStatus.Resolved, LessonStates.AfterCrash(resolved, "1.0", new CrashRate(), Start).Status);
        Assert.Equal(LessonStatus.Regressed, LessonStates.AfterCrash(resolved, "1.1", new CrashRate(), Start).Status);
    }

    [Fact]
    public void A_mute_ends_at_its_time_after_its_crashes_or_with_a_new_build()
    {
        Assert.Equal(LessonStatus.Muted, After(new LessonMute { Until = Start.AddTicks(1) }).Status);
        Assert.Equal(LessonStatus.New, After(new LessonMute { Until = Start }).Status);
        Assert.Equal(LessonStatus.New, LessonStates.At(LessonStatus.Muted, new LessonMute { Until = Start }, Start, new CrashRate(), Start));
        Assert.Equal((LessonStatus.Muted, 0L), (After(new LessonMute { Crashes = 1 }).Status, After(new LessonMute { Crashes = 1 }).Mute!.Crashes));
        Assert.Equal(LessonStatus.New, After(new LessonMute { Crashes = 0 }).Status);
        Assert.Equal(LessonStatus.Muted, After(new LessonMute { Build = "1.0" }).Status);
        Assert.Equal((LessonStatus.New, null), (After(new LessonMute { Build = "0.9" }).Status, After(new LessonMute { Build = "0.9" }).Mute));
        Assert.Equal(LessonStatus.Muted, After(new LessonMute()).Status);
    }

    private static Lesson After(LessonMute mute) =>
        LessonStates.AfterCrash(Lesson with { Status = LessonStatus.Muted, Mute = mute }, "1.0", new CrashRate(), Start);

    private static CrashRate Hour(CrashRate rate, DateTimeOffset hour, int crashes)
    {
        for (var i = 0; i < crashes; i++)
        {
            rate = rate.With(hour.AddSeconds(i % 3600));
        }

        return rate;
    }
}
