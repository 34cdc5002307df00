using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Runtime;
using Prismatic.Drills;
using Prismatic.Events;
using Prismatic.Runtime;

namespace Orleans.Hosting;

/// <summary>Switches drills on.</summary>
public static class DrillSiloBuilderExtensions
{
    /// <summary>
    /// Lets drills inject faults into this silo's supervised grains: exceptions in turns and activations, damaged records, the death of a
    /// silo. Off unless called. Whoever may start a drill can break anything that is supervised, so it is for rehearsals; while no drill runs a call
    /// of a supervised grain costs one more filter. Call it after <c>AddSupervision</c>, so that faults strike nearer to the worker than supervision
    /// stands, on every silo of the cluster.
    /// </summary>
    /// <exception cref="InvalidOperationException">AddSupervision was not called before.</exception>
    public static ISiloBuilder AddSupervisionDrills(this ISiloBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.All(service => service.ServiceType != typeof(SupervisedTypes)))
        {
            throw new InvalidOperationException("AddSupervisionDrills must be called after AddSupervision, on the same silo builder: faults must strike inside what supervision watches.");
        }

        builder.Services.AddFaultInjection();
        builder.Services.AddSingleton<DrillRecorder>();
        builder.Services.AddSingleton<ISupervisionObserver>(services => services.GetRequiredService<DrillRecorder>());
        builder.Services.AddSingleton<DrillAgents>();
        builder.Services.AddSingleton<DrillStage>();
        builder.Services.AddSingleton<DrillRunner>();
        builder.Services.AddSingleton<DrillBook>();
        builder.Services.TryAddSingleton<ISiloDeath, ProcessDeath>();
        builder.AddGrainService<DrillAgent>();
        builder.AddGrainExtension<IDrillProbe, DrillProbe>();
        builder.AddGrainExtension<IDrillHand, DrillHand>();
        return builder;
    }

    /// <summary>The hooks alone: what they throw is for whoever fills the <see cref="FaultTable"/>.</summary>
    internal static void AddFaultInjection(this IServiceCollection services)
    {
        services.AddSingleton<FaultTable>();
        services.AddSingleton<IIncomingGrainCallFilter, FaultCallFilter>();
        services.AddSingleton<IConfigureGrainContextProvider, FaultActivations>();
    }
}
