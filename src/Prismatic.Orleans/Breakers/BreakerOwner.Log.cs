using Microsoft.Extensions.Logging;

namespace Prismatic.Breakers;

internal sealed partial class BreakerOwner
{
    [LoggerMessage(EventName = "BreakerProbesAlone", Level = LogLevel.Warning, Message = "The owner of the breaker of {Target} does not answer; this silo makes a local probe, once per {Break}.")]
    private partial void LogProbesAlone(Exception exception, string target, TimeSpan @break);

    [LoggerMessage(EventName = "BreakerOwnerSilent", Level = LogLevel.Warning, Message = "The owner of the breaker of {Target} does not answer; calls stay refused on this silo.")]
    private partial void LogNoAnswer(Exception exception, string target);

    [LoggerMessage(EventName = "BreakerOwnerNotTold", Level = LogLevel.Warning, Message = "The owner of the breaker of {Target} could not be told of a change; the change is local to this silo.")]
    private partial void LogNotTold(Exception exception, string target);

    [LoggerMessage(EventName = "BreakerProbeTooLate", Level = LogLevel.Information, Message = "A probe of {Target} ended after its epoch {Epoch} was over; its outcome is dropped.")]
    private partial void LogTooLate(string target, long epoch);
}
