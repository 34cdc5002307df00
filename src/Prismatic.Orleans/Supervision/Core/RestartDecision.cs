namespace Prismatic.Supervision;

/// <summary>What the end of a child means, by OTP's rules.</summary>
internal static class RestartDecision
{
    /// <summary>Whether it ended because it was done or was asked to.</summary>
    public static bool IsNormal(ExitReason reason) => reason is ExitReason.Normal or ExitReason.Shutdown;

    /// <summary>Whether a child of that type is started again after that end.</summary>
    public static bool IsRestarted(RestartType type, ExitReason reason) => type switch
    {
        RestartType.Permanent => true,
        RestartType.Transient => !IsNormal(reason),
        RestartType.Temporary => false,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such restart type."),
    };

    /// <summary>Whether the supervisor ends now that a significant child ended by itself and stays so; <paramref name="left"/> are its children without it.</summary>
    public static bool EndsSupervisor(AutoShutdown when, IEnumerable<CoreChild> left) => when switch
    {
        AutoShutdown.AnySignificant => true,
        AutoShutdown.AllSignificant => !left.Any(child => child.Significant && child.Run != ChildRun.Undefined),
        _ => false,
    };
}

/// <summary>Which requests a supervisor refuses, with OTP's answers.</summary>
internal static class CoreRequests
{
    /// <summary>The refusal, or null when the request is carried out.</summary>
    public static ChildAnswer? Refusal(CoreMailKind request, CoreFlags flags, CoreChild? child, int children) => request switch
    {
        CoreMailKind.RestartChild or CoreMailKind.DeleteChild when flags.Simple => new ChildAnswer(ChildAnswerKind.SimpleOneForOne),
        CoreMailKind.StartChild => child switch
        {
            null when flags.MaxChildren is { } max && children >= max => new ChildAnswer(ChildAnswerKind.MaxChildren, 0, $"it has {children} of {max} children"),
            null => null,
            { Run: ChildRun.Running } => new ChildAnswer(ChildAnswerKind.AlreadyStarted, child.Incarnation),
            _ => new ChildAnswer(ChildAnswerKind.AlreadyPresent),
        },
        _ when child is null => new ChildAnswer(ChildAnswerKind.NotFound),
        CoreMailKind.TerminateChild => null,
        _ => child.Run switch
        {
            ChildRun.Running => new ChildAnswer(ChildAnswerKind.Running, child.Incarnation),
            ChildRun.Restarting => new ChildAnswer(ChildAnswerKind.Restarting),
            _ => null,
        },
    };
}
