using System.Diagnostics.CodeAnalysis;
using Orleans.Metadata;
using Orleans.Runtime;
using Prismatic.Breakers;
using Prismatic.Runtime;

namespace Prismatic.Drills;

/// <summary>
/// Throws inside the turns of supervised grains what the drill says, nearer to the worker than supervision stands, so that it meets the
/// worker's own crash. Registered only where drills are switched on.
/// </summary>
internal sealed class FaultCallFilter(FaultTable faults, SupervisedTypes types, ICircuitBreakers breakers) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) =>
        faults.Source is { } source && types.TryGet(context.TargetId.Type, out var type) ? InvokeStruck(context, source, type) : context.Invoke();

    private async Task InvokeStruck(IIncomingGrainCallContext context, IFaultSource source, SupervisedType type)
    {
        if (type.Find(context.TargetId) is not { } child || Turn.KindOf(context.Request) is not { } kind)
        {
            await context.Invoke();
            return;
        }

        var path = child.PathOf(context.TargetId);
        var request = context.Request.GetInterfaceType() == typeof(IDrillProbe) ? context.Request.GetArgument(0) as string : null;
        var turn = new StruckTurn(path, context.TargetContext, kind, request, DrilledCall.Current(path));
        if (source.InTurn(turn) is not { } strike)
        {
            await context.Invoke();
        }
        else if (strike.Target is { } target)
        {
            await breakers.Execute(target, async _ =>
            {
                await Strike(context, strike);
                return 0;
            });
        }
        else
        {
            await Strike(context, strike);
        }
    }

    private static async Task Strike(IIncomingGrainCallContext context, FaultStrike strike)
    {
        if (await strike.Throw() is { } exception)
        {
            throw exception;
        }

        await context.Invoke();
    }
}

/// <summary>Throws while a supervised grain is activated what the drill says: after its state was read, before OnActivateAsync.</summary>
internal sealed class FaultActivations(FaultTable faults, SupervisedTypes types) : IConfigureGrainContextProvider
{
    public bool TryGetConfigurator(GrainType grainType, GrainProperties properties, [NotNullWhen(true)] out IConfigureGrainContext? configurator)
    {
        configurator = types.TryGet(grainType, out var type) && !LifecycleGate.IsStatelessWorker(properties) ? new Hook(faults, type) : null;
        return configurator is not null;
    }

    private sealed class Hook(FaultTable faults, SupervisedType type) : IConfigureGrainContext
    {
        public void Configure(IGrainContext context)
        {
            if (type.Find(context.GrainId) is { } child)
            {
                context.ObservableLifecycle.Subscribe(
                    nameof(FaultActivations),
                    GrainLifecycleStage.Activate,
                    _ => faults.Source?.InActivation(child.PathOf(context.GrainId), context) is { } strike ? Strike(strike) : Task.CompletedTask);
            }
        }

        private static async Task Strike(FaultStrike strike)
        {
            if (await strike.Throw() is { } exception)
            {
                throw exception;
            }
        }
    }
}
