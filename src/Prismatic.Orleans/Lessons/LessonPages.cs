using System.Collections.Immutable;
using System.Globalization;

namespace Prismatic.Lessons;

/// <summary>One stored page of the index.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonPageRecord")]
internal sealed record LessonPageRecord
{
    /// <summary>The form of this record; grows when a field changes its meaning.</summary>
    [Id(0)] public int SchemaVersion { get; init; } = 1;

    /// <summary>Group ids in the order in which they became lessons. Only ever appended to.</summary>
    [Id(1)] public ImmutableArray<string> Groups { get; init; } = [];

    /// <summary>The page with those of <paramref name="groups"/> that it does not hold yet, as far as there is room.</summary>
    public LessonPageRecord With(ImmutableArray<string> groups)
    {
        var missing = groups.Distinct().Where(group => !Groups.Contains(group)).Take(LessonPages.Size - Groups.Length).ToImmutableArray();
        return missing.IsEmpty ? this : this with { Groups = Groups.AddRange(missing) };
    }
}

/// <summary>
/// The index of lessons: pages that fill in order, so that a new lesson writes one page however many there are, and a place in the
/// list stays the same place for ever.
/// </summary>
internal static class LessonPages
{
    /// <summary>Groups on a full page.</summary>
    public const int Size = 200;

    /// <summary>The key of page <paramref name="number"/>.</summary>
    public static string Key(long number) => string.Create(CultureInfo.InvariantCulture, $"page-{number}");

    /// <summary>A place as the text that a caller hands back.</summary>
    public static string Cursor(LessonPlace place) => string.Create(CultureInfo.InvariantCulture, $"{place.Page}.{place.Index}");

    /// <summary>The place that <paramref name="cursor"/> names.</summary>
    /// <exception cref="ArgumentException">It is no cursor that this index gave out.</exception>
    public static LessonPlace Place(string cursor, long lastPage)
    {
        var dot = cursor.IndexOf('.', StringComparison.Ordinal);
        return dot > 0
            && long.TryParse(cursor.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var page)
            && int.TryParse(cursor.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < Size
            && page <= lastPage
            ? new LessonPlace(page, index)
            : throw new ArgumentException($"The cursor '{cursor}' is not one that a page of lessons ended with.", nameof(cursor));
    }

    /// <summary>The last page and how many it holds, found from the pages themselves: they fill in order, and none is empty before a full one.</summary>
    public static async Task<(long Page, int Count)> FindEnd(Func<long, Task<int>> countOf)
    {
        var (full, beyond) = (-1L, 0L);
        var count = await countOf(0);
        while (count == Size)
        {
            full = beyond;
            beyond = (beyond * 2) + 1;
            count = await countOf(beyond);
        }

        // Between the last page known to be full and the first known not to be.
        while (beyond - full > 1)
        {
            var middle = full + ((beyond - full) / 2);
            var held = await countOf(middle);
            (full, beyond, count) = held == Size ? (middle, beyond, count) : (full, middle, held);
        }

        return (beyond, count);
    }

    /// <summary>The place of the newest lesson, or null when there is none.</summary>
    public static LessonPlace? Newest(LessonTotals totals) =>
        totals.LastPageCount > 0 ? new LessonPlace(totals.LastPage, totals.LastPageCount - 1)
        : totals.LastPage > 0 ? new LessonPlace(totals.LastPage - 1, Size - 1)
        : null;
}

/// <summary>A place in the index: page and position on it.</summary>
internal readonly record struct LessonPlace(long Page, int Index)
{
    /// <summary>The place of the next older lesson, or null when this is the oldest.</summary>
    public LessonPlace? Older => Index > 0 ? this with { Index = Index - 1 } : Page > 0 ? new LessonPlace(Page - 1, LessonPages.Size - 1) : null;
}
