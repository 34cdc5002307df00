using Prismatic.Lessons;

namespace Prismatic.Dashboard;

/// <summary>Reads the query of <c>GET /api/lessons</c>.</summary>
internal static class LessonSelection
{
    public const int LargestPage = 500;

    public const int LongestText = 200;

    /// <summary>The error is a sentence that names the parameter.</summary>
    public static (LessonQuery? Query, string? Error) Parse(string? query, string? @class, string? limit, string? cursor)
    {
        if (query?.Length > LongestText)
        {
            return (null, $"'query' has {query.Length} characters; it may have {LongestText}.");
        }

        var wanted = Sent.Named<FailureClass>(@class);
        if (@class is not null && wanted is null)
        {
            return (null, $"'class' is '{@class}'; it must be one of {string.Join(", ", Enum.GetNames<FailureClass>())}.");
        }

        var (most, mistake) = Sent.Limit(limit, new LessonQuery().Limit, LargestPage);
        return mistake is null
            ? (new LessonQuery { Text = string.IsNullOrEmpty(query) ? null : query, Class = wanted, Limit = most, Cursor = string.IsNullOrEmpty(cursor) ? null : cursor }, null)
            : (null, mistake);
    }
}
