using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Prismatic.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Control;

/// <summary>Refuses control calls that no silo of this cluster signed. The grain does not run, and never sees a token.</summary>
internal sealed partial class ControlGuardFilter(ControlKey key, TimeProvider time, Mutants mutants, ILogger<ControlGuardFilter> logger) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) =>
        ControlMethods.Of(context.Request) is { } method ? InvokeVerified(context, method) : context.Invoke();

    private async Task InvokeVerified(IIncomingGrainCallContext context, string method)
    {
        var token = RequestContext.Get(ControlCalls.TokenKey) as string;
        RequestContext.Remove(ControlCalls.TokenKey);
        if (mutants.Has(Mutant.ControlIsOpen))
        {
            await context.Invoke();
            return;
        }

        if (token is null || !ControlToken.Verify(await key.GetAsync(), token, method, context.TargetId, time.GetUtcNow()))
        {
            LogRefused(method, context.TargetId, context.SourceId, token is null ? "no token" : "a token that is not valid");
            context.Response = Response.FromException(new ControlRefusedException(method));
            return;
        }

        await context.Invoke();
    }

    [LoggerMessage(EventName = "ControlRefused", Level = LogLevel.Warning, Message = "A call of {Method} on {Grain} by {Caller} is refused: it bears {Finding}.")]
    private partial void LogRefused(string method, GrainId grain, GrainId? caller, string finding);
}
