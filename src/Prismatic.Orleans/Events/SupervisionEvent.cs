using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Events;

/// <summary>What happened.</summary>
public enum SupervisionEventKind
{
    /// <summary>A worker crashed, and its silo decided what is done.</summary>
    Crashed,

    /// <summary>An exception that is the request's fault; nobody is restarted.</summary>
    RequestFailed,

    /// <summary>An exception that came in from a grain the worker called; it is counted there.</summary>
    DependencyFailed,

    /// <summary>A worker ended by itself, declined to start, or was killed.</summary>
    Exited,

    /// <summary>A silo was lost with children of the supervisor; they restart outside all budgets.</summary>
    SiloLost,

    /// <summary>The supervisor counted a restart.</summary>
    Restarted,

    /// <summary>Siblings were restarted with a crashed child.</summary>
    RoundFinished,

    /// <summary>A supervisor wrote a report as OTP's do; <see cref="SupervisionEvent.Report"/> has its fields.</summary>
    Reported,

    /// <summary>A supervisor ended by itself: its restart intensity was exceeded, or its significant children ended.</summary>
    GaveUp,

    /// <summary>A child or a domain used up its budget.</summary>
    Quarantined,

    /// <summary>A ticket was opened for a person.</summary>
    TicketOpened,

    /// <summary>A person resolved a ticket.</summary>
    TicketResolved,

    /// <summary>A breaker opened.</summary>
    BreakerOpened,

    /// <summary>The trigger that crashed served again.</summary>
    Recovered,

    /// <summary>What became of a remediation is known.</summary>
    OutcomeKnown,

    /// <summary>An operator restarted, stopped or started a child.</summary>
    OperatorActed,

    /// <summary>Something that a person should know and that needs no action by itself.</summary>
    Noticed,

    /// <summary>A breaker closed: its target answers again, or an operator said so.</summary>
    BreakerClosed,

    /// <summary>What a rule would have done about a crash, had it not been held back: shadow mode, a shadow rule, a used-up budget, or remediation switched off.</summary>
    RemedyHeld,

    /// <summary>Remediation rules changed.</summary>
    RulesChanged,
}

/// <summary>One event of supervision; log, metric and observers get it from the same place, with the same correlation id.</summary>
public sealed record SupervisionEvent
{
    /// <summary>What happened.</summary>
    public required SupervisionEventKind Kind { get; init; }

    /// <summary>The child, supervisor or breaker target that it happened to.</summary>
    public required string Subject { get; init; }

    /// <summary>A sentence for people; redacted.</summary>
    public required string Text { get; init; }

    /// <summary>The crash's id, which all that follows from it shares; empty where no crash is behind it.</summary>
    public string CorrelationId { get; init; } = "";

    /// <summary>The failure class, of a crash.</summary>
    public FailureClass? Class { get; init; }

    /// <summary>The signature's hash, of a crash.</summary>
    public string? Signature { get; init; }

    /// <summary>The name of the remediation that was chosen.</summary>
    public string? Remediation { get; init; }

    /// <summary>The rule or lesson that chose it.</summary>
    public string? Rule { get; init; }

    /// <summary>What became of it.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>Crash seen to first success.</summary>
    public TimeSpan? TimeToRecovery { get; init; }

    /// <summary>OTP's report, of a <see cref="SupervisionEventKind.Reported"/> event.</summary>
    public SupervisorReport? Report { get; init; }

    /// <summary>The crash as it is reported, of a <see cref="SupervisionEventKind.Crashed"/> event: OTP's crash report with silo, incarnation, queue length and signature.</summary>
    public CrashReport? Crash { get; init; }

    /// <summary>When, by this silo's clock.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>
/// A hook for the service's own code: sees each event on the silo where it happens, in order. Register it as a singleton in the silo's
/// services. Must return quickly and may not throw; an exception is logged and hurts nobody else.
/// </summary>
public interface ISupervisionObserver
{
    /// <summary>Sees one event.</summary>
    void OnEvent(SupervisionEvent supervisionEvent);
}
