using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prismatic.Breakers;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Remediation;
using Xunit;

namespace Prismatic.Tests.Breakers;

public sealed class CircuitBreakersTests
{
    private const string Target = "source:justice";
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly OwnerInMemory _owner;
    private readonly CircuitBreakers _here;
    private readonly CircuitBreakers _elsewhere;
    private int _calls;

    public CircuitBreakersTests()
    {
        _owner = new OwnerInMemory(Target, _time);
        _here = Silo();
        _elsewhere = Silo();
    }

    [Fact]
    public async Task Calls_flow_while_nothing_is_open()
    {
        Assert.Equal(1, await Call(_here));
        Assert.Equal(0, _owner.Asked);
    }

    [Fact]
    public async Task An_open_breaker_refuses_at_once_says_when_to_try_again_and_calls_nobody()
    {
        await _here.Open(Target, Break, "refused");
        _time.Advance(TimeSpan.FromSeconds(10));

        var refusal = await Assert.ThrowsAsync<BreakerOpenException>(() => Call(_here));

        Assert.Equal((Target, TimeSpan.FromSeconds(20)), (refusal.Subject, refusal.RetryAfter));
        Assert.Equal((0, 0), (_calls, _owner.Asked));
    }

    [Fact]
    public async Task When_the_break_is_over_one_call_probes_and_its_success_closes_the_breaker_everywhere()
    {
        await Open();

        var probe = new TaskCompletionSource<int>();
        var probing = _here.Execute(Target, _ => probe.Task, Token);
        await Assert.ThrowsAsync<BreakerOpenException>(() => Call(_here));
        await Assert.ThrowsAsync<BreakerOpenException>(() => Call(_elsewhere));
        probe.SetResult(7);

        Assert.Equal(7, await probing);
        Assert.Equal(BreakerState.Closed, _owner.Breaker.State);
        Assert.Equal(1, await Call(_here));
        _time.Advance(BreakerEntry.AskEvery);
        Assert.Equal(2, await Call(_elsewhere));
    }

    [Fact]
    public async Task A_failed_probe_opens_the_breaker_for_twice_as_long_and_its_exception_comes_through_as_it_is()
    {
        await Open();
        var failure = new HttpRequestException("still down");

        var thrown = await Assert.ThrowsAsync<HttpRequestException>(() => _here.Execute<int>(Target, _ => throw failure, Token));

        Assert.Same(failure, thrown);
        Assert.Equal((BreakerState.Open, 2L, TimeSpan.FromSeconds(60)), (_owner.Breaker.State, _owner.Breaker.Epoch, _owner.Breaker.Break));
        Assert.Equal(TimeSpan.FromSeconds(60), _here.Get(Target).ProbeIn);
    }

