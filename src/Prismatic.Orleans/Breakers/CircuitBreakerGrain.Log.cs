using Microsoft.Extensions.Logging;

namespace Prismatic.Breakers;

internal sealed partial class CircuitBreakerGrain
{
    [LoggerMessage(EventName = "BreakerChanged", Level = LogLevel.Warning, Message = "The breaker of {Target} is {State} in epoch {Epoch}, break {Break}. {Reason}")]
    private partial void LogChanged(string target, BreakerState state, long epoch, TimeSpan @break, string reason);

    [LoggerMessage(EventName = "BreakerNotPublished", Level = LogLevel.Warning, Message = "The breaker of {Target} changed in epoch {Epoch}, but not every silo was told; the others learn it when they ask for the probe.")]
    private partial void LogNotPublished(Exception exception, string target, long epoch);

    [LoggerMessage(EventName = "BreakerNotListed", Level = LogLevel.Warning, Message = "The list of open breakers did not take in {Target}; a silo that joins now does not know of it at once.")]
    private partial void LogNotListed(Exception exception, string target);
}
