using System.Globalization;
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

        FailureClass? wanted = null;
        if (@class is not null)
        {
            wanted = ClassNamed(@class);
            if (wanted is null)
            {
                return (null, $"'class' is '{@class}'; it must be one of {string.Join(", ", Enum.GetNames<FailureClass>())}.");
            }
        }

        var most = new LessonQuery().Limit;
        if (limit is not null && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out most) || most is < 1 or > LargestPage))
        {
            return (null, $"'limit' is '{limit}'; it must be a whole number from 1 to {LargestPage}.");
        }

        return (new LessonQuery { Text = string.IsNullOrEmpty(query) ? null : query, Class = wanted, Limit = most, Cursor = string.IsNullOrEmpty(cursor) ? null : cursor }, null);
    }

    /// <summary>By its name, ignoring case; underscores may separate the words. Never by number.</summary>
    private static FailureClass? ClassNamed(string text)
    {
        var name = text.Replace("_", "", StringComparison.Ordinal);
        foreach (var value in Enum.GetValues<FailureClass>())
        {
            if (string.Equals(value.ToString(), name, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }
}
