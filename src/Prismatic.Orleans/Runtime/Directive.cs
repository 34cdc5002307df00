using System.Collections.Immutable;
using Orleans.Runtime;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// What a supervisor tells the gates of all silos about a child, a family or everything under a supervisor. Times are remaining spans:
/// silos do not share a clock.
/// </summary>
[GenerateSerializer, Immutable, Alias("prismatic.Directive")]
internal sealed record Directive
{
    /// <summary>The child, or the top of the subtree that it is about.</summary>
    [Id(0)] public required string Path { get; init; }

    /// <summary>The child's grain; null for a family or a supervisor, whose whole subtree is meant.</summary>
    [Id(1)] public GrainId? Grain { get; init; }

    /// <summary>Grows with each decision of the supervisor and with each of its activations: see <see cref="DirectiveVersion"/>. A late directive changes nothing.</summary>
    [Id(2)] public required long Version { get; init; }

    /// <summary>The state that the gates take on. <see cref="ChildStatus.Idle"/>: healthy, no gate is needed.</summary>
    [Id(3)] public required ChildStatus Status { get; init; }

    /// <summary>How long the state lasts before the child may run again by itself.</summary>
    [Id(4)] public TimeSpan Wait { get; init; }

    /// <summary>How long the remedy is verified after that; the gate stays to see the first success.</summary>
    [Id(5)] public TimeSpan VerifyFor { get; init; }

    /// <summary>The last crash that the supervisor has judged.</summary>
    [Id(6)] public string? CrashId { get; init; }

    /// <summary>The method whose success is looked for; null: any.</summary>
    [Id(7)] public string? Method { get; init; }

    /// <summary>The ticket for those who are refused.</summary>
    [Id(8)] public string? Ticket { get; init; }

    /// <summary>Whether live activations end: the child is stopped, or restarted because of a sibling.</summary>
    [Id(9)] public bool EndActivations { get; init; }

    /// <summary>The crash whose state reset the next activation carries out, or null.</summary>
    [Id(10)] public string? Reset { get; init; }

    /// <summary>Whether the gate has already seen its success: nothing to look for.</summary>
    [Id(11)] public bool Served { get; init; }

    /// <summary>The child itself, when it was added at run time: the silo learns of it.</summary>
    [Id(12)] public AddedChild? Added { get; init; }

    /// <summary>That a child that was added at run time is one no more.</summary>
    [Id(13)] public bool Removed { get; init; }

    /// <summary>The start that the directive follows; what crashes from now on is reported with it.</summary>
    [Id(14)] public long Incarnation { get; init; }

    /// <summary>That it tells <see cref="Incarnation"/> and nothing else: a gate of the child stays as it is.</summary>
    [Id(18)] public bool OnlyStart { get; init; }

    /// <summary>That the supervisor starts the child now and waits for it: see <see cref="GateTable.Pass"/>.</summary>
    [Id(19)] public bool Starts { get; init; }

    /// <summary>The supervisor that gives it. Versions of one supervisor are ordered; those of two say nothing of each other.</summary>
    [Id(15)] public string Supervisor { get; init; } = "";

    /// <summary>
    /// With it, a shut gate stays shut until it is told otherwise, and no longer than this without being told again: then an orphan gate opens
    /// into the default restart; <see cref="Wait"/> is only what callers are told. Null: as long as the state itself lasts, which for a stopped child is until it is started, because its stop is stored and every silo asks for what is in force.
    /// </summary>
    [Id(16)] public TimeSpan? Lease { get; init; }

    /// <summary>
    /// With <see cref="EndActivations"/>: how long a running turn may take to end. An activation that is not gone by then is killed: it is fenced,
    /// so that its state is written no more, and left behind, so that calls go to the next one. Null: it is waited for, for ever. Zero: at once.
    /// </summary>
    [Id(17)] public TimeSpan? ShutdownLimit { get; init; }

    /// <summary>What did not help this child; the silo that decides about its next crash goes on from there. Null: the directive says nothing of it.</summary>
    [Id(30)] public ImmutableArray<FailedStep>? Failed { get; init; }

