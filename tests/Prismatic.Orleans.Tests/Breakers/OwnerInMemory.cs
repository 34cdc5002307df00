using Prismatic.Breakers;

namespace Prismatic.Tests.Breakers;

/// <summary>The owner of one breaker, deciding as the grain does; it can be out of reach.</summary>
internal sealed class OwnerInMemory(string target, TimeProvider time) : ICircuitBreakerGrain
{
    private readonly long _start = time.GetTimestamp();

    public Breaker Breaker { get; private set; } = Breaker.New;

    public bool Away { get; set; }

    /// <summary>While set, a request for the probe is not answered.</summary>
    public TaskCompletionSource? Hold { get; set; }

    public int Asked { get; private set; }

    private TimeSpan Now => time.GetElapsedTime(_start);

    public Task<BreakerView> GetState() => Answer(Breaker);

    public Task<BreakerView> Open(TimeSpan duration, string reason) => Answer(BreakerDecision.Open(Breaker, Now, duration, reason));

    public Task<BreakerView> Close(long epoch) => Answer(BreakerDecision.Close(Breaker, epoch));

    public async Task<bool> TryProbe(long epoch)
    {
        Asked++;
        await (Hold?.Task ?? Task.CompletedTask);
        var (next, granted) = BreakerDecision.TryProbe(Breaker, Now, epoch);
        await Answer(next);
        return granted;
    }

    private Task<BreakerView> Answer(Breaker next)
    {
        if (Away)
        {
            return Task.FromException<BreakerView>(new TimeoutException("The owner is away."));
        }

        Breaker = next;
        return Task.FromResult(BreakerDecision.View(Breaker, Now, target));
    }
}
