using System.Diagnostics.CodeAnalysis;
using Orleans.Metadata;
using Orleans.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// The part of the gate that stands before an activation: the first stage of the grain's lifecycle waits until the child may run, and the
/// runtime's own mailbox holds the calls meanwhile, cancellable. When the wait outlasts its limit the activation is refused with
/// the typed refusal, which every waiting caller gets; state has not been read and OnActivateAsync has not run.
/// An activation that would not wait has no such stage, since a lifecycle with one costs more than all else that supervision does at a start:
/// a gate that shuts a moment later than its context was made lets it start, as it would one that has just passed, and what shuts gates for
/// good ends the activations that are there. Stateless workers have no lifecycle to hook; the filter alone guards them.
/// </summary>
internal sealed class LifecycleGate(
    SupervisedTypes types,
    SupervisionOptions options,
    GateTable gates,
    FirstTable firstTable,
    LiveActivations live,
    HookStatus hooks) : IConfigureGrainContextProvider
{
    public bool TryGetConfigurator(GrainType grainType, GrainProperties properties, [NotNullWhen(true)] out IConfigureGrainContext? configurator)
    {
        configurator = types.TryGet(grainType, out var type) && !IsStatelessWorker(properties) ? new Hook(this, type) : null;
        return configurator is not null;
    }

    public static bool IsStatelessWorker(GrainProperties properties) =>
        properties.Properties.TryGetValue(WellKnownGrainTypeProperties.PlacementStrategy, out var placement)
        && placement == "StatelessWorkerPlacement";

    private sealed class Hook(LifecycleGate gate, SupervisedType type) : IConfigureGrainContext
    {
        public void Configure(IGrainContext context)
        {
            if (type.Find(context.GrainId) is { } child)
            {
                if (!gate.IsOpenTo(context, child))
                {
                    gate.Stand(context, child);
                }
            }
            else if (type.OnlyChildren && gate.Enforced)
            {
                gate.StandBeforeUnknown(context, type);
            }
        }
    }

    // Apart from Configure, which must not make a closure for every start.
    private void Stand(IGrainContext context, SupervisedChild child) => Stand(context, cancellation => Enter(context, child, cancellation));

    private void StandBeforeUnknown(IGrainContext context, SupervisedType type) => Stand(context, cancellation => EnterUnknown(context, type, cancellation));

    private void Stand(IGrainContext context, Func<CancellationToken, Task> enter) =>
        context.ObservableLifecycle.Subscribe(nameof(LifecycleGate), GrainLifecycleStage.First, enter, _ => Leave(context));

    /// <summary>Whether the child may run now; then the activation is entered, and its end is heard of through the runtime's events.</summary>
    private bool IsOpenTo(IGrainContext context, SupervisedChild child)
    {
        if (!hooks.HearsActivations || (Enforced && (!firstTable.IsHere || gates.Ask(context.GrainId, child).Admission != Admission.Run)))
        {
            return false;
        }

        hooks.GateSeen();
        live.Add(context, child);
        return true;
    }

    private bool Enforced => options.Mode == SupervisionMode.Enforce;

    /// <summary>The refusal of a grain whose type runs only as a child, and that is none.</summary>
    public static ChildUnavailableException NoChild(GrainId grain) => new(grain.ToString(), ChildStatus.Stopped, retryAfter: null);

    private Task Enter(IGrainContext context, SupervisedChild child, CancellationToken cancellation)
    {
        hooks.GateSeen();
        live.Add(context, child);
        return options.Mode == SupervisionMode.Enforce && (gates.Any || !firstTable.IsHere)
            ? PassOrLeave(context, child, cancellation)
            : Task.CompletedTask;
    }

    /// <summary>A silo that has just joined may not have heard yet of a child that was added.</summary>
    private async Task EnterUnknown(IGrainContext context, SupervisedType type, CancellationToken cancellation)
    {
        await firstTable.Wait(options.GateWait, cancellation);
        await Enter(context, type.Find(context.GrainId) ?? throw NoChild(context.GrainId), cancellation);
    }

    private async Task PassOrLeave(IGrainContext context, SupervisedChild child, CancellationToken cancellation)
    {
        try
        {
            await firstTable.Wait(options.GateWait, cancellation);
            gates.FreshActivation(context);
            await gates.Pass(context.GrainId, child, options.GateWait, cancellation);
        }
        catch
        {
            live.Remove(context);
            throw;
        }
    }

    private Task Leave(IGrainContext context)
    {
        live.Remove(context);
        return Task.CompletedTask;
    }
}
