namespace Prismatic.Supervision;

/// <summary>How a supervisor treats its children: OTP's supervisor flags.</summary>
internal sealed record CoreFlags
{
    public required RestartStrategy Strategy { get; init; }

    /// <summary>The restart intensity; null when somebody else judges whether a restart is allowed.</summary>
    public Budget? Intensity { get; init; }

    public AutoShutdown AutoShutdown { get; init; }

    /// <summary>A dynamic supervisor, OTP's simple_one_for_one: children are known by their grain and gone when they end.</summary>
    public bool Simple { get; init; }

    /// <summary>How many children a dynamic supervisor may have; null: any number. Those being restarted hold their place.</summary>
    public int? MaxChildren { get; init; }

    /// <summary>
    /// Whether a child that was terminated by request stays so when its siblings are restarted. OTP starts it again with them; an operator
    /// who stopped a child does not expect that, so that only <see cref="TopPolicy.Otp"/> does as OTP.
    /// </summary>
    public bool KeepTerminated { get; init; }

    /// <summary>Whether a start that failed is tried again by the supervisor itself, at once and counted; else somebody else says when.</summary>
    public bool SelfRetry { get; init; } = true;
}

/// <summary>A child in its supervisor's list.</summary>
internal sealed class CoreChild
{
    public required string Id { get; set; }

    public RestartType Restart { get; set; }

    public Shutdown Shutdown { get; set; } = Shutdown.After(TimeSpan.FromSeconds(5));

    public bool Significant { get; set; }

    public bool IsSupervisor { get; set; }

    public ChildRun Run { get; set; }

    /// <summary>Grows with each start. An exit of an earlier one changes nothing.</summary>
    public long Incarnation { get; set; }

    /// <summary>Added at run time.</summary>
    public bool Added { get; set; }

    /// <summary>Terminated by request.</summary>
    public bool Held { get; set; }

    /// <summary>The grain of a child that was added at run time.</summary>
    public string? Grain { get; set; }
}

/// <summary>What reaches a supervisor; taken in one after the other, as a process takes messages from its mailbox.</summary>
internal enum CoreMailKind
{
    /// <summary>The supervisor itself starts.</summary>
    Begin,

    /// <summary>A child ended.</summary>
    Exited,

    /// <summary>The start of a child is tried again.</summary>
    TryAgain,

    /// <summary>A request to start a new child.</summary>
    StartChild,

    /// <summary>A request to terminate a child.</summary>
    TerminateChild,

    /// <summary>A request to start a terminated child.</summary>
    RestartChild,

    /// <summary>A request to forget a terminated child.</summary>
    DeleteChild,

    /// <summary>The parent ends this supervisor.</summary>
    Shutdown,
}

/// <summary>One message to a supervisor.</summary>
internal sealed record CoreMail
{
    public required CoreMailKind Kind { get; init; }

    public string Id { get; init; } = "";

    /// <summary>The incarnation that is meant; null: whichever runs.</summary>
    public long? Incarnation { get; init; }

    public ExitReason Reason { get; init; }

    /// <summary>The earliest moment of the restart; the message itself is taken in at once.</summary>
    public TimeSpan Due { get; init; }

    /// <summary>Whether the restart has been counted already.</summary>
    public bool Counted { get; init; }

    /// <summary>Whether it only makes sure that a start is tried again should nobody say when; it delays nothing.</summary>
    public bool IsFallback { get; init; }

    /// <summary>The new child of <see cref="CoreMailKind.StartChild"/>.</summary>
    public CoreChild? Child { get; init; }

    /// <summary>Names the request in <see cref="SupervisorCore.Answers"/>; 0: nobody waits.</summary>
    public long Token { get; init; }
}

/// <summary>Why children are being stopped and started.</summary>
internal enum CorePlanKind
{
    Begin,
    Restart,
    StartChild,
    RestartChild,
    TerminateChild,
    End,
}

/// <summary>
/// Work that takes several steps: first some children stop, one after the other, then some start. Stored before its first step, so that
/// whoever comes after goes on with it.
/// </summary>
internal sealed record CorePlan
{
    public required CorePlanKind Kind { get; init; }

    /// <summary>The child it is about; for a restart the one whose end caused it.</summary>
    public string Id { get; init; } = "";

    public long Token { get; init; }

    /// <summary>Children still to stop, in this order.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>Children still to start, in this order.</summary>
    public IReadOnlyList<string> Starts { get; init; } = [];

    /// <summary>Starts begin at this moment.</summary>
    public TimeSpan Due { get; init; }

    /// <summary>With what the supervisor ends after the last stop; for a restart, with what the child ended.</summary>
    public ExitReason Reason { get; init; }
}

/// <summary>All that a supervisor knows of its children and of what it is doing with them. Stored as a whole.</summary>
internal sealed class CoreState
{
    /// <summary>In start order.</summary>
    public List<CoreChild> Children { get; set; } = [];

    /// <summary>Restarts within the period.</summary>
    public List<TimeSpan> Window { get; set; } = [];

    /// <summary>The highest incarnation among children that were removed.</summary>
    public long LastRemoved { get; set; }

    public CorePlan? Plan { get; set; }

    public List<CoreMail> Mail { get; set; } = [];

    /// <summary>Whether the supervisor has been started.</summary>
    public bool Begun { get; set; }

    /// <summary>With what the supervisor ended; null while it runs.</summary>
    public ExitReason? Ended { get; set; }
}

/// <summary>What is to be done with children now.</summary>
internal enum CoreStepKind
{
    Start,
    Stop,
}

/// <summary>One step for the supervisor's hands: start one child, or stop one, or stop all children of a dynamic supervisor side by side.</summary>
internal sealed record CoreStep(CoreStepKind Kind, IReadOnlyList<CoreChild> Children)
{
    public CoreChild Child => Children[0];
}

/// <summary>What came of a start.</summary>
internal enum StartOutcome
{
    Started,
    Ignored,
    Failed,
}

/// <summary>The occasions on which OTP's supervisor writes a report.</summary>
internal enum CoreReportKind
{
    /// <summary>A child was started.</summary>
    Progress,

    /// <summary>A child ended by itself, abnormally or although it is permanent.</summary>
    ChildTerminated,

    /// <summary>A child failed to start.</summary>
    StartError,

    /// <summary>A child ended otherwise than its supervisor asked for.</summary>
    ShutdownError,

    /// <summary>The restart intensity was exceeded: the supervisor ends.</summary>
    Shutdown,
}

/// <summary>One report, for people who know OTP's.</summary>
internal sealed record CoreReport(CoreReportKind Kind, string Id, long Incarnation, string Reason)
{
    /// <summary>Whether the start was asked for.</summary>
    public bool ByRequest { get; init; }
}
