using System.Globalization;
using System.Text.RegularExpressions;

namespace Prismatic.SystemTests.Faults;

/// <summary>Reads what silos log, one line for each event.</summary>
internal static partial class SiloLog
{
    /// <summary>The crashes in the lines, with their times in seconds since <paramref name="began"/>; each id once.</summary>
    public static IReadOnlyList<LoggedCrash> Crashes(IEnumerable<string> lines, DateTimeOffset began) =>
    [
        .. from line in lines
           let crash = CrashLine().Match(line)
           where crash.Success
           group crash by crash.Groups["id"].Value into same
           let first = same.First()
           select new LoggedCrash(first.Groups["child"].Value, same.Key, Since(began, first.Groups["time"].Value)),
    ];

    private static double Since(DateTimeOffset began, string time)
    {
        var at = TimeSpan.ParseExact(time, @"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture) - began.UtcDateTime.TimeOfDay;

        // The log has no dates: a scenario that begins before midnight may end after it.
        return (at < TimeSpan.FromHours(-12) ? at + TimeSpan.FromDays(1) : at).TotalSeconds;
    }

    [GeneratedRegex(@"^(?<time>\d\d:\d\d:\d\d\.\d{3})Z .*\bCrashed (?<child>[^\s:]+): .*\(correlation (?<id>[^,]+), class")]
    private static partial Regex CrashLine();
}
