using System.Collections.Concurrent;
using Orleans.Runtime;
using Prismatic.Events;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// Workers that end by themselves, or decline to start. The supervisor is told when the activation is gone. Until it has judged, a worker's
/// gate on this silo is held, so that no call starts again a child that is to stay away; when nobody judges, the gate opens by itself.
/// A member of a family has no such gate: its next call is its next start.
/// </summary>
internal sealed class OwnExits(
    SupervisionOptions options,
    SupervisedTypes types,
    GateTable gates,
    ReportOutbox outbox,
    EventSink events,
    SiloIdentity silo)
{
    /// <summary>How long a gate is held for the supervisor's judgement.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<ActivationId, ExitReason> _requested = new();

    /// <summary>The worker asked to end.</summary>
    public void Request(IGrainContext context, ExitReason reason)
    {
        if (ChildOf(context) is not { } child || !_requested.TryAdd(context.ActivationId, reason))
        {
            return;
        }

        Hold(context, child, ChildStatus.BackingOff);
        var start = gates.StartOf(context.GrainId);
        context.Deactivated.ContinueWith(
            _ =>
            {
                if (_requested.TryRemove(context.ActivationId, out var asked))
                {
                    Report(context, child, start, asked, ignored: false);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default).Ignore();
    }

    /// <summary>The activation crashed after it asked to end: it is a crash, and only that.</summary>
    public void Withdraw(IGrainContext context)
    {
        // Looked at first: hardly any worker that crashes has asked to end, and to remove takes a lock.
        if (_requested.ContainsKey(context.ActivationId) && _requested.TryRemove(context.ActivationId, out _))
        {
            gates.Release(context.GrainId);
        }
    }

    /// <summary>The worker declined to start. Runs under the activation's lock.</summary>
    public void StartDeclined(IGrainContext context)
    {
        if (ChildOf(context) is { } child)
        {
            Hold(context, child, ChildStatus.Stopped);
            Report(context, child, gates.StartOf(context.GrainId), ExitReason.Normal, ignored: true);
        }
    }

    private SupervisedChild? ChildOf(IGrainContext context) =>
        types.TryGet(context.GrainId.Type, out var type) ? type.Find(context.GrainId) : null;

    private void Hold(IGrainContext context, SupervisedChild child, ChildStatus status)
    {
        if (options.Mode == SupervisionMode.Enforce && child.Spec.Kind == ChildKind.Worker)
        {
            gates.Hold(context.GrainId, child, status, Lease);
        }
    }

    private void Report(IGrainContext context, SupervisedChild child, long start, ExitReason reason, bool ignored)
    {
        var path = child.PathOf(context.GrainId);
        outbox.Add(child.Supervisor.Path, new ExitReport
        {
            Child = path,
            GrainId = context.GrainId.ToString(),
            ActivationId = context.ActivationId.ToString(),
            Reason = reason,
            Sequence = silo.NextSequence(),
            Ignored = ignored,
            Silo = silo.Name,
            Incarnation = start,
        });
        events.Emit(new SupervisionEvent
        {
            Kind = SupervisionEventKind.Exited,
            Subject = path,
            Text = ignored ? "the worker declined to start" : $"the worker ended by itself ({reason})",
        });
    }
}
