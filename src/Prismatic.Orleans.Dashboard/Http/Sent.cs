using System.Globalization;

namespace Prismatic.Dashboard;

/// <summary>Reads single values that a person sent; what cannot be read is said in a sentence that names the value.</summary>
internal static class Sent
{
    public const int LongestReason = 500;

    /// <summary>How many entries a page has.</summary>
    public static (int Limit, string? Mistake) Limit(string? limit, int otherwise, int largest) =>
        limit is null ? (otherwise, null)
        : int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= largest ? (number, null)
        : (0, $"'limit' is '{limit}'; it must be a whole number from 1 to {largest}.");

    /// <summary>The number of the entry before which a page begins; null for the newest.</summary>
    public static (long? Before, string? Mistake) Before(string? before) =>
        before is null ? (null, null)
        : long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (number, null)
        : (null, $"'before' is '{before}'; it must be the number of an entry.");

    /// <summary>What is wrong with a path below which something is asked for; null when nothing is.</summary>
    public static string? Under(string? under) =>
        under is "" || under?.StartsWith('/') == true || under?.EndsWith('/') == true
            ? $"'under' is '{under}'; it must be a path such as prismatic/osint, without a slash at its ends."
            : null;

    /// <summary>The value with that name, ignoring case and underscores between words; null when none has it. Never by number.</summary>
    public static T? Named<T>(string? name)
        where T : struct, Enum
    {
        var joined = name?.Replace("_", "", StringComparison.Ordinal);
        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), joined, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Why somebody does what the call does.</summary>
    public static (string? Reason, string? Mistake) Reason(string? reason) =>
        string.IsNullOrWhiteSpace(reason) || reason.Length > LongestReason
            ? (null, $"'reason' must say why, in 1 to {LongestReason} characters.")
            : (reason.Trim(), null);
}
