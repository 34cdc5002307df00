using System.Collections.Immutable;
using Orleans.Concurrency;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>The trigger of a crash served again.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.ServedReport")]
internal sealed record ServedReport
{
    /// <summary>The child's path.</summary>
    [Id(0)] public required string Child { get; init; }

    /// <summary>The crash that it recovered from.</summary>
    [Id(1)] public required string CrashId { get; init; }

    /// <summary>Crash seen to this success, where one silo saw both; else null.</summary>
    [Id(2)] public TimeSpan? Elapsed { get; init; }
}

/// <summary>An activation of a child ended without a crash, and not because Orleans moved or collected it.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.ExitReport")]
internal sealed record ExitReport
{
    /// <summary>The child's path.</summary>
    [Id(0)] public required string Child { get; init; }

    /// <summary>The grain's id, in Orleans' text form.</summary>
    [Id(1)] public required string GrainId { get; init; }

    /// <summary>The activation that ended.</summary>
    [Id(2)] public required string ActivationId { get; init; }

    /// <summary>Why; never <see cref="ExitReason.Error"/>, which is a crash report.</summary>
    [Id(3)] public required ExitReason Reason { get; init; }

    /// <summary>The place among crashes and exits of the silo: it tells which came first.</summary>
    [Id(4)] public required long Sequence { get; init; }

    /// <summary>Whether it is a start that the worker itself declined: <see cref="ChildIgnoredException"/>.</summary>
    [Id(5)] public bool Ignored { get; init; }

    /// <summary>The silo.</summary>
    [Id(6)] public required string Silo { get; init; }

    /// <summary>The start of the child that ended, as far as its silo was told; 0 where supervisors do not number them.</summary>
    [Id(7)] public long Incarnation { get; init; }
}

/// <summary>What one silo tells one supervisor at once.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.ReportBatch")]
internal sealed record ReportBatch
{
    /// <summary>The silo.</summary>
    [Id(0)] public required string Silo { get; init; }

    /// <summary>The place of this batch in what the silo tells this supervisor; a batch that was sent again has the same.</summary>
    [Id(1)] public required long Sequence { get; init; }

    /// <summary>Crashes, in the order in which they were seen.</summary>
    [Id(2)] public required ImmutableArray<CrashReport> Crashes { get; init; }

    /// <summary>First successes since.</summary>
    [Id(3)] public ImmutableArray<ServedReport> Served { get; init; } = [];

    /// <summary>Reports that the silo had to drop since its last batch, all kinds together.</summary>
    [Id(4)] public long Dropped { get; init; }

    /// <summary>Exits that are no crashes, in the order in which they were seen; <see cref="ExitReport.Sequence"/> orders them among <see cref="Crashes"/>.</summary>
    [Id(5)] public ImmutableArray<ExitReport> Exits { get; init; } = [];

    /// <summary>Silos that were lost with children of the supervisor. The supervisor takes the first report of each; the other silos tell it too.</summary>
    [Id(6)] public ImmutableArray<SiloLoss> Losses { get; init; } = [];

    /// <summary>What <see cref="Dropped"/> were; empty from a silo of before this was told.</summary>
    [Id(7)] public ImmutableArray<DroppedItems> DroppedKinds { get; init; } = [];
}

/// <summary>The supervisor took a batch in; it is stored.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.ReportReceipt")]
internal sealed record ReportReceipt
{
    /// <summary>The crashes that opened or joined a ticket.</summary>
    [Id(0)] public ImmutableArray<string> Ticketed { get; init; } = [];
}

/// <summary>What silos tell a supervisor, and what silos that join ask it.</summary>
[Control, Alias("prismatic.ISupervisorReportsGrain")]
internal interface ISupervisorReportsGrain : IGrainWithStringKey
{
    /// <summary>Takes in a batch; stored when this returns, and taken in once however often it is sent.</summary>
    [Alias("Report")]
    Task<ReportReceipt> Report(ReportBatch batch);

    /// <summary>All directives in force.</summary>
    [Alias("GetDirectives")]
    Task<ImmutableArray<Directive>> GetDirectives();

    /// <summary>Starts what is to run and does not: the whole tree below, in start order. Starts nobody twice.</summary>
    [AlwaysInterleave, Alias("EnsureStarted")]
    Task EnsureStarted();

    /// <summary>The parent starts this supervisor, after it ended or for the first time. Null when its children run, else what failed.</summary>
    /// <param name="incarnation">The parent's number of this start.</param>
    [Alias("Begin")]
    Task<string?> Begin(long incarnation);

    /// <summary>The parent ends this supervisor: its children stop, the last one first. Returns when they have.</summary>
    [Alias("End")]
    Task End();

    /// <summary>A supervisor below ended by itself. It tells again until <see cref="EndNoted"/>.</summary>
    [AlwaysInterleave, Alias("ChildEnded")]
    Task ChildEnded(string id, long incarnation, ExitReason reason);

    /// <summary>The parent has stored that this supervisor's start number <paramref name="incarnation"/> ended.</summary>
    [OneWay, Alias("EndNoted")]
    Task EndNoted(long incarnation);

    /// <summary>A supervisor below opened a ticket.</summary>
    [OneWay, Alias("Escalated")]
    Task Escalated(Ticket ticket);
}
