namespace Prismatic.Lessons;

/// <summary>How a lesson's status changes, as people know it from error trackers.</summary>
internal static class LessonStates
{
    /// <summary>For so long after its first crash a lesson is new.</summary>
    public static readonly TimeSpan NewFor = TimeSpan.FromHours(24);

    /// <summary>The lesson's status at a moment when nothing happened: what ends by time has ended.</summary>
    public static LessonStatus At(LessonStatus status, LessonMute? mute, DateTimeOffset firstSeen, CrashRate rate, DateTimeOffset now) => status switch
    {
        LessonStatus.Muted when mute?.Until is { } until && now >= until => Calm(firstSeen, now),
        LessonStatus.Escalating when !rate.At(now).Exceeded => Calm(firstSeen, now),
        LessonStatus.New => Calm(firstSeen, now),
        _ => status,
    };

    /// <summary>The lesson with the status that it has after a crash that is counted in it and in <paramref name="rate"/> already.</summary>
    public static Lesson AfterCrash(Lesson lesson, string build, CrashRate rate, DateTimeOffset now) => lesson.Status switch
    {
        LessonStatus.Muted when StillMuted(lesson.Mute, build, now) => lesson with { Mute = Counted(lesson.Mute) },
        LessonStatus.Muted => (lesson with { Mute = null }).With(rate.Exceeded ? LessonStatus.Escalating : Calm(lesson.FirstSeen, now)),
        LessonStatus.Resolved when lesson.ResolvedBuild is { Length: > 0 } last && last == build => lesson,
        LessonStatus.Resolved => lesson.With(LessonStatus.Regressed) with { RegressedBuild = build },
        LessonStatus.Regressed => lesson,
        _ => lesson.With(rate.Exceeded ? LessonStatus.Escalating : Calm(lesson.FirstSeen, now)),
    };

    /// <summary>Whether a change of status is news that a person has to hear although one was asked before.</summary>
    public static bool IsAlarm(LessonStatus before, LessonStatus after) =>
        before != after && after is LessonStatus.Regressed or LessonStatus.Escalating;

    private static Lesson With(this Lesson lesson, LessonStatus status) => lesson.Status == status ? lesson : lesson with { Status = status };

    private static LessonStatus Calm(DateTimeOffset firstSeen, DateTimeOffset now) =>
        now - firstSeen < NewFor ? LessonStatus.New : LessonStatus.Ongoing;

    private static bool StillMuted(LessonMute? mute, string build, DateTimeOffset now) =>
        mute is not null
        && (mute.Until is not { } until || now < until)
        && (mute.Crashes is not { } left || left > 0)
        && (mute.Build is not { } muted || muted == build);

    private static LessonMute? Counted(LessonMute? mute) => mute is { Crashes: { } left } ? mute with { Crashes = left - 1 } : mute;
}
