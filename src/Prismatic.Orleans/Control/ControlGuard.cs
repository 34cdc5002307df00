using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Prismatic.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Control;

/// <summary>Refuses control calls that no silo of this cluster signed. The grain does not run, and never sees a token.</summary>
internal sealed partial class ControlGuard(ControlKey key, TimeProvider time, Mutants mutants, ILogger<ControlGuard> logger) : ICallGuard
{
    private static readonly Task<bool> Admitted = Task.FromResult(true);

    public Task<bool> Admits(IIncomingGrainCallContext context) =>
        ControlMethods.Of(context.Request) is { } method ? Verify(context, method, TakeToken()) : Admitted;

    private async Task<bool> Verify(IIncomingGrainCallContext context, string method, string? token)
    {
        if (mutants.Has(Mutant.ControlIsOpen)
            || (token is not null && ControlToken.Verify(await key.GetAsync(), token, method, context.TargetId, time.GetUtcNow())))
        {
            return true;
        }

        LogRefused(method, context.TargetId, context.SourceId, token is null ? "no token" : "a token that is not valid");
        context.Response = Response.FromException(new ControlRefusedException(method));
        return false;
    }

    private static string? TakeToken()
    {
        var token = RequestContext.Get(ControlCalls.TokenKey) as string;
        RequestContext.Remove(ControlCalls.TokenKey);
        return token;
    }

    [LoggerMessage(EventName = "ControlRefused", Level = LogLevel.Warning, Message = "A call of {Method} on {Grain} by {Caller} is refused: it bears {Finding}.")]
    private partial void LogRefused(string method, GrainId grain, GrainId? caller, string finding);
}
