using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// What this silo knows of a child that needs attention. Healthy children have none. All fields are guarded by the gate itself;
/// times are those of <see cref="MonotonicClock"/>.
/// </summary>
internal sealed class ChildGate(GrainId grain, SupervisedChild child)
{
    public GrainId Grain => grain;

    public SupervisedChild Child => child;

    /// <summary>The child's path.</summary>
    public string Path { get; } = child.PathOf(grain);

    /// <summary>The grain's id, in Orleans' text form; made when it is asked for.</summary>
    public string GrainText => _grainText ??= grain.ToString();

    /// <summary>The last crash seen here, until it has served again.</summary>
    public SeenCrash? Seen { get; set; }

    public ChildStatus Status { get; set; } = ChildStatus.Up;

    /// <summary>When the child may run again, in a state that waits; for a gate with a lease only what callers are told.</summary>
    public TimeSpan ReadyAt { get; set; }

    /// <summary>When this gate is no longer needed, unless something happens before.</summary>
    public TimeSpan KeepUntil { get; set; }

    /// <summary>
    /// Until when somebody stands behind a shut gate, which then stays shut until he says otherwise; an orphan gate opens then, into the default
    /// restart. Never (the default) for a state that ends by itself, and for a stop that is stored.
    /// </summary>
    public TimeSpan LeaseUntil { get; set; } = TimeSpan.MaxValue;

    /// <summary>When a supervisor last said something about it.</summary>
    public TimeSpan ToldAt { get; set; }

    public string? Ticket { get; set; }

    /// <summary>The last crash seen here or told by the supervisor; null for a gate that an operator shut.</summary>
    public string? CrashId { get; set; }

    /// <summary>Whether the supervisor has not judged <see cref="CrashId"/> yet: only something stricter may replace what this silo decided.</summary>
    public bool Unjudged { get; set; }

    /// <summary>The version of the last directive, so that a late one changes nothing.</summary>
    public long Version { get; set; }

    public ActivationId CrashedActivation { get; set; }

    /// <summary>The method that crashed, or null when any served call counts (a failed activation).</summary>
    public string? Method { get; set; }

    /// <summary>When the crash was seen here; null when another silo saw it.</summary>
    public TimeSpan? SeenAt { get; set; }

    /// <summary>Whether the same trigger has served since the crash.</summary>
    public bool Served { get; set; }

    /// <summary>The remedy that is being verified; null when there is none.</summary>
    public AppliedStep? Pending { get; set; }

    /// <summary>Until when.</summary>
    public TimeSpan PendingUntil { get; set; }

    public int CrashesInRun { get; set; }

    public TimeSpan LastDelay { get; set; }

    public TimeSpan LastCrashAt { get; set; }

    /// <summary>The last stream event or reminder tick that crashed: its redelivery is the same crash.</summary>
    public string? Delivery { get; set; }

    public PoisonWatch Poison { get; } = new();

    /// <summary>Completes when the gate changes; those who wait at the gate look again then.</summary>
    public Task Changed => (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void SignalChange()
    {
        _changed?.TrySetResult();
        _changed = null;
    }

    /// <summary>The state as it is at <paramref name="now"/>: a wait that has passed has ended by itself, and so has a state that nobody stands behind any more.</summary>
    public ChildStatus StatusAt(TimeSpan now) =>
        (now >= LeaseUntil && ChildStates.Of(Status).Caller != Admission.Run)
        || (LeaseUntil == TimeSpan.MaxValue && now >= ReadyAt && Status is (ChildStatus.BackingOff or ChildStatus.Fallback or ChildStatus.Quarantined))
            ? ChildStatus.Restarting
            : Status;

    /// <summary>Made when somebody waits.</summary>
    private TaskCompletionSource? _changed;

    private string? _grainText;
}
