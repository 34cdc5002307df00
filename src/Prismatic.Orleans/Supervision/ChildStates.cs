using System.Collections.Frozen;

namespace Prismatic.Supervision;

/// <summary>What a call to a child meets.</summary>
internal enum Admission
{
    /// <summary>It runs.</summary>
    Run,

    /// <summary>It waits in the runtime's own mailbox and is refused with a retry hint when the wait outlasts its limit.</summary>
    Wait,

    /// <summary>It is refused with a retry hint.</summary>
    Refuse,

    /// <summary>It is refused without a retry hint.</summary>
    RefuseForGood,

    /// <summary>The fallback answers it.</summary>
    Redirect,
}

/// <summary>What another crash of the child means.</summary>
internal enum CrashEffect
{
    /// <summary>It cannot happen: nothing runs. If it is reported all the same, it joins the last crash.</summary>
    None,

    /// <summary>A crash: decided, counted, incarnation + 1.</summary>
    Decide,

    /// <summary>One more failed attempt to start: counted once for its activation.</summary>
    FailedStart,

    /// <summary>Part of the crash that is being handled; never lengthens a delay.</summary>
    Join,

    /// <summary>The reset is resumed once; then ticket and quarantine.</summary>
    ResumeResetOnce,

    /// <summary>It belongs to the fallback grain, which is no child here.</summary>
    Fallback,

    /// <summary>The late end of the hung turn: counted once.</summary>
    LateEnd,

    /// <summary>Counted, but apart from the window that was already used up.</summary>
    CountApart,

    /// <summary>Ignored.</summary>
    Ignore,
}

/// <summary>One row of the table of child states.</summary>
/// <param name="Status">The state.</param>
/// <param name="Caller">What a call meets.</param>
/// <param name="SameActivation">What a report of the activation that already crashed means.</param>
/// <param name="OtherActivation">What a report of another activation means.</param>
/// <param name="Ill">Whether a person looking for trouble wants to see it.</param>
internal sealed record ChildState(ChildStatus Status, Admission Caller, CrashEffect SameActivation, CrashEffect OtherActivation, bool Ill);

/// <summary>
/// The states of a child as data. Gates ask it what a call meets, supervisors ask it what a crash means; nothing else decides either.
/// "Idle" and "Up" differ only in whether an activation exists, which the silos know and the supervisor need not.
/// </summary>
internal static class ChildStates
{
    /// <summary>All states, healthy ones first.</summary>
    public static readonly IReadOnlyList<ChildState> All =
    [
        //  state                    a caller                  the same activation again     another activation               ill
        new(ChildStatus.Idle,        Admission.Run,            CrashEffect.Decide,           CrashEffect.Decide,              false),
        new(ChildStatus.Starting,    Admission.Wait,           CrashEffect.FailedStart,      CrashEffect.FailedStart,         false),
        new(ChildStatus.Up,          Admission.Run,            CrashEffect.Join,             CrashEffect.Decide,              false),
        new(ChildStatus.Restarting,  Admission.Run,            CrashEffect.Join,             CrashEffect.FailedStart,         true),
        new(ChildStatus.BackingOff,  Admission.Wait,           CrashEffect.Join,             CrashEffect.Join,                true),
        new(ChildStatus.Resetting,   Admission.Run,            CrashEffect.Join,             CrashEffect.ResumeResetOnce,     true),
        new(ChildStatus.Fallback,    Admission.Redirect,       CrashEffect.Join,             CrashEffect.Fallback,            true),
        new(ChildStatus.Hung,        Admission.Refuse,         CrashEffect.LateEnd,          CrashEffect.Join,                true),
        new(ChildStatus.Quarantined, Admission.Refuse,         CrashEffect.Join,             CrashEffect.CountApart,          true),
        new(ChildStatus.Stopped,     Admission.RefuseForGood,  CrashEffect.Ignore,           CrashEffect.Ignore,              true),
    ];

    private static readonly FrozenDictionary<ChildStatus, ChildState> ByStatus = All.ToFrozenDictionary(row => row.Status);

    /// <summary>The row of a state.</summary>
    public static ChildState Of(ChildStatus status) => ByStatus[status];
}