    /// <summary>
    /// How long the children under <see cref="Path"/> get the default restart only, because their subtree's budget of remedies is used up; null
    /// in a directive about a child's state.
    /// </summary>
    [Id(31)] public TimeSpan? RemediesPausedFor { get; init; }

    /// <summary>The remedy that is being verified, so that any silo knows it has failed when its group comes back; null when there is none.</summary>
    [Id(32)] public AppliedStep? Pending { get; init; }

    /// <summary>How long <see cref="Pending"/> is still being verified.</summary>
    [Id(33)] public TimeSpan PendingFor { get; init; }
}

/// <summary>A child that was added at run time, as silos need to know it.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.AddedChild")]
internal sealed record AddedChild
{
    /// <summary>Its id under its supervisor.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>Its grain.</summary>
    [Id(1)] public required GrainId Grain { get; init; }

    /// <summary>When it is started again.</summary>
    [Id(2)] public required RestartType Restart { get; init; }

    /// <summary>How long it may take to stop.</summary>
    [Id(3)] public required Shutdown Shutdown { get; init; }

    /// <summary>Whether its end can end its supervisor.</summary>
    [Id(4)] public required bool Significant { get; init; }

    /// <summary>Its place among what was added.</summary>
    [Id(5)] public required int Order { get; init; }
}

/// <summary>
/// The versions of a supervisor's directives: the upper half counts its activations (the epoch), the lower half what this activation gave.
/// The first version of an epoch is stored before any directive of it is given, so that all that an earlier activation gave is older,
/// whatever it had stored.
/// </summary>
internal static class DirectiveVersion
{
    private const int NumberBits = 32;

    /// <summary>The version before the first of the epoch that follows the one of <paramref name="last"/>.</summary>
    public static long NextEpoch(long last) => (EpochOf(last) + 1) << NumberBits;

    public static long EpochOf(long version) => version >> NumberBits;
}

/// <summary>How an activation that was told to end did so.</summary>
[GenerateSerializer, Alias("prismatic.EndKind")]
internal enum EndKind
{
    /// <summary>Its turn ended in time, and it is gone.</summary>
    InTime,

    /// <summary>It did not end in time: fenced and left behind.</summary>
    Killed,

    /// <summary>It has not ended yet, and its limit has not passed.</summary>
    Running,
}

/// <summary>An activation that was told to end and did not in time.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.EndedActivation")]
internal sealed record EndedActivation
{
    /// <summary>The child's path.</summary>
    [Id(0)] public required string Child { get; init; }

    /// <summary>Its grain.</summary>
    [Id(1)] public required GrainId Grain { get; init; }

    /// <summary>The activation.</summary>
    [Id(2)] public required string ActivationId { get; init; }

    /// <summary>How it ended.</summary>
    [Id(3)] public required EndKind How { get; init; }

    /// <summary>From the order to the end, or to now.</summary>
    [Id(4)] public TimeSpan Took { get; init; }
}

/// <summary>A silo has set its gates, and waited for the activations that were to end.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.DirectiveReceipt")]
internal sealed record DirectiveReceipt
{
    /// <summary>The silo.</summary>
    [Id(0)] public required string Silo { get; init; }

    /// <summary>How many activations ended in time.</summary>
    [Id(1)] public int EndedInTime { get; init; }

    /// <summary>Those that were killed, and those that still run.</summary>
    [Id(2)] public ImmutableArray<EndedActivation> Others { get; init; } = [];
}

/// <summary>What all silos answered to directives.</summary>
/// <param name="Receipts">Of the silos that set their gates.</param>
/// <param name="Unknown">Silos that did not answer: what their gates are is not known until a later answer or the end of the lease.</param>
internal sealed record DirectiveAnswers(IReadOnlyList<DirectiveReceipt> Receipts, IReadOnlyList<SiloAddress> Unknown)
{
    public static readonly DirectiveAnswers None = new([], []);

    public IEnumerable<EndedActivation> Killed => Others(EndKind.Killed);

    /// <summary>Activations that have not ended: the same directive, given again, waits on for them.</summary>
    public IEnumerable<EndedActivation> Running => Others(EndKind.Running);

    private IEnumerable<EndedActivation> Others(EndKind how) => Receipts.SelectMany(receipt => receipt.Others).Where(ended => ended.How == how);
}
