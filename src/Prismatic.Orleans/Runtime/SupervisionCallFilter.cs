using System.Runtime.ExceptionServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;
using Prismatic.Events;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// Lets no call in that the guard does not admit, and sees every call of a supervised grain from the inside. A call of a healthy child costs a look-up by grain type and one volatile read:
/// no lock, no allocation. The exception itself is only looked at, and goes on to the caller as it was. Where nothing stands between this
/// filter and the grain's method it runs the method itself, as Orleans' last stage would: that stage would throw a failure, which is a value
/// by then, once more.
/// </summary>
internal sealed class SupervisionCallFilter(
    SupervisionOptions options,
    SupervisedTypes types,
    GateTable gates,
    CrashHandler crashes,
    EventSink events,
    HookStatus hooks,
    TurnDeadlines deadlines,
    OtherFilters others,
    ICallGuard guard,
    DeepCopier<Response> copier,
    IGrainFactory grains) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context)
    {
        var admitted = guard.Admits(context);
        return admitted.IsCompletedSuccessfully && admitted.Result ? InvokeAdmitted(context) : InvokeOnceAdmitted(context, admitted);
    }

    private async Task InvokeOnceAdmitted(IIncomingGrainCallContext context, Task<bool> admitted)
    {
        if (await admitted)
        {
            await InvokeAdmitted(context);
        }
    }

    private Task InvokeAdmitted(IIncomingGrainCallContext context)
    {
        if (!types.TryGet(context.TargetId.Type, out var type))
        {
            return context.Invoke();
        }

        hooks.CallSeen();

        // That a sibling needs attention costs this child one look-up more, and nothing else.
        var attend = (type.NeedsAttention && gates.MayConcern(context.TargetId))
            || (type.LooksAtCalls && type.MustSee(context.Request))
            || (type.OnlyChildren && type.Find(context.TargetId) is null);
        return attend ? InvokeAttended(context, type) : InvokeHealthy(context, type);
    }

    private Task InvokeHealthy(IIncomingGrainCallContext context, SupervisedType type) =>
        others.NoneInside && !type.FiltersItself(context) ? InvokeMethod(context) : InvokeNext(context);

    private Task InvokeMethod(IIncomingGrainCallContext context)
    {
        var running = Start(context.Request);
        if (!running.IsCompletedSuccessfully)
        {
            return AnswerLater(context, running);
        }

        var answer = running.Result;
        if (answer.Exception is { } exception)
        {
            return Pass(context, exception) ? Task.CompletedTask : Task.FromException(exception);
        }

        context.Response = copier.Copy(answer);
        return Task.CompletedTask;
    }

    private static ValueTask<Response> Start(IInvokable request)
    {
        try
        {
            return request.Invoke();
        }
        catch (Exception exception)
        {
            return new(Response.FromException(exception));
        }
    }

    private async Task AnswerLater(IIncomingGrainCallContext context, ValueTask<Response> running)
    {
        Response answer;
        try
        {
            answer = await running;
        }
        catch (Exception exception)
        {
            answer = Response.FromException(exception);
        }

        if (answer.Exception is not { } failure)
        {
            context.Response = copier.Copy(answer);
        }
        else if (!Pass(context, failure))
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private static Task InvokeNext(IIncomingGrainCallContext context)
    {
        var running = context.Invoke();
        if (running.IsCompletedSuccessfully)
        {
            return running;
        }

        if (running is { IsFaulted: true, Exception.InnerException: { } exception })
        {
            // Looked at without being thrown once more.
            return Pass(context, exception) ? Task.CompletedTask : running;
        }

        _starting = running;
        return Finish(context);
    }

    /// <summary>Hands the task to <see cref="Finish"/> on the same thread.</summary>
    [ThreadStatic]
    private static Task? _starting;

    /// <summary>
    /// Static, with one parameter and without an await in its catch on purpose: its state machine is then exactly as large as that of an
    /// empty asynchronous filter. What it needs after a failure it finds through the call, and the task it waits for in a field that it
    /// reads before it waits.
    /// </summary>
    private static async Task Finish(IIncomingGrainCallContext context)
    {
        try
        {
            await TakeStarting();
        }
        catch (Exception exception) when (Pass(context, exception))
        {
            // It went on as the response.
        }
    }

    private static Task TakeStarting()
    {
        var running = _starting!;
        _starting = null;
        return running;
    }

    private async Task InvokeAttended(IIncomingGrainCallContext context, SupervisedType type)
    {
        if (Turn.KindOf(context.Request) is not { } kind)
        {
            await context.Invoke();
            return;
        }

        if (type.Find(context.TargetId) is not { } child)
        {
            if (type.OnlyChildren && options.Mode == SupervisionMode.Enforce)
            {
                events.Refused(nameof(ChildStatus.Stopped));
                context.Response = Response.FromException(LifecycleGate.NoChild(context.TargetId));
                return;
            }

            await context.Invoke();
            return;
        }

        switch (gates.Ask(context.TargetId, child))
        {
            case { Admission: Admission.Run }:
                using (deadlines.Watch(context, child, kind))
                {
                    await InvokeHealthy(context, type);
                }

                if (kind == CrashTriggerKind.Enumeration && FailureOfEnumeration(context) is { } failure)
                {
                    crashes.OnTurnFailed(context, failure);
                }
                else if (context.Response?.Exception is null)
                {
                    crashes.OnServed(context, child, kind);
                }

                break;

            case { Admission: Admission.Redirect } when child.Fallback is { } fallback:
                events.Refused(nameof(ChildStatus.Fallback));
                var standIn = grains.GetGrain(GrainId.Create(fallback, context.TargetId.Key)).AsReference(context.Request.GetInterfaceType());
                context.Request.SetTarget(new Redirection(standIn));
                context.Response = DegradedResponse.Mark(await context.Request.Invoke());
                break;

            case var answer:
                events.Refused(answer.Status.ToString());
                if (answer.RetryAfter is not null)
                {
                    RefusedCalls.Remember(context.Request);
                }

                context.Response = Response.FromException(
                    new ChildUnavailableException(child.PathOf(context.TargetId), answer.Status, answer.RetryAfter, answer.Ticket) { Grain = context.TargetId });
                break;
        }
    }

    /// <summary>The error of an asynchronous enumeration, which Orleans returns as a result.</summary>
    private static Exception? FailureOfEnumeration(IIncomingGrainCallContext context) =>
        context.Result is ValueTuple<EnumerationResult, object?> { Item1: EnumerationResult.Error, Item2: Exception exception } ? exception : null;

    /// <summary>
    /// Looks at the exception, and lets it go on as the call's response: thrown, it would be thrown again by each stage that it passes, and in
    /// a storm that costs more than all that supervision does about the crash. False when it must go on as it was thrown, for filters of the
    /// service that stand outside and expect it so.
    /// </summary>
    private static bool Pass(IIncomingGrainCallContext context, Exception exception)
    {
        var services = context.TargetContext.ActivationServices;
        services.GetRequiredService<CrashHandler>().OnTurnFailed(context, exception);
        if (!services.GetRequiredService<OtherFilters>().OutsideAreOurs && !services.GetRequiredService<Mutants>().Has(Mutant.ExceptionIsWrapped | Mutant.CrashWaitsForSupervisor))
        {
            return false;
        }

        context.Response = Response.FromException(AfterCrash(context, exception));
        return true;
    }

    private static Exception AfterCrash(IIncomingGrainCallContext context, Exception exception)
    {
        var services = context.TargetContext.ActivationServices;
        var mutants = services.GetRequiredService<Mutants>();
        if (mutants.Has(Mutant.ExceptionIsWrapped))
        {
            return new InvalidOperationException("A mutant wrapped the exception.", exception);
        }

        if (mutants.Has(Mutant.CrashWaitsForSupervisor))
        {
            services.GetRequiredService<ReportOutbox>().Drained().Wait(TimeSpan.FromSeconds(30));
        }

        return exception;
    }

    private sealed class Redirection(object fallback) : ITargetHolder
    {
        public object GetTarget() => fallback;

        public object? GetComponent(Type componentType) => componentType.IsInstanceOfType(fallback) ? fallback : null;
    }
}
