using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.Timers;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Drills;

/// <summary>The probe: a call that every grain can be sent, that meets every filter and gate as a call of the worker's own, and does nothing.</summary>
[Control, Alias("prismatic.IDrillProbe")]
internal interface IDrillProbe : IGrainExtension
{
    /// <summary>Does nothing.</summary>
    /// <param name="request">By which two equal requests are known.</param>
    [Alias("Call")]
    Task Call(string request);
}

/// <summary>The hand that prepares a fault inside an activation; plumbing, which no gate holds up and no crash is counted of.</summary>
[Control, Alias("prismatic.IDrillHand")]
internal interface IDrillHand : IGrainExtension
{
    /// <summary>Registers a timer that fires once, at once, and does nothing.</summary>
    [Alias("StartTimer")]
    Task StartTimer();

    /// <summary>Ends the activation, so that there is one to be made.</summary>
    [Alias("End")]
    Task End();

    /// <summary>Damages every stored record of the grain's supervised states, then ends the activation, so that the next one finds them so. The names of the states; empty when it has none.</summary>
    [Alias("DamageState")]
    Task<string[]> DamageState();
}

/// <inheritdoc cref="IDrillProbe"/>
internal sealed class DrillProbe : IDrillProbe
{
    public Task Call(string request) => Task.CompletedTask;
}

/// <inheritdoc cref="IDrillHand"/>
internal sealed class DrillHand(IGrainContext context, ITimerRegistry timers, GrainClassMap classes) : IDrillHand
{
    public Task StartTimer()
    {
        timers.RegisterGrainTimer<object?>(
            context, static (_, _) => Task.CompletedTask, null, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        return Task.CompletedTask;
    }

    public Task End()
    {
        context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "A drill strikes its next activation."));
        return Task.CompletedTask;
    }

    public async Task<string[]> DamageState()
    {
        var names = StateNames();
        var storage = context.ActivationServices.GetRequiredKeyedService<IGrainStorage>(StorageNames.Provider);
        foreach (var name in names)
        {
            var record = new StateRecord(storage, name, context.GrainId);
            await record.Read(CancellationToken.None);
            var bytes = record.Exists ? record.Envelope.Payload : [];
            await record.Write(StateEnvelope.Damaged([(byte)'!', .. bytes], "a drill damaged it"));
        }

        if (names.Length > 0)
        {
            context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "A drill damaged its stored record."));
        }

        return names;
    }

    private string[] StateNames() => classes.TryGetGrainClass(context.GrainId.Type, out var grain)
        ?
        [
            .. grain.GetConstructors()
                .SelectMany(constructor => constructor.GetParameters())
                .Select(parameter => parameter.GetCustomAttribute<SupervisedStateAttribute>()?.Name)
                .OfType<string>()
                .Distinct(),
        ]
        : [];
}
