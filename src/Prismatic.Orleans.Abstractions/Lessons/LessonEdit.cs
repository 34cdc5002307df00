using System.Collections.Immutable;
using Prismatic.Remediation;

namespace Prismatic.Lessons;

/// <summary>What a person changes in a lesson. What is null stays as it is.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonEdit")]
public sealed record LessonEdit
{
    /// <summary>The lesson.</summary>
    [Id(0)] public required string LessonId { get; init; }

    /// <summary>The <see cref="Lesson.Version"/> that the person saw. The edit is refused when the lesson has another by now, unless only crashes and outcomes were counted since.</summary>
    [Id(1)] public required long Version { get; init; }

    /// <summary>Who edits. 1 to 200 characters.</summary>
    [Id(2)] public required string By { get; init; }

    /// <summary>Why it happens. 1 to 2,000 characters.</summary>
    [Id(3)] public string? RootCause { get; init; }

    /// <summary>What heals it. <see cref="Escalate"/> says that nothing does: its crashes are contained and open no tickets until it gets worse.</summary>
    [Id(4)] public RemediationAction? Remediation { get; init; }

    /// <summary>
    /// <see cref="LessonStatus.Resolved"/>, <see cref="LessonStatus.Muted"/>, or <see cref="LessonStatus.Ongoing"/> to take either back. The
    /// other ones come by themselves.
    /// </summary>
    [Id(5)] public LessonStatus? Status { get; init; }

    /// <summary>With <see cref="LessonStatus.Muted"/>: until when. Null: until a person ends it.</summary>
    [Id(6)] public LessonMute? Mute { get; init; }

    /// <summary>With <see cref="LessonStatus.Resolved"/>: whether the cure comes with the next build, so that crashes of the build last seen are none that returned.</summary>
    [Id(7)] public bool InNextBuild { get; init; }

    /// <summary>Why it was edited; may be empty. At most 2,000 characters.</summary>
    [Id(8)] public string Note { get; init; } = "";
}

/// <summary>One change that a person made to a lesson: who, when, what, and what stood there before and after.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonAuditEntry")]
public sealed record LessonAuditEntry
{
    /// <summary>1 for the lesson's first entry.</summary>
    [Id(0)] public required long Number { get; init; }

    /// <summary>When, by the clock of the silo that stored it.</summary>
    [Id(1)] public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    [Id(2)] public required string By { get; init; }

    /// <summary><c>answered</c>, <c>edited</c> or <c>imported</c>.</summary>
    [Id(3)] public required string What { get; init; }

    /// <summary>The fields that changed, as they were.</summary>
    [Id(4)] public ImmutableDictionary<string, string> Before { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The fields that changed, as they are since.</summary>
    [Id(5)] public ImmutableDictionary<string, string> After { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>What the person added; may be empty.</summary>
    [Id(6)] public string Note { get; init; } = "";
}

/// <summary>The lesson was edited by somebody else since.</summary>
[GenerateSerializer, Alias("prismatic.LessonConflictException")]
public sealed class LessonConflictException : Exception
{
    /// <summary>A refusal of an edit of <paramref name="lessonId"/> that was made for version <paramref name="seen"/>.</summary>
    public LessonConflictException(string lessonId, long seen, long edited, long current)
        : base($"Lesson {lessonId} was edited at version {edited}, and the edit was made for version {seen}; it is at {current} now. Look again, then edit.")
    {
        LessonId = lessonId;
        Current = current;
    }

    /// <summary>The lesson.</summary>
    [Id(0)]
    public string LessonId { get; private set; }

    /// <summary>Its version now.</summary>
    [Id(1)]
    public long Current { get; private set; }
}

/// <summary>A signed file of lessons, and where the next one begins.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonExport")]
public sealed record LessonExport
{
    /// <summary>The file's text: JSON.</summary>
    [Id(0)] public required string File { get; init; }

    /// <summary>Lessons in it.</summary>
    [Id(1)] public required int Lessons { get; init; }

    /// <summary>What to ask the next file with; null when this is the last.</summary>
    [Id(2)] public string? Next { get; init; }
}

/// <summary>What an import did.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonImport")]
public sealed record LessonImport
{
    /// <summary>What is wrong with the file, each with its line and field. When there is any, nothing of the file took effect.</summary>
    [Id(0)] public ImmutableArray<string> Mistakes { get; init; } = [];

    /// <summary>Lessons that were not known here.</summary>
    [Id(1)] public int Added { get; init; }

    /// <summary>Lessons that were known here and had no answer or cause of their own.</summary>
    [Id(2)] public int Completed { get; init; }

    /// <summary>Lessons that were left as they are: what this cluster knows itself counts more.</summary>
    [Id(3)] public int Kept { get; init; }
}
