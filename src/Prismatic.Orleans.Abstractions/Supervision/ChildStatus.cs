namespace Prismatic.Supervision;

/// <summary>The state of a child. <c>ChildStates</c> in the library holds the table of what leads from one to another.</summary>
[GenerateSerializer, Alias("prismatic.ChildStatus")]
public enum ChildStatus
{
    /// <summary>Healthy, with no activation: the next call activates it.</summary>
    Idle,

    /// <summary>All its activations are still being made, in its state's read or <c>OnActivateAsync</c>; callers wait.</summary>
    Starting,

    /// <summary>Serving.</summary>
    Up,

    /// <summary>Crashed, and the next activation may run at once.</summary>
    Restarting,

    /// <summary>Nobody may run until the backoff has passed. Callers wait to a limit, then are told when to try again.</summary>
    BackingOff,

    /// <summary>Its state facet is putting back the last known-good state.</summary>
    Resetting,

    /// <summary>Its fallback answers in its place; answers are degraded.</summary>
    Fallback,

    /// <summary>A turn outlasted its deadline; refused until a fresh activation is there.</summary>
    Hung,

    /// <summary>It used up its budget: refused, with a ticket, and tried again later.</summary>
    Quarantined,

    /// <summary>Stopped by an operator: refused with no retry hint.</summary>
    Stopped,
}
