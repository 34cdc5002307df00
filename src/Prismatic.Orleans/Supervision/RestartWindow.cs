namespace Prismatic.Supervision;

/// <summary>
/// Restart intensity as OTP counts it: the times of restarts within the period, both ends included, the one being judged among them.
/// Intensity 3 allows three restarts in the period and refuses the fourth; intensity 0 refuses the first.
/// The clock is monotonic and in full precision, where OTP truncates to seconds.
/// </summary>
internal static class RestartWindow
{
    /// <summary>
    /// Adds <paramref name="now"/> and says whether the restart is allowed. What has left the window, and what lies more than the intensity
    /// back, can no longer matter and is dropped: a list holds as many times as its intensity allows, and adding one costs the same
    /// after any number of restarts.
    /// </summary>
    public static bool Allow(List<TimeSpan> times, TimeSpan now, Budget budget)
    {
        times.Add(now);
        var first = Math.Max(FirstSince(times, now - budget.Period), times.Count - 1L - budget.Intensity);
        var allowed = times.Count - first <= budget.Intensity;
        Forget(times, (int)first);
        return allowed;
    }

    /// <summary>
    /// Adds <paramref name="now"/> to a history that is only looked at. What comes within a hundredth of <paramref name="period"/> is one entry with
    /// its number in <paramref name="counts"/>, so that a storm leaves a hundred entries and not one for each restart; they leave the window together.
    /// </summary>
    public static void Remember(List<TimeSpan> times, List<int> counts, TimeSpan now, TimeSpan period)
    {
        Pair(times, counts);
        if (times.Count > 0 && now - times[^1] < period / 100)
        {
            counts[^1]++;
        }
        else
        {
            times.Add(now);
            counts.Add(1);
        }

        Forget(times, counts, now - period);
    }

    /// <summary>Drops what lies before <paramref name="since"/> from such a history.</summary>
    public static void Forget(List<TimeSpan> times, List<int> counts, TimeSpan since)
    {
        Pair(times, counts);
        var first = FirstSince(times, since);
        times.RemoveRange(0, first);
        counts.RemoveRange(0, first);
    }

    /// <summary>How many restarts of such a history lie within <paramref name="period"/> of <paramref name="now"/>.</summary>
    public static int Count(List<TimeSpan> times, List<int> counts, TimeSpan now, TimeSpan period)
    {
        Pair(times, counts);
        var count = 0;
        for (var i = FirstSince(times, now - period); i < times.Count; i++)
        {
            count += counts[i];
        }

        return count;
    }

    /// <summary>A history that was stored before there were numbers has one restart for each time.</summary>
    private static void Pair(List<TimeSpan> times, List<int> counts)
    {
        if (counts.Count != times.Count)
        {
            counts.Clear();
            counts.AddRange(Enumerable.Repeat(1, times.Count));
        }
    }

    /// <summary>The index of the first time that is not before <paramref name="since"/>; the times are in order.</summary>
    private static int FirstSince(List<TimeSpan> times, TimeSpan since)
    {
        var (low, high) = (0, times.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (times[middle] < since)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Drops the oldest. Long lists wait until there is enough of it, so that each time is moved a bounded number of times.</summary>
    private static void Forget(List<TimeSpan> times, int oldest)
    {
        if (oldest > 0 && (times.Count <= 64 || oldest >= times.Count / 4))
        {
            times.RemoveRange(0, oldest);
        }
    }

    /// <summary>How many times lie within <paramref name="period"/> of <paramref name="now"/>.</summary>
    public static int Count(List<TimeSpan> times, TimeSpan now, TimeSpan period)
    {
        var count = 0;
        foreach (var time in times)
        {
            if (time >= now - period)
            {
                count++;
            }
        }

        return count;
    }
}

/// <summary>How many restarts are allowed within which period.</summary>
/// <param name="Intensity">Restarts allowed; not negative.</param>
/// <param name="Period">The window; positive.</param>
internal readonly record struct Budget(int Intensity, TimeSpan Period);
