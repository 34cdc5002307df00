using System.Text.Json;
using Prismatic.Breakers;
using Xunit;

namespace Prismatic.Tests.Breakers;

public sealed class BreakerRecordTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 21, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 30)]
    [InlineData(10, 20)]
    [InlineData(30, 0)]
    [InlineData(86_400 * 365, 0)]
    [InlineData(-86_400 * 365, 30)]
    public void A_clock_that_jumped_shifts_a_break_by_its_own_length_at_most(int secondsLater, int remaining)
    {
        var breaker = new Breaker(BreakerState.Open, 7, TimeSpan.FromSeconds(60), Until: TimeSpan.FromSeconds(130), "why");
        var json = JsonSerializer.Serialize(BreakerRecord.Of(breaker, now: TimeSpan.FromSeconds(100), Noon));

        var loaded = JsonSerializer.Deserialize<BreakerRecord>(json)!.Rebase(now: TimeSpan.FromSeconds(5), Noon.AddSeconds(secondsLater));

        Assert.Equal(breaker with { Until = TimeSpan.FromSeconds(5 + remaining) }, loaded);
    }

    [Fact]
    public void A_break_that_was_over_when_it_was_written_is_over_when_it_is_read()
    {
        var breaker = new Breaker(BreakerState.Open, 7, TimeSpan.FromSeconds(60), Until: TimeSpan.FromSeconds(130), "why");

        var loaded = BreakerRecord.Of(breaker, TimeSpan.FromSeconds(500), Noon).Rebase(TimeSpan.Zero, Noon.AddYears(-1));

        Assert.Equal(TimeSpan.Zero, loaded.Until);
    }

    [Fact]
    public void Without_a_record_the_breaker_is_closed() =>
        Assert.Equal(Breaker.New, new BreakerRecord().Rebase(TimeSpan.Zero, Noon));
}
