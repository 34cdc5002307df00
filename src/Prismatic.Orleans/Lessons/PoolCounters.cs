using System.Globalization;
using System.Text.RegularExpressions;

namespace Prismatic.Lessons;

/// <summary>
/// Some clients print the thread pool's counters into their timeout messages. More busy threads than the pool starts at once, or
/// thousands of operations in a queue, say that the process starved itself, whatever the remote side did.
/// </summary>
internal static partial class PoolCounters
{
    private const int LongQueue = 1000;

    /// <summary>Whether the counters in <paramref name="message"/> show a starved pool; false when there are none.</summary>
    public static bool ShowStarvation(string message) =>
        message.Contains("Busy=", StringComparison.Ordinal)
        && (Threads().Matches(message).Any(match => Value(match, "busy") > Value(match, "min"))
            || Queues().Matches(message).Any(match => Value(match, "length") >= LongQueue));

    private static long Value(Match match, string group) =>
        long.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    [GeneratedRegex(@"Busy=(?<busy>\d+),\s*Free=\d+,\s*Min=(?<min>\d+)", RegexOptions.NonBacktracking)]
    private static partial Regex Threads();

    [GeneratedRegex(@"\b(?:queue: |qu: |qs: |qc: |QueuedItems=)(?<length>\d+)", RegexOptions.NonBacktracking)]
    private static partial Regex Queues();
}
