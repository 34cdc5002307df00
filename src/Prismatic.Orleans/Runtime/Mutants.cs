namespace Prismatic.Runtime;

/// <summary>
/// Ways to break an invariant on purpose. Each invariant's test is run once more with its mutant, and must then fail: so the suite proves
/// that the test looks. Nothing but the test suite can switch one on; none is read on the path of a successful call.
/// </summary>
[Flags]
internal enum Mutant
{
    None = 0,

    /// <summary>Invariant 1: the crash exception rides in the deactivation reason, and Orleans hands it to every waiting call.</summary>
    CrashReachesBystanders = 1 << 0,

    /// <summary>Invariant 2: the filter wraps the caller's exception.</summary>
    ExceptionIsWrapped = 1 << 1,

    /// <summary>Invariant 4: the crash waits for the supervisor.</summary>
    CrashWaitsForSupervisor = 1 << 2,

    /// <summary>Invariant 5: a supervisor forgets its state when it is activated.</summary>
    SupervisorForgets = 1 << 3,

    /// <summary>Invariant 7: every grain that an exception passes through is taken for its origin.</summary>
    EveryHopIsOrigin = 1 << 4,

    /// <summary>Invariant 7: a domain's quarantine shuts the gates of the whole tree.</summary>
    QuarantineShutsTree = 1 << 5,

    /// <summary>Invariant 11: an exception whose type sounds like damage resets the state.</summary>
    ResetByExceptionType = 1 << 6,

    /// <summary>Invariant 12: windows are kept by the wall clock.</summary>
    WallClockWindows = 1 << 7,

    /// <summary>Invariant 13: control methods answer everybody.</summary>
    ControlIsOpen = 1 << 8,

    /// <summary>An activation that was left behind goes on writing and counting.</summary>
    LeftBehindGoesOn = 1 << 9,

    /// <summary>A silo that stops in order takes its workers with it.</summary>
    LeavingIsLoss = 1 << 10,
}

/// <summary>The mutants that are switched on; none outside the test suite.</summary>
internal sealed class Mutants
{
    public static readonly Mutants Off = new(Mutant.None);

    private readonly Mutant _on;

    public Mutants(Mutant on) => _on = on;

    public bool Has(Mutant mutant) => (_on & mutant) != 0;
}
