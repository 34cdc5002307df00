namespace Prismatic.Lessons;

/// <summary>Where a lesson stands, in the words of error trackers.</summary>
[GenerateSerializer, Alias("prismatic.LessonStatus")]
public enum LessonStatus
{
    /// <summary>First seen within the last 24 hours.</summary>
    New,

    /// <summary>Known, and coming no more often than forecast.</summary>
    Ongoing,

    /// <summary>
    /// More crashes within the hour than forecast: more than the mean of the hours before (the last 24 weigh most) plus three times its
    /// square root, and more than 10.
    /// </summary>
    Escalating,

    /// <summary>A person said that it is over.</summary>
    Resolved,

    /// <summary>It came back after it was resolved.</summary>
    Regressed,

    /// <summary>A person does not want to hear of it until a condition is met; its crashes get the default restart and open no ticket.</summary>
    Muted,
}

/// <summary>Until when a lesson is muted; the first condition that is met ends it, and without any it lasts until a person ends it.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonMute")]
public sealed record LessonMute
{
    /// <summary>Until this time; null: time does not end it.</summary>
    [Id(0)] public DateTimeOffset? Until { get; init; }

    /// <summary>For this many further crashes; null: their number does not end it. 1 or more when set by a person.</summary>
    [Id(1)] public long? Crashes { get; init; }

    /// <summary>While crashes come from this build; null: a new build does not end it.</summary>
    [Id(2)] public string? Build { get; init; }
}
