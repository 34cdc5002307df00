using Microsoft.Extensions.Logging;
using Prismatic.Events;
using Prismatic.Runtime;
using Prismatic.Storage;

namespace Prismatic.Breakers;

/// <summary>
/// Owns the breaker of one target. Each change is stored before it is answered, by a write that fails when another activation wrote
/// in between; so a probe is granted once even while two activations of this grain are alive.
/// </summary>
internal sealed partial class CircuitBreakerGrain(
    [SupervisedState("breaker", OnDamage = DamagePolicy.SetAside)] ISupervisedState<BreakerRecord> record,
    ISiloBroadcast silos,
    Func<IBreakerDirectoryGrain> directory,
    EventSink events,
    TimeProvider time,
    ILogger<CircuitBreakerGrain> logger)
    : Grain, ICircuitBreakerGrain
{
    private const int MaxReasonLength = 500;

    private static readonly TimeSpan LongestBreak = TimeSpan.FromDays(1);

    private readonly long _start = time.GetTimestamp();
    private Breaker _breaker = Breaker.New;

    private TimeSpan Now => time.GetElapsedTime(_start);

    private string Target => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _breaker = record.Value.Rebase(Now, time.GetUtcNow());
        if (record.Restored is not null && _breaker.Epoch == 0)
        {
            // The epochs of the record that was set aside are lost, and silos ignore lower ones: count on from the clock, which is above them.
            _breaker = _breaker with { Epoch = time.GetUtcNow().ToUnixTimeSeconds() };
        }

        return Task.CompletedTask;
    }

    public Task<BreakerView> GetState() => Task.FromResult(View());

    public async Task<BreakerView> Open(TimeSpan duration, string reason)
    {
        if (duration <= TimeSpan.Zero || duration > LongestBreak)
        {
            throw new ArgumentOutOfRangeException(nameof(duration), duration, $"The breaker of {Target} can open for more than zero and at most one day.");
        }

        reason ??= "";
        await Become(BreakerDecision.Open(_breaker, Now, duration, reason.Length <= MaxReasonLength ? reason : reason[..MaxReasonLength]));
        return View();
    }

    public async Task<BreakerView> Close(long epoch)
    {
        await Become(BreakerDecision.Close(_breaker, epoch));
        return View();
    }

    public async Task<bool> TryProbe(long epoch)
    {
        var (next, granted) = BreakerDecision.TryProbe(_breaker, Now, epoch);
        await Become(next);
        return granted;
    }

    private async Task Become(Breaker next)
    {
        if (next == _breaker)
        {
            return;
        }

        record.Value = BreakerRecord.Of(next, Now, time.GetUtcNow());
        await record.WriteAsync();
        var before = _breaker;
        _breaker = next;
        LogChanged(Target, next.State, next.Epoch, next.Break, next.Reason);
        if (next.State == BreakerState.Closed)
        {
            events.Emit(new SupervisionEvent
            {
                Kind = SupervisionEventKind.BreakerClosed,
                Subject = Target,
                Text = before.State == BreakerState.HalfOpen ? $"its probe of epoch {next.Epoch} was answered; calls flow again" : $"closed by an operator in epoch {next.Epoch}; calls flow again",
            });
        }

        _ = Publish();
        if ((before.State == BreakerState.Closed) != (next.State == BreakerState.Closed))
        {
            _ = List(next.State != BreakerState.Closed);
        }
    }

    /// <summary>Puts the breaker on the list that a joining silo reads, or takes it off.</summary>
    private async Task List(bool open)
    {
        try
        {
            await (open ? directory().Opened(Target) : directory().Closed(Target));
        }
        catch (Exception exception)
        {
            // The breaker itself is stored; a silo that joins meanwhile learns of it from its first refused probe.
            LogNotListed(exception, Target);
        }
    }

    private BreakerView View() => BreakerDecision.View(_breaker, Now, Target);

    private async Task Publish()
    {
        try
        {
            await silos.PublishBreaker(View());
        }
        catch (Exception exception)
        {
            // The change is stored; a silo that was not told refuses or asks for the probe and learns it then.
            LogNotPublished(exception, Target, _breaker.Epoch);
        }
    }
}
