using Microsoft.Extensions.Time.Testing;
using Prismatic.Breakers;
using Xunit;

namespace Prismatic.Tests.Breakers;

public sealed class BreakerTableTests
{
    private const string Target = "source:justice";

    private readonly FakeTimeProvider _time = new();
    private readonly BreakerTable _table;

    public BreakerTableTests() => _table = new BreakerTable(_time);

    [Fact]
    public void Nothing_is_open_at_first()
    {
        Assert.False(_table.IsOpen(Target, out var retryAfter));
        Assert.Equal(TimeSpan.Zero, retryAfter);
        Assert.Equal(BreakerState.Closed, _table.Get(Target).State);
        Assert.Empty(_table.All());
    }

    [Fact]
    public void An_open_breaker_says_how_long_until_its_probe_by_monotonic_time()
    {
        _table.Apply(View(BreakerState.Open, epoch: 1, probeIn: 30));

        _time.Advance(TimeSpan.FromSeconds(12));
        Assert.True(_table.IsOpen(Target, out var retryAfter));
        Assert.Equal(TimeSpan.FromSeconds(18), retryAfter);
        Assert.Equal(TimeSpan.FromSeconds(18), _table.Get(Target).ProbeIn);

        _time.Advance(TimeSpan.FromSeconds(18));
        Assert.True(_table.IsOpen(Target, out retryAfter));
        Assert.Equal(TimeSpan.Zero, retryAfter);
        Assert.False(_table.IsOpen("source:other", out _));
    }

    [Theory]
    [InlineData(2, 2, true)]
    [InlineData(2, 3, true)]
    [InlineData(2, 1, false)]
    public void What_another_silo_opened_before_its_owner_knows_is_taken_unless_a_later_epoch_is_known(int known, int heard, bool opens)
    {
        _table.Apply(View(BreakerState.Open, epoch: known, probeIn: 30));
        _table.Apply(View(BreakerState.Closed, epoch: known, probeIn: 0));

        Assert.Equal(opens, _table.OpenEarly(View(BreakerState.Open, epoch: heard, probeIn: 30)));
        Assert.Equal(opens, _table.IsOpen(Target, out _));
    }

    // What is known, what is heard, whether it is news.
    [Theory]
    [InlineData(BreakerState.Open, 2, BreakerState.HalfOpen, 2, true)]
    [InlineData(BreakerState.Open, 2, BreakerState.Closed, 2, true)]
    [InlineData(BreakerState.Open, 2, BreakerState.Open, 3, true)]
    [InlineData(BreakerState.Open, 2, BreakerState.Closed, 1, false)]
    [InlineData(BreakerState.Open, 2, BreakerState.Open, 1, false)]
    [InlineData(BreakerState.Open, 2, BreakerState.Open, 2, false)]
    [InlineData(BreakerState.HalfOpen, 2, BreakerState.Open, 2, false)]
    [InlineData(BreakerState.HalfOpen, 2, BreakerState.HalfOpen, 2, false)]
    [InlineData(BreakerState.HalfOpen, 2, BreakerState.Open, 3, true)]
    [InlineData(BreakerState.HalfOpen, 2, BreakerState.Closed, 2, true)]
    [InlineData(BreakerState.Closed, 2, BreakerState.Open, 2, false)]
    [InlineData(BreakerState.Closed, 2, BreakerState.HalfOpen, 2, false)]
    [InlineData(BreakerState.Closed, 2, BreakerState.Open, 3, true)]
    public void A_newer_epoch_wins_and_within_one_the_later_state(BreakerState known, long knownEpoch, BreakerState heard, long heardEpoch, bool news)
    {
        _table.Apply(View(known, knownEpoch, probeIn: 30));

        Assert.Equal(news, _table.Apply(View(heard, heardEpoch, probeIn: 30)));
        Assert.Equal(news ? heard : known, _table.Get(Target).State);
    }

    [Fact]
    public void A_break_that_was_lengthened_is_news_and_a_shorter_one_is_not()
    {
        _table.Apply(View(BreakerState.Open, epoch: 1, probeIn: 30));

        Assert.True(_table.Apply(View(BreakerState.Open, epoch: 1, probeIn: 40)));
        Assert.False(_table.Apply(View(BreakerState.Open, epoch: 1, probeIn: 35)));
        Assert.Equal(TimeSpan.FromSeconds(40), _table.Get(Target).ProbeIn);
    }

    [Fact]
    public void Opening_here_holds_at_once_and_yields_to_what_the_owner_answers()
    {
        _table.Apply(View(BreakerState.Closed, epoch: 4));
        Assert.True(_table.OpenHere(Target, TimeSpan.FromSeconds(30), "why"));
        Assert.True(_table.IsOpen(Target, out _));

        Assert.True(_table.Apply(View(BreakerState.Open, epoch: 5, probeIn: 10)));
        Assert.Equal(TimeSpan.FromSeconds(10), _table.Get(Target).ProbeIn);
    }

    [Theory]
    [InlineData(30, false)]
    [InlineData(31, false)]
    [InlineData(32, true)]
    public void Opening_what_is_open_about_that_long_already_does_nothing(int seconds, bool opens)
    {
        _table.OpenHere(Target, TimeSpan.FromSeconds(30), "why");

        Assert.Equal(opens, _table.OpenHere(Target, TimeSpan.FromSeconds(seconds), "why"));
    }

    [Fact]
    public void An_empty_table_is_read_without_allocating()
    {
        _table.IsOpen(Target, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            _table.IsOpen(Target, out _);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static BreakerView View(BreakerState state, long epoch, int probeIn = 0) => new()
    {
        Target = Target,
        State = state,
        Epoch = epoch,
        ProbeIn = state == BreakerState.Open ? TimeSpan.FromSeconds(probeIn) : null,
        Break = TimeSpan.FromSeconds(30),
    };
}