    [Fact]
    public async Task A_probe_that_its_caller_cancels_tells_nothing_and_after_the_break_another_is_granted()
    {
        await Open();
        using var cancel = new CancellationTokenSource();

        await Assert.ThrowsAsync<OperationCanceledException>(() => _here.Execute<int>(Target, token =>
        {
            cancel.Cancel();
            token.ThrowIfCancellationRequested();
            return Task.FromResult(0);
        }, cancel.Token));

        Assert.Equal(BreakerState.HalfOpen, _owner.Breaker.State);
        _time.Advance(Break);
        Assert.Equal(1, await Call(_elsewhere));
        Assert.Equal((BreakerState.Closed, 2L), (_owner.Breaker.State, _owner.Breaker.Epoch));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_outcome_of_a_probe_that_outlived_its_epoch_counts_for_nothing(bool succeeds)
    {
        await Open();
        var late = new TaskCompletionSource<int>();
        var probing = _here.Execute(Target, _ => late.Task, Token);
        _time.Advance(Break);
        await Assert.ThrowsAsync<HttpRequestException>(() => _elsewhere.Execute<int>(Target, _ => throw new HttpRequestException(), Token));
        _time.Advance(TimeSpan.FromSeconds(50));
        var before = _owner.Breaker;

        if (succeeds)
        {
            late.SetResult(7);
            await probing;
        }
        else
        {
            late.SetException(new HttpRequestException());
            await Assert.ThrowsAsync<HttpRequestException>(() => probing);
        }

        Assert.Equal(before, _owner.Breaker);
        Assert.Equal(3, before.Epoch);
    }

    [Fact]
    public async Task While_the_owner_is_away_this_silo_probes_alone_after_one_break_and_then_once_per_break()
    {
        await Open();
        _owner.Away = true;
        await Assert.ThrowsAsync<BreakerOpenException>(() => Call(_here));

        _time.Advance(Break - TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<BreakerOpenException>(() => Call(_here));
        Assert.Equal(0, _calls);

        _time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<HttpRequestException>(() => _here.Execute<int>(Target, _ => throw new HttpRequestException(), Token));
        _time.Advance(Break - TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<BreakerOpenException>(() => Call(_here));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await Call(_here));
        Assert.Equal(2, await Call(_here));
        Assert.Equal(BreakerState.Open, _owner.Breaker.State);
    }

    [Fact]
    public async Task A_breaker_opens_on_this_silo_even_when_its_owner_cannot_be_told()
    {
        _owner.Away = true;

        await _here.Open(Target, Break, "refused");

        await Assert.ThrowsAsync<BreakerOpenException>(() => Call(_here));
        Assert.Equal(BreakerState.Closed, _owner.Breaker.State);
    }

    [Fact]
    public async Task A_breaker_that_only_this_silo_opened_closes_when_the_owner_knows_of_nothing()
    {
        _owner.Away = true;
        await _here.Open(Target, Break, "refused");
        _owner.Away = false;
        _time.Advance(Break);

        Assert.Equal(1, await Call(_here));
        Assert.Equal(BreakerState.Closed, _here.Get(Target).State);
    }

    [Fact]
    public async Task A_refused_ask_is_repeated_once_a_second_however_many_callers_there_are()
    {
        await Open();
        var probe = new TaskCompletionSource<int>();
        var probing = _elsewhere.Execute(Target, _ => probe.Task, Token);
        var asked = _owner.Asked;

        for (var call = 0; call < 50; call++)
        {
            await Assert.ThrowsAsync<BreakerOpenException>(() => Call(_here));
        }

        Assert.Equal(asked + 1, _owner.Asked);
        probe.SetResult(0);
        await probing;
    }

    [Fact]
    public async Task While_one_caller_of_a_silo_asks_for_the_probe_all_others_are_refused_without_asking()
    {
        await Open();
        _owner.Hold = new TaskCompletionSource();
        var asking = Call(_here);

        var refused = Call(_here);
        Assert.IsType<BreakerOpenException>(refused.Exception?.InnerException);
        Assert.Equal(1, _owner.Asked);

        _owner.Hold.SetResult();
        Assert.Equal(1, await asking);
    }

    [Fact]
    public async Task An_owner_that_does_not_answer_in_time_is_away()
    {
        await Open();
        _owner.Hold = new TaskCompletionSource();
        var asking = Call(_here);

        _time.Advance(BreakerOwner.AnswerLimit);

        await Assert.ThrowsAsync<BreakerOpenException>(() => asking);
        Assert.Equal(0, _calls);
    }

    [Fact]
    public async Task A_failure_bears_the_innermost_target()
    {
        var thrown = await Assert.ThrowsAsync<HttpRequestException>(() =>
            _here.Execute("outer", token => _here.Execute<int>("inner", _ => throw new HttpRequestException(), token), Token));

        Assert.Equal("inner", thrown.Data[CrashMarks.Target]);
    }

    [Fact]
    public async Task A_caller_who_gives_up_and_a_refusal_bear_no_target()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        var cancelled = await Assert.ThrowsAsync<OperationCanceledException>(() => _here.Execute<int>("outer", token => throw new OperationCanceledException(token), cancel.Token));
        await _here.Open(Target, Break, "refused");
        var refused = await Assert.ThrowsAsync<BreakerOpenException>(() => _here.Execute("outer", token => _here.Execute(Target, _ => Task.FromResult(1), token), Token));

        Assert.False(cancelled.Data.Contains(CrashMarks.Target));
        Assert.False(refused.Data.Contains(CrashMarks.Target));
    }

    [Fact]
    public async Task An_exception_whose_data_cannot_be_written_comes_through_as_it_is()
    {
        var failure = new SealedDataException();

        Assert.Same(failure, await Assert.ThrowsAsync<SealedDataException>(() => _here.Execute<int>(Target, _ => throw failure, Token)));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Both silos know that the breaker is open, and its break is over.
    private async Task Open()
    {
        await _here.Open(Target, Break, "refused");
        await _elsewhere.Open(Target, Break, "refused");
        _time.Advance(Break);
    }

    private Task<int> Call(CircuitBreakers silo) => silo.Execute(Target, _ => Task.FromResult(++_calls), Token);

    private CircuitBreakers Silo()
    {
        var table = new BreakerTable(_time);
        return new CircuitBreakers(table, new BreakerOwner(_ => _owner, table, new RecordedBroadcast(), _time, NullLogger<BreakerOwner>.Instance), _time);
    }

    private sealed class SealedDataException : Exception
    {
        public override System.Collections.IDictionary Data => null!;
    }
}
