namespace Prismatic.Domains.Osint;

/// <summary>A quota: so many requests a minute, so many at once. Times are monotonic.</summary>
internal sealed class TokenBucket(int perMinute, int burst, TimeSpan now)
{
    private double _tokens = burst;
    private TimeSpan _filledAt = now;

    public int PerMinute => perMinute;

    public int Burst => burst;

    public double Left(TimeSpan at) => Math.Min(burst, _tokens + (at - _filledAt).TotalMinutes * perMinute);

    /// <summary>Takes a token; when there is none, says how long until the next.</summary>
    public bool TryTake(TimeSpan at, out TimeSpan retryAfter)
    {
        var left = Left(at);
        if (left < 1)
        {
            retryAfter = TimeSpan.FromMinutes((1 - left) / perMinute);
            return false;
        }

        (_tokens, _filledAt, retryAfter) = (left - 1, at, TimeSpan.Zero);
        return true;
    }
}
