using Orleans.Runtime;
using Prismatic.Events;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// Ends activations because their supervisor says so. Each is asked, its turn may end, and the calls that wait behind it go on to the next
/// activation; one that outlasts its limit is killed.
/// </summary>
internal sealed class OrderedEnds(LiveActivations live, Abandonment abandonment, EventSink events, SiloIdentity silo, MonotonicClock clock)
{
    /// <summary>A turn that does not end must not hold the supervisor: it is told what still runs, and asks again when it wants to.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    public async Task<DirectiveReceipt> End(IEnumerable<Directive> directives)
    {
        var start = clock.Now;
        var ending = (
            from directive in directives
            from activation in live.Under(directive.Grain, directive.Path)
            select (activation.Context, Path: activation.Child.PathOf(activation.Context.GrainId), End: EndOne(activation.Context, activation.Child, directive, start))).ToList();
        if (ending.Count > 0)
        {
            await Task.WhenAny(Task.WhenAll(ending.Select(one => one.End)), Task.Delay(AnswerLimit, clock.TimeProvider));
        }

        var answers = ending.Select(one => new EndedActivation
        {
            Child = one.Path,
            Grain = one.Context.GrainId,
            ActivationId = one.Context.ActivationId.ToString(),
            How = one.End.IsCompletedSuccessfully ? one.End.Result.How : EndKind.Running,
            Took = one.End.IsCompletedSuccessfully ? one.End.Result.Took : clock.Now - start,
        }).ToList();
        return new DirectiveReceipt
        {
            Silo = silo.Name,
            EndedInTime = answers.Count(ended => ended.How == EndKind.InTime),
            Others = [.. answers.Where(ended => ended.How != EndKind.InTime)],
        };
    }

    private async Task<(EndKind How, TimeSpan Took)> EndOne(IGrainContext context, SupervisedChild child, Directive directive, TimeSpan start)
    {
        // Without an exception in the reason, so that waiting calls go on to the next activation.
        var reason = $"Supervision: {directive.Path} is {directive.Status}.";
        if (directive.ShutdownLimit == TimeSpan.Zero)
        {
            abandonment.Fence(context);
        }

        context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, reason));
        if (directive.ShutdownLimit is not { } limit)
        {
            await context.Deactivated;
            return (EndKind.InTime, clock.Now - start);
        }

        // A brutal kill of an activation in which no turn runs needs nobody to be left behind.
        var wait = limit == TimeSpan.Zero && !Abandonment.IsExecuting(context) ? AnswerLimit : limit;
        await Task.WhenAny(context.Deactivated, Task.Delay(wait, clock.TimeProvider));
        if (!context.Deactivated.IsCompleted)
        {
            await abandonment.Abandon(context, reason);
        }
        else if (limit > TimeSpan.Zero)
        {
            return (EndKind.InTime, clock.Now - start);
        }

        var took = clock.Now - start;
        events.Emit(new SupervisionEvent
        {
            Kind = SupervisionEventKind.Exited,
            Subject = child.PathOf(context.GrainId),
            Text = $"killed: it had {limit.TotalMilliseconds:0} ms to end; left behind after {took.TotalMilliseconds:0} ms",
        });
        return (EndKind.Killed, took);
    }
}
