using System.Runtime.CompilerServices;
using Orleans.Runtime.Diagnostics;

namespace Prismatic.Storage;

/// <summary>What an activation's state needs to know about its life: whether it has started, and how it ends.</summary>
internal sealed class ActivationLife
{
    private bool _fenced;

    /// <summary>Whether OnActivateAsync has returned.</summary>
    public bool HasStarted { get; set; }

    /// <summary>Why it ends; null while it runs.</summary>
    public DeactivationReasonCode? End { get; set; }

    /// <summary>Whether it was left behind: another activation may serve by now, and what this one still writes is refused.</summary>
    public bool Fenced
    {
        get => Volatile.Read(ref _fenced);
        set => Volatile.Write(ref _fenced, value);
    }

    /// <summary>Whether it started, and ends for a reason that says nothing against its state. An unknown reason does.</summary>
    public bool EndsCleanly => HasStarted && !Fenced && End switch
    {
        DeactivationReasonCode.ShuttingDown => true,
        DeactivationReasonCode.ApplicationRequested => true,
        DeactivationReasonCode.ActivationIdle => true,
        DeactivationReasonCode.HighMemoryPressure => true,
        DeactivationReasonCode.Migrating => true,
        DeactivationReasonCode.RuntimeRequested => true,
        _ => false,
    };
}

/// <summary>
/// Fills <see cref="ActivationLife"/> from the runtime's lifecycle diagnostics, the only public place that tells a facet why its
/// activation ends. Runs under the activation's lock: it looks up and assigns, nothing more.
/// </summary>
internal sealed class ActivationLives : IObserver<GrainLifecycleEvents.LifecycleEvent>, IDisposable
{
    private readonly ConditionalWeakTable<IGrainContext, ActivationLife> _lives = [];
    private readonly IDisposable _subscription;

    public ActivationLives() => _subscription = GrainLifecycleEvents.AllEvents.Subscribe(this);

    public ActivationLife Of(IGrainContext activation) => _lives.GetOrCreateValue(activation);

    /// <summary>Whether it was left behind. Notes nothing down for an activation of which nothing was noted: each note is work for every collection.</summary>
    public bool IsFenced(IGrainContext activation) => _lives.TryGetValue(activation, out var life) && life.Fenced;

    public void OnNext(GrainLifecycleEvents.LifecycleEvent value)
    {
        if (!_lives.TryGetValue(value.GrainContext, out var life))
        {
            return;
        }

        switch (value)
        {
            case GrainLifecycleEvents.Activated:
                life.HasStarted = true;
                break;
            case GrainLifecycleEvents.Deactivating deactivating:
                life.End ??= deactivating.Reason.ReasonCode;
                break;
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose() => _subscription.Dispose();
}
