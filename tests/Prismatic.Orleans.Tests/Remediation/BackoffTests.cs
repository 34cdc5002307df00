using CsCheck;
using Prismatic.Remediation;
using Xunit;

namespace Prismatic.Tests.Remediation;

public sealed class BackoffTests
{
    private static readonly Gen<TimeSpan> Durations = Gen.Long[0, TimeSpan.FromDays(1).Ticks].Select(TimeSpan.FromTicks);

    [Theory]
    [InlineData(0, 1, 30, 1, 0, 0, 0)]
    [InlineData(1, 1, 30, 1, 20, 1, 1)]
    [InlineData(0, 1, 30, 0, 20, 0, 0)]
    [InlineData(0, 1, 30, 2, 0, 1, 1)]
    [InlineData(0, 1, 30, 2, 1, 1, 3)]
    [InlineData(0, 1, 30, 9, 30, 1, 30)]
    [InlineData(5, 1, 0, 1, 5, 0, 0)]
    [InlineData(5, 1, 0, 2, 5, 0, 0)]
    [InlineData(0, 9, 3, 2, 0, 3, 3)]
    public void The_delay_lies_where_the_policy_says(double first, double initial, double max, int crashesInRun, double previous, double atLeast, double atMost)
    {
        var policy = new RestartWithBackoff { First = TimeSpan.FromSeconds(first), Initial = TimeSpan.FromSeconds(initial), Max = TimeSpan.FromSeconds(max) };
        for (var seed = 0; seed < 50; seed++)
        {
            var delay = Backoff.Next(policy, crashesInRun, TimeSpan.FromSeconds(previous), new Random(seed));
            Assert.InRange(delay, TimeSpan.FromSeconds(atLeast), TimeSpan.FromSeconds(atMost));
        }
    }

    [Fact]
    public void A_repeated_crash_never_waits_less_than_Initial_or_more_than_Max() =>
        Gen.Select(Durations, Durations, Durations, Gen.Int[2, 1000], Gen.Int).Sample((one, other, previous, crashes, seed) =>
        {
            var policy = new RestartWithBackoff { Initial = one < other ? one : other, Max = one < other ? other : one };
            var delay = Backoff.Next(policy, crashes, previous, new Random(seed));
            return delay >= policy.Initial && delay <= policy.Max;
        });

    [Fact]
    public void A_repeated_crash_never_waits_more_than_three_times_the_delay_before_unless_Initial_is_longer() =>
        Gen.Select(Durations, Durations, Gen.Int).Sample((initial, previous, seed) =>
        {
            var policy = new RestartWithBackoff { Initial = initial, Max = TimeSpan.FromDays(9) };
            var delay = Backoff.Next(policy, 2, previous, new Random(seed));
            return delay <= previous * 3 || delay == initial || (previous * 3 < initial && delay <= initial);
        });

    [Fact]
    public void The_longest_delays_do_not_overflow()
    {
        var policy = new RestartWithBackoff { Initial = TimeSpan.Zero, Max = TimeSpan.MaxValue };

        Assert.InRange(Backoff.Next(policy, 2, TimeSpan.MaxValue, new Random(1)), TimeSpan.Zero, TimeSpan.MaxValue);
        Assert.Equal(TimeSpan.Zero, Backoff.Next(policy, 2, TimeSpan.MinValue, new Random(1)));
    }

    [Fact]
    public void Children_that_crash_together_do_not_return_together()
    {
        var delays = Enumerable.Range(0, 1000).Select(seed => Backoff.Next(new RestartWithBackoff(), 3, TimeSpan.FromSeconds(5), new Random(seed))).ToList();

        Assert.True(delays.GroupBy(delay => (int)(delay.TotalMilliseconds / 500)).Max(bucket => bucket.Count()) < 100);
    }

    [Theory]
    [InlineData(BackoffJitter.None, 2, 1, 1)]
    [InlineData(BackoffJitter.None, 3, 2, 2)]
    [InlineData(BackoffJitter.None, 6, 16, 16)]
    [InlineData(BackoffJitter.None, 7, 20, 20)]
    [InlineData(BackoffJitter.None, 10_000, 20, 20)]
    [InlineData(BackoffJitter.Equal, 4, 2, 4)]
    [InlineData(BackoffJitter.Full, 4, 0, 4)]
    public void The_factor_and_the_jitter_say_how_long_the_nth_delay_can_be(BackoffJitter jitter, int crashesInRun, double atLeast, double atMost)
    {
        var policy = new RestartWithBackoff { Initial = TimeSpan.FromSeconds(1), Max = TimeSpan.FromSeconds(20), Factor = 2, Jitter = jitter };
        var delays = Enumerable.Range(0, 200).Select(seed => Backoff.Next(policy, crashesInRun, TimeSpan.Zero, new Random(seed)).TotalSeconds).ToList();

        Assert.All(delays, delay => Assert.InRange(delay, atLeast, atMost));
        Assert.Equal(atLeast < atMost, delays.Max() - delays.Min() > (atMost - atLeast) / 2);
    }

    [Fact]
    public void The_longest_delays_do_not_overflow_with_any_jitter()
    {
        foreach (var jitter in Enum.GetValues<BackoffJitter>())
        {
            var policy = new RestartWithBackoff { Initial = TimeSpan.MaxValue, Max = TimeSpan.MaxValue, Factor = 100, Jitter = jitter };
            Assert.InRange(Backoff.Next(policy, 100, TimeSpan.MaxValue, new Random(1)), TimeSpan.Zero, TimeSpan.MaxValue);
        }
    }
}
