using System.Collections.Immutable;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>Which lessons to list.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonQuery")]
public sealed record LessonQuery
{
    /// <summary>Text that failure mode, child or root cause contains, ignoring case; null: any.</summary>
    [Id(0)] public string? Text { get; init; }

    /// <summary>The failure class; null: any.</summary>
    [Id(1)] public FailureClass? Class { get; init; }

    /// <summary>At most this many. Default 50, range 1 to 500.</summary>
    [Id(2)] public int Limit { get; init; } = 50;

    /// <summary>Where the page before ended; null for the first page.</summary>
    [Id(3)] public string? Cursor { get; init; }
}

/// <summary>A page of lessons, newest first.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonPage")]
public sealed record LessonPage
{
    /// <summary>The lessons.</summary>
    [Id(0)] public required ImmutableArray<Lesson> Items { get; init; }

    /// <summary>What to ask the next page with; null when this is the last.</summary>
    [Id(1)] public string? Next { get; init; }
}

/// <summary>What became of a remediation.</summary>
[GenerateSerializer, Alias("prismatic.Outcome")]
public enum Outcome
{
    /// <summary>The same trigger served again and the group stayed away for the verification window.</summary>
    Healed,

    /// <summary>The group returned within the verification window.</summary>
    Failed,

    /// <summary>Neither was seen.</summary>
    Inconclusive,
}

/// <summary>The outcome of one remediation, told by the child's supervisor.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.RemediationOutcome")]
public sealed record RemediationOutcome
{
    /// <summary>The crash.</summary>
    [Id(0)] public required string CrashId { get; init; }

    /// <summary>Its group.</summary>
    [Id(1)] public required string Group { get; init; }

    /// <summary>Its signature.</summary>
    [Id(2)] public required string Signature { get; init; }

    /// <summary>What was applied.</summary>
    [Id(3)] public required RemediationAction Action { get; init; }

    /// <summary>The rule or lesson behind it; <c>default</c> when none matched.</summary>
    [Id(4)] public required string Rule { get; init; }

    /// <summary>What became of it.</summary>
    [Id(5)] public required Outcome Outcome { get; init; }

    /// <summary>Crash seen to first success; null when there was none.</summary>
    [Id(6)] public TimeSpan? TimeToRecovery { get; init; }

    /// <summary>Whether the crash opened or joined a ticket, so that a person was involved.</summary>
    [Id(7)] public bool Ticketed { get; init; }
}

/// <summary>A person's answer to a ticket.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.Resolution")]
public sealed record Resolution
{
    /// <summary>What heals it.</summary>
    [Id(0)] public required RemediationAction Remediation { get; init; }

    /// <summary>Why it happens. 1 to 2,000 characters.</summary>
    [Id(1)] public required string RootCause { get; init; }

    /// <summary>Anything else; may be empty.</summary>
    [Id(2)] public string Note { get; init; } = "";

    /// <summary>Who says so.</summary>
    [Id(3)] public string By { get; init; } = "";
}

/// <summary>
/// The knowledge of the cluster, at key <see cref="Key"/>: every crash is captured, classified, correlated and recorded with its
/// outcome, and what helped is applied to the next of its kind. Each lesson has a record of its own; this grain keeps the totals
/// and knows where the lessons are.
/// </summary>
[Alias("prismatic.ILessonsLearnedGrain")]
public interface ILessonsLearnedGrain : IGrainWithStringKey
{
    /// <summary>The key of the one entrance to all lessons.</summary>
    const string Key = "lessons";

    /// <summary>The figures.</summary>
    [Alias("GetStatistics")]
    Task<LessonStatistics> GetStatistics();

    /// <summary>A page of lessons.</summary>
    /// <exception cref="ArgumentException">Limit or cursor are out of range.</exception>
    [Alias("List")]
    Task<LessonPage> List(LessonQuery query);

    /// <summary>One lesson, or null.</summary>
    [Alias("Get")]
    Task<Lesson?> Get(string lessonId);

    /// <summary>Captures crashes; each counts once, by its crash id's report (silo and sequence).</summary>
    [Control, Alias("Capture")]
    Task Capture(ImmutableArray<CrashReport> crashes, ImmutableArray<string> ticketed);

    /// <summary>Records what became of remediations.</summary>
    [Control, Alias("RecordOutcomes")]
    Task RecordOutcomes(ImmutableArray<RemediationOutcome> outcomes);

    /// <summary>Makes a lesson of a person's answer, for all of its group, and registers its rules; durable when this returns.</summary>
    [Control, Alias("Teach")]
    Task<Lesson> Teach(string group, string signature, Resolution resolution);

    /// <summary>Changes a lesson as a person wants it; durable, with its audit entry, when this returns.</summary>
    /// <exception cref="ArgumentException">There is no such lesson, or the edit is not valid.</exception>
    /// <exception cref="LessonConflictException">Somebody else edited it since the version that the person saw.</exception>
    [Control, Alias("Edit")]
    Task<Lesson> Edit(LessonEdit edit);

    /// <summary>The changes that people made to a lesson, newest first.</summary>
    /// <param name="lessonId">The lesson.</param>
    /// <param name="before">Only entries with a lower number; null for the newest.</param>
    /// <param name="limit">At most this many, 1 to 500.</param>
    /// <exception cref="ArgumentException">The limit is out of range.</exception>
    [Alias("Audit")]
    Task<ImmutableArray<LessonAuditEntry>> Audit(string lessonId, long? before, int limit);

    /// <summary>Lessons with an answer or a learned remedy as a signed file for another cluster, at most 500 lessons in one.</summary>
    /// <param name="cursor">Where the file before ended; null for the first.</param>
    /// <exception cref="ArgumentException">The cursor is nobody's.</exception>
    /// <exception cref="InvalidOperationException">No key to sign with is set.</exception>
    [Control, Alias("Export")]
    Task<LessonExport> Export(string? cursor);

    /// <summary>Takes in a file that another cluster exported with the same key. A file with any mistake has no effect at all.</summary>
    /// <param name="file">The file's text.</param>
    /// <param name="by">Who imports it.</param>
    /// <exception cref="InvalidOperationException">No key to check it with is set.</exception>
    [Control, Alias("Import")]
    Task<LessonImport> Import(string file, string by);

    /// <summary>The last crash of a lesson as a drill, in the drill runner's JSON; null when there is no such lesson or it never crashed here.</summary>
    [Alias("ExportDrill")]
    Task<string?> ExportDrill(string lessonId);
}
