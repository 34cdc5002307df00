using Microsoft.Extensions.Logging;
using Prismatic.Runtime;

namespace Prismatic.Breakers;

/// <summary>
/// Talks to the grains that own breakers. It waits for an answer a short time only, and where there is none this silo acts alone:
/// what it finds out holds here until the owner's next epoch.
/// </summary>
internal sealed partial class BreakerOwner(
    Func<string, ICircuitBreakerGrain> grain,
    BreakerTable table,
    ISiloBroadcast silos,
    TimeProvider time,
    ILogger<BreakerOwner> logger)
{
    /// <summary>How long an answer is waited for.</summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Opens the breaker here at once, then everywhere. The other silos are told with the owner and not after it: the child that crashed may start on any of them before the owner has
    /// stored what it was told.
    /// </summary>
    public async Task Open(string target, TimeSpan duration, string reason)
    {
        if (table.OpenHere(target, duration, reason))
        {
            await Task.WhenAll(silos.OpenBreaker(table.Get(target)), Tell(target, owner => owner.Open(duration, reason)));
        }
    }

    /// <summary>Asks for the probe; null when this call is refused, or the breaker turned out to be closed.</summary>
    public async Task<BreakerProbe?> AskForProbe(BreakerEntry entry)
    {
        var target = entry.View.Target;
        var epoch = entry.View.Epoch;
        try
        {
            // Two rounds at most: the first may learn that another silo's probe never reported, and that its epoch is over.
            for (var round = 0; round < 2; round++)
            {
                var askedAt = time.GetTimestamp();
                var owner = grain(target);
                var granted = await owner.TryProbe(epoch).WaitAsync(AnswerLimit, time);
                var view = await owner.GetState().WaitAsync(AnswerLimit, time);
                table.Apply(view);
                if (granted)
                {
                    var probe = new BreakerProbe(entry, epoch, view.Break, askedAt, Alone: false);
                    return probe.IsOver(time) || view.Epoch != epoch ? null : probe;
                }

                if (view.State != BreakerState.Open || view.Epoch <= epoch || view.ProbeIn > TimeSpan.Zero)
                {
                    break;
                }

                epoch = view.Epoch;
            }

            entry.PauseAsking(BreakerEntry.AskEvery);
            return null;
        }
        catch (Exception exception)
        {
            return ProbeAlone(entry, exception);
        }
    }

    /// <summary>Reports the outcome of a probe. One that comes too late is dropped: it belongs to an epoch that is over.</summary>
    public async Task Report(BreakerProbe probe, Exception? failure)
    {
        if (probe.IsOver(time))
        {
            LogTooLate(probe.Target, probe.Epoch);
        }
        else if (failure is null)
        {
            if (!probe.Alone)
            {
                await Tell(probe.Target, owner => owner.Close(probe.Epoch));
            }

            table.Apply(new BreakerView { Target = probe.Target, State = BreakerState.Closed, Epoch = probe.Epoch });
        }
        else if (probe.Alone)
        {
            probe.Entry.PauseAsking(probe.Break);
        }
        else if (!await Tell(probe.Target, owner => owner.Open(probe.Break, failure.GetType().Name)))
        {
            table.OpenHere(probe.Target, probe.Break, failure.GetType().Name);
        }
    }

    private BreakerProbe? ProbeAlone(BreakerEntry entry, Exception exception)
    {
        if (entry.MayProbeAlone())
        {
            LogProbesAlone(exception, entry.View.Target, entry.View.Break);
            return new BreakerProbe(entry, entry.View.Epoch, entry.View.Break, time.GetTimestamp(), Alone: true);
        }

        LogNoAnswer(exception, entry.View.Target);
        entry.PauseAsking(BreakerEntry.AskEvery);
        return null;
    }

    private async Task<bool> Tell(string target, Func<ICircuitBreakerGrain, Task<BreakerView>> tell)
    {
        try
        {
            table.Apply(await tell(grain(target)).WaitAsync(AnswerLimit, time));
            return true;
        }
        catch (Exception exception)
        {
            // Nobody's call may fail because the owner is away: what was decided holds on this silo.
            LogNotTold(exception, target);
            return false;
        }
    }
}
