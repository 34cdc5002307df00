using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Prismatic.Control;

/// <summary>When a silo starts, what operators were told is accepted goes on: the silo that carried it out may be gone.</summary>
internal sealed partial class OperatorResumption(IGrainFactory grains, ILogger<OperatorResumption> log) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(OperatorResumption),
        ServiceLifecycleStage.Active,
        _ =>
        {
            // Not waited for: the silo starts without it.
            Resume().Ignore();
            return Task.CompletedTask;
        });

    private async Task Resume()
    {
        try
        {
            await grains.GetGrain<IOperatorDeskGrain>(IOperatorGrain.Key).Resume();
        }
        catch (Exception failure)
        {
            NotResumed(log, failure);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Operators' orders that were accepted could not be looked for; the next silo that starts looks again.")]
    private static partial void NotResumed(ILogger log, Exception exception);
}
