using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// Sees calls from the caller's side. On silos it notes which exceptions came in through a call, so that a crash is counted where it began.
/// On silos and clients it turns Orleans' rejections of calls that never started into the typed refusal, and sends again what never started,
/// within a budget: see <see cref="CallRetry"/>. <see cref="CallSending"/> tells why it is no outgoing filter.
/// </summary>
internal sealed class ArrivalCalls(IGrainReferenceRuntime inner, IServiceProvider services, CallRetryOptions retries, TimeProvider time, SendRequest? direct) : IGrainReferenceRuntime
{
    private IGrainContextAccessor? _accessor;

    // Asked for late: it needs, through the silo's own client, what this class stands around.
    private IGrainContext? Caller => (_accessor ??= services.GetRequiredService<IGrainContextAccessor>()).GrainContext;

    public ValueTask<T?> InvokeMethodAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        if (direct is null || !DirectSending.Takes(request))
        {
            return Waiting<T>(reference, request, options);
        }

        var call = ArrivingCall<T>.Begin(this, reference, request, options, Caller);
        var answer = call.Answer;
        direct(reference, request, call, options);
        return answer;
    }

    public ValueTask InvokeMethodAsync(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        if (direct is null || !DirectSending.Takes(request))
        {
            return Waiting(reference, request, options);
        }

        var call = ArrivingCall<object>.Begin(this, reference, request, options, Caller);
        var end = call.End;
        direct(reference, request, call, options);
        return end;
    }

    // The state machines come from a pool, so that a call that waits for its answer allocates nothing here.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T?> Waiting<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        var caller = Caller;
        try
        {
            return await inner.InvokeMethodAsync<T>(reference, request, options);
        }
        catch (Exception exception) when (IsRefused(exception, reference, caller))
        {
            return await SendAgain<T>(exception, reference, request, options, caller);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask Waiting(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        var caller = Caller;
        try
        {
            await inner.InvokeMethodAsync(reference, request, options);
        }
        catch (Exception exception) when (IsRefused(exception, reference, caller))
        {
            await SendAgain(exception, reference, request, options, caller);
        }
    }

    public void InvokeMethod(GrainReference reference, IInvokable request, InvokeMethodOptions options) => inner.InvokeMethod(reference, request, options);

    public object Cast(IAddressable grain, Type interfaceType) => inner.Cast(grain, interfaceType);

    /// <summary>Whether the call was refused before it started. Any other exception is noted and passes as it is.</summary>
    public static bool IsRefused(Exception exception, GrainReference reference, IGrainContext? caller) =>
        exception is ChildIgnoredException
        || (exception is OrleansMessageRejectionException rejection && CallRetry.WasNotDelivered(rejection.Message, reference.GrainId))
        || (exception is ChildUnavailableException refusal && CallRetry.NeverStarted(refusal, reference.GrainId))
        || Note(caller, exception);

    // Apart from the methods above, which must not make a closure for every call.
    public Task<T?> SendAgain<T>(Exception refused, GrainReference reference, IInvokable request, InvokeMethodOptions options, IGrainContext? caller) =>
        Again(refused, reference, request, caller, () => inner.InvokeMethodAsync<T>(reference, request, options).AsTask());

    private Task<bool> SendAgain(Exception refused, GrainReference reference, IInvokable request, InvokeMethodOptions options, IGrainContext? caller) =>
        Again(refused, reference, request, caller, async () =>
        {
            await inner.InvokeMethodAsync(reference, request, options);
            return true;
        });

    /// <summary>
    /// Waits and sends again until the call is answered, may have started, or its budget is used up. A supervisor's own order to start is not sent again after
    /// the gate refused it: the crash for which the gate is shut is reported to that supervisor, which must be free to take it in.
    /// </summary>
    private async Task<T> Again<T>(Exception refused, GrainReference reference, IInvokable request, IGrainContext? caller, Func<Task<T>> send)
    {
        var waited = TimeSpan.Zero;
        for (var attempts = 1; ; attempts++)
        {
            var refusal = Typed(refused, reference);
            if (!CallRetry.NeverStarted(refusal, reference.GrainId)
                || (refused is ChildUnavailableException && request.GetInterfaceType() == typeof(IChildProbe))
                || CallRetry.NextWait(retries, attempts, waited, refusal.RetryAfter!.Value) is not { } wait)
            {
                Note(caller, refusal);
                ExceptionDispatchInfo.Throw(refusal);
                throw refusal;
            }

            await Task.Delay(wait, time, request.GetCancellationToken());
            waited += wait;
            RefusedCalls.Restore(request);
            try
            {
                return await send();
            }
            catch (Exception exception) when (IsRefused(exception, reference, caller))
            {
                refused = exception;
            }
        }
    }

    private static ChildUnavailableException Typed(Exception refused, GrainReference reference) => refused switch
    {
        ChildUnavailableException typed => typed,
        ChildIgnoredException => new ChildUnavailableException(reference.GrainId.ToString(), ChildStatus.Stopped, null) { Grain = reference.GrainId },
        _ => new ChildUnavailableException(reference.GrainId.ToString(), ChildStatus.Restarting, TimeSpan.FromSeconds(1)) { Grain = reference.GrainId },
    };

    /// <summary>A client, whose calls have a context too on silos, has no turns that could end with it.</summary>
    private static bool Note(IGrainContext? caller, Exception exception)
    {
        if (caller is not null && !caller.GrainId.IsClient())
        {
            CrashOrigin.Arrived(exception, caller.GrainId);
        }

        return false;
    }
}
