using System.Collections.Immutable;
using Orleans.Concurrency;
using Prismatic.Lessons;

namespace Prismatic.Supervision;

/// <summary>One child as its supervisor sees it.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.ChildView")]
public sealed record ChildView
{
    /// <summary>The child's path.</summary>
    [Id(0)] public required string Path { get; init; }

    /// <summary><c>worker</c>, <c>family</c>, <c>member</c> or <c>supervisor</c>.</summary>
    [Id(1)] public required string Kind { get; init; }

    /// <summary>Its state. <see cref="ChildStatus.Idle"/> stands for "healthy" here: whether it has an activation is known to the silos.</summary>
    [Id(2)] public required ChildStatus Status { get; init; }

    /// <summary>Grows with each restart.</summary>
    [Id(3)] public long Incarnation { get; init; }

    /// <summary>Restarts, ever; a family's include those of its members.</summary>
    [Id(4)] public long Restarts { get; init; }

    /// <summary>Crashes, ever.</summary>
    [Id(5)] public long Crashes { get; init; }

    /// <summary>Restarts in the last 5 minutes.</summary>
    [Id(6)] public int RecentRestarts { get; init; }

    /// <summary>When it may run again, as seen now; null unless it waits.</summary>
    [Id(7)] public TimeSpan? AvailableIn { get; init; }

    /// <summary>Whether a remedy is still being verified.</summary>
    [Id(8)] public bool Verifying { get; init; }

    /// <summary>The last crash's type and message, redacted; null when it never crashed.</summary>
    [Id(9)] public string? LastCrash { get; init; }

    /// <summary>The ticket it waits for; null when there is none.</summary>
    [Id(10)] public string? Ticket { get; init; }

    /// <summary>The silo of the last crash; null when it never crashed.</summary>
    [Id(11)] public string? Silo { get; init; }
}

/// <summary>A child that restarts often: more than 3 restarts in 5 minutes.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.Hotspot")]
public sealed record Hotspot
{
    /// <summary>The child.</summary>
    [Id(0)] public required string Path { get; init; }

    /// <summary>Restarts within the window.</summary>
    [Id(1)] public required int Restarts { get; init; }

    /// <summary>The window, in seconds.</summary>
    [Id(2)] public required double WindowSeconds { get; init; }

    /// <summary>The last crash's type and message, redacted.</summary>
    [Id(3)] public string? LastCrash { get; init; }
}

/// <summary>A supervisor and its children, in start order.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.SupervisorView")]
public sealed record SupervisorView
{
    /// <summary>The supervisor's path, which is its grain key.</summary>
    [Id(0)] public required string Path { get; init; }

    /// <summary>Its strategy.</summary>
    [Id(1)] public required RestartStrategy Strategy { get; init; }

    /// <summary>Healthy, or quarantined as a whole.</summary>
    [Id(2)] public required ChildStatus Status { get; init; }

    /// <summary>Restarts allowed within <see cref="PeriodSeconds"/>.</summary>
    [Id(3)] public required int Intensity { get; init; }

    /// <summary>The window of <see cref="Intensity"/>, in seconds.</summary>
    [Id(4)] public required double PeriodSeconds { get; init; }

    /// <summary>Restarts in the current window.</summary>
    [Id(5)] public int RestartsInWindow { get; init; }

    /// <summary>The children.</summary>
    [Id(6)] public required ImmutableArray<ChildView> Children { get; init; }

    /// <summary>The children that restart often.</summary>
    [Id(7)] public ImmutableArray<Hotspot> Hotspots { get; init; } = [];

    /// <summary>Tickets, open ones first, then those resolved lately.</summary>
    [Id(8)] public ImmutableArray<Ticket> Tickets { get; init; } = [];
}

/// <summary>
/// A node of the supervision tree; its key is its path. It counts and judges what its children's silos report,
/// and it is told, never asked, on the failure path: workers go on while it is away.
/// </summary>
[Alias("prismatic.ISupervisorGrain")]
public interface ISupervisorGrain : IGrainWithStringKey
{
    /// <summary>The supervisor and its children as they are now. Has no side effect. The Orleans dashboard shows it on its grain state page.</summary>
    [AlwaysInterleave, Alias("GetState")]
    Task<SupervisorView> GetState();

    /// <summary>
    /// Starts a child that was not declared. It is durable: unlike OTP's, it is there again after its supervisor's silo, or the whole cluster, was
    /// restarted, until it is deleted or ends for good. Returns when it has started.
    /// </summary>
    /// <returns>
    /// <see cref="ChildAnswerKind.Ok"/> or <see cref="ChildAnswerKind.Ignored"/>; else <see cref="ChildAnswerKind.AlreadyPresent"/>,
    /// <see cref="ChildAnswerKind.AlreadyStarted"/>, <see cref="ChildAnswerKind.MaxChildren"/>, <see cref="ChildAnswerKind.BadSpec"/>, or
    /// <see cref="ChildAnswerKind.StartFailed"/>, after which the child is not kept.
    /// </returns>
    [Control, Alias("StartChild")]
    Task<ChildAnswer> StartChild(ChildSpec spec);

