using Prismatic.Supervision;

namespace Prismatic.Events;

/// <summary>The occasions of a supervisor's report; the names are OTP's <c>errorContext</c>, and <c>progress</c>.</summary>
public enum SupervisorReportContext
{
    /// <summary>A child was started. As in OTP, nothing is reported of the children of a dynamic supervisor.</summary>
    Progress,

    /// <summary>A child ended by itself and is started again, or ended abnormally.</summary>
    ChildTerminated,

    /// <summary>A child failed to start.</summary>
    StartError,

    /// <summary>A child ended otherwise than its supervisor asked for.</summary>
    ShutdownError,

    /// <summary>The restart intensity was exceeded, and the supervisor ends.</summary>
    Shutdown,
}

/// <summary>
/// A supervisor's report with the fields of OTP's supervisor and progress reports, and what an operator of a cluster needs besides. A child's crash
/// itself is the event <see cref="SupervisionEventKind.Crashed"/> with the same correlation id.
/// </summary>
public sealed record SupervisorReport
{
    /// <summary>The supervisor's path. OTP's <c>supervisor</c>.</summary>
    public required string Supervisor { get; init; }

    /// <summary>The occasion. OTP's <c>errorContext</c>.</summary>
    public required SupervisorReportContext Context { get; init; }

    /// <summary>Why. OTP's <c>reason</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>The child's id. OTP's <c>offender</c>, <c>id</c>.</summary>
    public required string Child { get; init; }

    /// <summary>The grain that is started, in Orleans' text form, in place of OTP's <c>mfargs</c>; null for a supervisor, and for a family as a whole.</summary>
    public string? Grain { get; init; }

    /// <summary>The number of the child's start, in place of OTP's <c>pid</c>.</summary>
    public required long Incarnation { get; init; }

    /// <summary>When the child is started again. OTP's <c>restart_type</c>; null when the child is gone.</summary>
    public RestartType? RestartType { get; init; }

    /// <summary>How long the child may take to stop. OTP's <c>shutdown</c>; null when the child is gone.</summary>
    public Shutdown? Shutdown { get; init; }

    /// <summary>Whether the child is significant. OTP's <c>significant</c>.</summary>
    public bool Significant { get; init; }

    /// <summary>Whether the child is a supervisor. OTP's <c>child_type</c>.</summary>
    public bool IsSupervisor { get; init; }

    /// <summary>Whether the child was started because somebody asked for it; its progress is then logged for debugging only, as OTP does.</summary>
    public bool ByRequest { get; init; }

    /// <summary>The silo on which the child last crashed; null when it did not.</summary>
    public string? Silo { get; init; }

    /// <summary>The child's restarts, ever.</summary>
    public long Restarts { get; init; }
}
