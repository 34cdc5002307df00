using System.Collections.Immutable;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>One lesson; its key is the group. Called by <see cref="LessonsLearnedGrain"/> only.</summary>
[Control, Alias("prismatic.ILessonGrain")]
internal interface ILessonGrain : IGrainWithStringKey
{
    /// <summary>The lesson, or null.</summary>
    [Alias("Get")]
    Task<Lesson?> Get();

    /// <summary>Counts crashes of its group; <paramref name="ticketed"/> are the ids of those that opened or joined a ticket.</summary>
    [Alias("Capture")]
    Task<LessonAnswer> Capture(ImmutableArray<CrashReport> crashes, ImmutableArray<string> ticketed, LessonMoment moment);

    /// <summary>Counts outcomes of its group.</summary>
    [Alias("RecordOutcomes")]
    Task<LessonAnswer> RecordOutcomes(ImmutableArray<RemediationOutcome> outcomes, LessonMoment moment);

    /// <summary>Takes a person's answer; durable when this returns.</summary>
    [Alias("Teach")]
    Task<LessonAnswer> Teach(string group, string signature, Resolution resolution, LessonMoment moment);

    /// <summary>Takes a person's edit; durable, with its audit entry, when this returns.</summary>
    [Alias("Edit")]
    Task<LessonAnswer> Edit(LessonEdit edit, LessonMoment moment);

    /// <summary>Takes in what another cluster knows; null when this cluster's own knowledge stays.</summary>
    [Alias("Import")]
    Task<LessonAnswer?> Import(ImportedLesson imported, string by, LessonMoment moment);

    /// <summary>The changes by people with a number below <paramref name="before"/>, newest first.</summary>
    [Alias("Audit")]
    Task<ImmutableArray<LessonAuditEntry>> Audit(long? before, int limit);

    /// <summary>The index lists it, and the totals know.</summary>
    [Alias("Listed")]
    Task Listed();

    /// <summary>The registry has these rules of it, and no others.</summary>
    [Alias("Published")]
    Task Published(ImmutableArray<RemediationRule> rules);
}

/// <summary>One page of the index of lessons. Called by <see cref="LessonsLearnedGrain"/> only.</summary>
[Control, Alias("prismatic.ILessonPageGrain")]
internal interface ILessonPageGrain : IGrainWithStringKey
{
    /// <summary>The groups on it, oldest first.</summary>
    [Alias("Read")]
    Task<ImmutableArray<string>> Read();

    /// <summary>Appends those that it does not hold, as far as there is room, and answers with all that it holds; durable when this returns.</summary>
    [Alias("Append")]
    Task<ImmutableArray<string>> Append(ImmutableArray<string> groups);
}

/// <summary>One page of a lesson's older changes by people; its key is the group, a tilde and a number. Called by <see cref="LessonGrain"/> only.</summary>
[Control, Alias("prismatic.ILessonAuditPageGrain")]
internal interface ILessonAuditPageGrain : IGrainWithStringKey
{
    /// <summary>The entries on it, oldest first.</summary>
    [Alias("Read")]
    Task<ImmutableArray<LessonAuditEntry>> Read();

    /// <summary>Keeps those that it does not hold; durable when this returns.</summary>
    [Alias("Keep")]
    Task Keep(ImmutableArray<LessonAuditEntry> entries);
}