    /// <summary>
    /// Stops a child and keeps it stopped; its specification stays, unless it is temporary or its supervisor dynamic. A child that is being restarted is
    /// not tried again. Never counted.
    /// </summary>
    /// <returns><see cref="ChildAnswerKind.Ok"/>, also when it was stopped already, or <see cref="ChildAnswerKind.NotFound"/>.</returns>
    [Control, Alias("TerminateChild")]
    Task<ChildAnswer> TerminateChild(string id);

    /// <summary>Starts a child that does not run. Never counted, and not tried again when it fails.</summary>
    /// <returns>
    /// <see cref="ChildAnswerKind.Ok"/> or <see cref="ChildAnswerKind.Ignored"/>; else <see cref="ChildAnswerKind.Running"/>, <see cref="ChildAnswerKind.Restarting"/>,
    /// <see cref="ChildAnswerKind.NotFound"/>, <see cref="ChildAnswerKind.StartFailed"/>, or <see cref="ChildAnswerKind.SimpleOneForOne"/> of a dynamic supervisor.
    /// </returns>
    [Control, Alias("RestartChild")]
    Task<ChildAnswer> RestartChild(string id);

    /// <summary>Forgets a child that does not run, specification and all.</summary>
    /// <inheritdoc cref="RestartChild"/>
    [Control, Alias("DeleteChild")]
    Task<ChildAnswer> DeleteChild(string id);

    /// <summary>The children in start order. No side effect.</summary>
    [AlwaysInterleave, Alias("WhichChildren")]
    Task<ImmutableArray<ChildInfo>> WhichChildren();

    /// <summary>How many children there are. No side effect.</summary>
    [AlwaysInterleave, Alias("CountChildren")]
    Task<ChildCounts> CountChildren();

    /// <summary>One child's specification with all defaults filled in; null when there is no such child.</summary>
    [AlwaysInterleave, Alias("GetChildSpec")]
    Task<ChildInfo?> GetChildSpec(string id);

    /// <summary>How many partitions run.</summary>
    /// <exception cref="InvalidOperationException">It is no partition supervisor.</exception>
    [AlwaysInterleave, Alias("CountPartitions")]
    Task<int> CountPartitions();

    /// <summary>Stops the last partitions, or starts them again. Returns how many run.</summary>
    /// <param name="partitions">From 0 to the number that was declared.</param>
    /// <exception cref="InvalidOperationException">It is no partition supervisor.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More than were declared, or less than 0.</exception>
    [Control, Alias("ResizePartitions")]
    Task<int> ResizePartitions(int partitions);

    /// <summary>
    /// Operator: starts this supervisor again, with all below, after it ended and nobody above it did: the root, when everything was given up, or a
    /// transient or temporary supervisor.
    /// </summary>
    /// <returns><see cref="ChildAnswerKind.Ok"/>, <see cref="ChildAnswerKind.Running"/> when it has not ended, or <see cref="ChildAnswerKind.StartFailed"/>.</returns>
    [Control, Alias("StartSupervisor")]
    Task<ChildAnswer> StartSupervisor();

    /// <summary>Operator: ends the child's activation and opens its gates, whatever it waited for. Not counted.</summary>
    /// <param name="child">The child's path; a member of a family has one too.</param>
    /// <param name="incarnation">The incarnation that the operator saw, or null for any.</param>
    /// <exception cref="ArgumentException">There is no such child, or it has another incarnation.</exception>
    [Control, Alias("Restart")]
    Task<ChildView> Restart(string child, long? incarnation);

    /// <summary>
    /// Operator: as <see cref="Restart"/>, and a stored record that the next activation cannot read is put back to the last known-good state; the
    /// replaced bytes are kept. A record that can be read stays as it is: state is destroyed only on evidence that it is damaged.
    /// </summary>
    /// <inheritdoc cref="Restart"/>
    [Control, Alias("Reset")]
    Task<ChildView> Reset(string child, long? incarnation);

    /// <summary>Operator: ends the child's activation and shuts its gates until it is started.</summary>
    /// <inheritdoc cref="Restart"/>
    [Control, Alias("Stop")]
    Task<ChildView> Stop(string child, long? incarnation);

    /// <summary>Operator: opens the gates of a stopped or quarantined child.</summary>
    /// <inheritdoc cref="Restart"/>
    [Control, Alias("Start")]
    Task<ChildView> Start(string child, long? incarnation);

    /// <summary>
    /// Resolves a ticket: the answer becomes a lesson and applies to the next crash of its kind. What is quarantined over it
    /// is tried at once, and quarantined for longer when that fails. Durable when this returns.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such open ticket, or the resolution is not valid.</exception>
    [Control, Alias("ResolveTicket")]
    Task<Lesson?> ResolveTicket(string ticketId, Resolution resolution);
}
