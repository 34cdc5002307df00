using System.Collections.Immutable;
using System.Globalization;
using Prismatic.Storage;

namespace Prismatic.Lessons;

/// <summary>One stored page of changes by people.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonAuditPageRecord")]
internal sealed record LessonAuditPageRecord
{
    /// <summary>The form of this record; grows when a field changes its meaning.</summary>
    [Id(0)] public int SchemaVersion { get; init; } = 1;

    /// <summary>The entries, oldest first.</summary>
    [Id(1)] public ImmutableArray<LessonAuditEntry> Entries { get; init; } = [];

    /// <summary>The page with those of <paramref name="entries"/> that it does not hold yet.</summary>
    public LessonAuditPageRecord With(ImmutableArray<LessonAuditEntry> entries)
    {
        var held = Entries.Select(entry => entry.Number).ToHashSet();
        var missing = entries.Where(entry => !held.Contains(entry.Number)).ToList();
        return missing.Count == 0 ? this : this with { Entries = [.. Entries.Concat(missing).OrderBy(entry => entry.Number)] };
    }
}

/// <summary>
/// Where a lesson's changes by people are: the newest in its own record, so that a change and its entry are stored as one, and the older
/// ones on pages of a fixed size. A page holds each number at a place that never changes.
/// </summary>
internal static class LessonAudit
{
    /// <summary>Entries in the lesson's record, beyond which the oldest go to pages.</summary>
    public const int Kept = 20;

    private const int PageSize = 50;

    /// <summary>The page that holds an entry.</summary>
    public static long PageOf(long number) => (number - 1) / PageSize;

    /// <summary>The key of a page.</summary>
    public static string Key(string group, long page) => string.Create(CultureInfo.InvariantCulture, $"{group}~{page}");

    /// <summary>The entries that leave the record; none while there are few.</summary>
    public static ImmutableArray<LessonAuditEntry> Leaving(ImmutableArray<LessonAuditEntry> entries) =>
        entries.Length > Kept ? entries.RemoveRange(entries.Length - (Kept / 2), Kept / 2) : [];
}

/// <summary>Keeps one page of changes by people.</summary>
[GrainType("prismatic-lesson-audit")]
internal sealed class LessonAuditPageGrain([SupervisedState("lesson-audit", OnDamage = DamagePolicy.SetAside)] ISupervisedState<LessonAuditPageRecord> page)
    : Grain, ILessonAuditPageGrain
{
    /// <inheritdoc/>
    public Task<ImmutableArray<LessonAuditEntry>> Read() => Task.FromResult(page.Value.Entries);

    /// <inheritdoc/>
    public Task Keep(ImmutableArray<LessonAuditEntry> entries) => page.WriteAsync(page.Value.With(entries));
}
