namespace Prismatic.Supervision;

/// <summary>What a supervisor answers to a request about a child. The names follow OTP's results of <c>supervisor:start_child/2</c> and its kin.</summary>
[GenerateSerializer, Alias("prismatic.ChildAnswerKind")]
public enum ChildAnswerKind
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>The child chose not to start (OTP's <c>ignore</c>, <c>{ok, undefined}</c>).</summary>
    Ignored,

    /// <summary>A child with that id exists and does not run; restart or delete it.</summary>
    AlreadyPresent,

    /// <summary>A child with that id runs.</summary>
    AlreadyStarted,

    /// <summary>There is no such child.</summary>
    NotFound,

    /// <summary>The child runs; it must be terminated first.</summary>
    Running,

    /// <summary>The child is being started again; only terminating it is possible.</summary>
    Restarting,

    /// <summary>The child failed to start.</summary>
    StartFailed,

    /// <summary>The dynamic supervisor has as many children as it may have.</summary>
    MaxChildren,

    /// <summary>A dynamic supervisor's children can only be started and terminated.</summary>
    SimpleOneForOne,

    /// <summary>The specification is not valid; the text lists every mistake.</summary>
    BadSpec,

    /// <summary>The supervisor has ended.</summary>
    NoSupervisor,
}

/// <summary>A supervisor's answer to a request about a child.</summary>
/// <param name="Kind">What came of it.</param>
/// <param name="Incarnation">The incarnation of the child that runs; 0 when none does.</param>
/// <param name="Error">What went wrong, for people; null when nothing did.</param>
[GenerateSerializer, Immutable, Alias("prismatic.ChildAnswer")]
public sealed record ChildAnswer(
    [property: Id(0)] ChildAnswerKind Kind,
    [property: Id(1)] long Incarnation = 0,
    [property: Id(2)] string? Error = null)
{
    /// <summary>Whether what was asked for is so now.</summary>
    public bool IsOk => Kind is ChildAnswerKind.Ok or ChildAnswerKind.Ignored;
}

/// <summary>Whether a child runs, in OTP's terms of <c>which_children</c>: a pid, <c>undefined</c> or <c>restarting</c>.</summary>
[GenerateSerializer, Alias("prismatic.ChildRun")]
public enum ChildRun
{
    /// <summary>It does not run: it was terminated, ended by itself and stays so, or chose not to start.</summary>
    Undefined,

    /// <summary>It runs, or its next call activates it.</summary>
    Running,

    /// <summary>Its start failed or waits, and is tried again.</summary>
    Restarting,
}

/// <summary>One child as <c>which_children</c> lists it.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.ChildInfo")]
public sealed record ChildInfo
{
    /// <summary>Its id under its supervisor.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>Whether it runs.</summary>
    [Id(1)] public required ChildRun Run { get; init; }

    /// <summary>Grows with each start; stands for OTP's pid.</summary>
    [Id(2)] public required long Incarnation { get; init; }

    /// <summary>Whether it is a supervisor.</summary>
    [Id(3)] public required bool IsSupervisor { get; init; }

    /// <summary>When it is started again.</summary>
    [Id(4)] public required RestartType Restart { get; init; }

    /// <summary>How long it may take to stop.</summary>
    [Id(5)] public required Shutdown Shutdown { get; init; }

    /// <summary>Whether its end can end the supervisor.</summary>
    [Id(6)] public required bool Significant { get; init; }

    /// <summary>Whether it was added at run time.</summary>
    [Id(7)] public required bool Added { get; init; }
}

/// <summary>What <c>count_children</c> counts.</summary>
/// <param name="Specs">Children with a specification, running or not.</param>
/// <param name="Active">Children that run.</param>
/// <param name="Supervisors">Children that are supervisors, running or not.</param>
/// <param name="Workers">Children that are workers, running or not.</param>
[GenerateSerializer, Immutable, Alias("prismatic.ChildCounts")]
public sealed record ChildCounts(
    [property: Id(0)] int Specs,
    [property: Id(1)] int Active,
    [property: Id(2)] int Supervisors,
    [property: Id(3)] int Workers);
