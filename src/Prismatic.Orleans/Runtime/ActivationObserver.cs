using Orleans.Runtime;
using Orleans.Runtime.Diagnostics;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// Sees activations that come up, and those that fail: constructor, state read, OnActivateAsync. They never reach a call filter. The events are process-wide, so that
/// those of other silos in the process are passed over, and they are raised under the activation's lock, where nothing may wait.
/// Orleans says that these types may change between minor versions; <see cref="HookStatus"/> tells when they fall silent.
/// </summary>
internal sealed class ActivationObserver(CrashHandler crashes, OwnExits exits, LiveActivations live, SiloIdentity silo, HookStatus hooks) : IObserver<GrainLifecycleEvents.LifecycleEvent>, IDisposable
{
    private IDisposable? _subscription;

    public void Start() => _subscription = GrainLifecycleEvents.AllEvents.Subscribe(this);

    public void Dispose() => _subscription?.Dispose();

    public void OnNext(GrainLifecycleEvents.LifecycleEvent value)
    {
        if (!silo.Address.Equals(value.GrainContext.Address.SiloAddress))
        {
            return;
        }

        hooks.ActivationSeen();
        if (value is GrainLifecycleEvents.Activated)
        {
            live.Started(value.GrainContext);
        }
        else if (value is GrainLifecycleEvents.Deactivated)
        {
            live.Remove(value.GrainContext);
        }
        else if (value is GrainLifecycleEvents.Deactivating { Reason: { ReasonCode: DeactivationReasonCode.ActivationFailed, Exception: { } exception } })
        {
            // A throwing constructor arrives wrapped by Orleans; the grain's own exception is the one inside.
            var own = exception is InvalidOperationException { InnerException: { } inner } && exception.Message.StartsWith("Failed to create an instance", StringComparison.Ordinal)
                ? inner
                : exception;
            if (!CrashOrigin.IsRefusal(own))
            {
                crashes.OnActivationFailed(value.GrainContext, own);
            }
            else if (own is ChildIgnoredException && !CrashOrigin.IsElsewhere(own, value.GrainContext.GrainId))
            {
                exits.StartDeclined(value.GrainContext);
            }
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
