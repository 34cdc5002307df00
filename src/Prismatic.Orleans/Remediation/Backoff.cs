namespace Prismatic.Remediation;

/// <summary>How long the next activation waits.</summary>
internal static class Backoff
{
    /// <summary>
    /// The first crash of a stable run waits <see cref="RestartWithBackoff.First"/>. Each further one waits longer by the factor, as its jitter
    /// says; decorrelated, it draws between Initial and the factor times the delay before, so that children that crashed together do not
    /// return together. Never above Max.
    /// </summary>
    /// <param name="policy">The delays.</param>
    /// <param name="crashesInRun">Crashes since the child was last stable, this one included.</param>
    /// <param name="previous">The delay before this one; zero when there was none.</param>
    /// <param name="random">The source of chance.</param>
    public static TimeSpan Next(RestartWithBackoff policy, int crashesInRun, TimeSpan previous, Random random)
    {
        if (crashesInRun <= 1)
        {
            return Least(policy.First, policy.Max);
        }

        if (policy.Jitter == BackoffJitter.Decorrelated)
        {
            var lowest = Math.Max(0, policy.Initial.Ticks);
            var highest = Math.Max(lowest, Times(previous.Ticks, policy.Factor));
            return Least(TimeSpan.FromTicks(random.NextInt64(lowest, Above(highest))), policy.Max);
        }

        var full = Least(TimeSpan.FromTicks(Times(policy.Initial.Ticks, Math.Pow(policy.Factor, crashesInRun - 2))), policy.Max);
        return policy.Jitter switch
        {
            BackoffJitter.Full => TimeSpan.FromTicks(random.NextInt64(0, Above(full.Ticks))),
            BackoffJitter.Equal => TimeSpan.FromTicks(random.NextInt64(full.Ticks / 2, Above(full.Ticks))),
            _ => full,
        };
    }

    // One below the largest value, so that the exclusive upper bound of a draw still fits.
    private static long Times(long ticks, double factor) => ticks * factor is < (double)(long.MaxValue - 1024) and var product ? (long)product : long.MaxValue - 1;

    private static long Above(long ticks) => ticks == long.MaxValue ? ticks : ticks + 1;

    private static TimeSpan Least(TimeSpan one, TimeSpan other)
    {
        var least = one < other ? one : other;
        return least < TimeSpan.Zero ? TimeSpan.Zero : least;
    }
}
