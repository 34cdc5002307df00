using System.Collections.Immutable;
using Prismatic.Control;
using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Mailbox;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Tests.Dashboard;

/// <summary>One tree and what hangs on it, small enough to know by heart.</summary>
public static class Samples
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public const string OpenId = "prismatic/osint:1a2b3c4d";

    public static TreeNode Node(string path, ChildStatus status = ChildStatus.Up, string kind = "worker", RestartStrategy? strategy = null, string? ticket = null) => new()
    {
        Path = path,
        Kind = kind,
        Strategy = strategy,
        Status = status,
        Ticket = ticket,
        Incarnation = 1,
        Activations = 1,
    };

    /// <summary>Eight nodes: the source manager backs off and is a hotspot, the family's member jan/novak has a ticket.</summary>
    public static TreeHealth Tree() => new()
    {
        TotalProcesses = 9,
        RestartCounts = ImmutableSortedDictionary<string, long>.Empty.Add("prismatic/osint/source-manager", 7),
        MemoryPerSupervisor = ImmutableSortedDictionary<string, MemoryEstimate>.Empty.Add("prismatic/core", new MemoryEstimate { Bytes = 4096, Method = "Sampled.", Activations = 3 }),
        Hotspots = [new Hotspot { Path = "prismatic/osint/source-manager", Restarts = 5, WindowSeconds = 300, LastCrash = "SocketException: refused" }],
        HealthScore = 87.5,
        Nodes =
        [
            Node("prismatic", kind: "supervisor", strategy: RestartStrategy.OneForOne),
            Node("prismatic/core", kind: "supervisor", strategy: RestartStrategy.RestForOne),
            Node("prismatic/core/storage-coordinator"),
            Node("prismatic/osint", kind: "supervisor", strategy: RestartStrategy.OneForAll),
            Node("prismatic/osint/adapter-registry", ChildStatus.Idle),
            Node("prismatic/osint/source-manager", ChildStatus.BackingOff) with { Restarts = 7, RecentRestarts = 5, AvailableInSeconds = 12.5 },
            Node("prismatic/osint/monitors", kind: "family"),
            Node("prismatic/osint/monitors/jan%2Fnovak", kind: "member", ticket: OpenId),
        ],
        Silos = 2,
        At = Noon,
    };

    public static OperatorAction Action(OperatorOrder order, OperatorActionStatus status = OperatorActionStatus.Done, string outcome = "it is Restarting") =>
        new() { Id = "0123456789abcdef01234567", Order = order, Status = status, Outcome = outcome, At = Noon, EndedAt = Noon };

    public static DeadLetter DeadLetter() => new()
    {
        Id = "prismatic/dd/entity-resolver:0a1b2c3d4e5f",
        Child = "prismatic/dd/entity-resolver",
        Method = "IEntityResolverGrain.Match",
        Arguments = [new DeadLetterArgument("name", "String", "[email]")],
        Failure = "System.FormatException: not a name",
        CorrelationId = "c-1",
        Count = 3,
        FirstSeen = Noon,
        LastSeen = Noon,
    };

    public static Lesson Lesson() => new()
    {
        Id = "g/1",
        FailureMode = "SocketException: Connection refused ({address})",
        Class = FailureClass.ExternalDependency,
        WorkerType = "SourceManagerGrain",
        Child = "prismatic/osint/source-manager",
        Remediation = new CircuitBreak { Target = "source:justice", Duration = TimeSpan.FromSeconds(45) },
        Origin = RuleOrigin.Learned,
        Crashes = 12,
        Outcomes = ImmutableDictionary<string, OutcomeCounts>.Empty.Add("CircuitBreak", new OutcomeCounts { Healed = 9, Failed = 1, Inconclusive = 2 }),
        Frames = ["Sources.Query"],
        FirstSeen = Noon,
        LastSeen = Noon,
    };

    public static Ticket OpenTicket() => new()
    {
        Id = OpenId,
        Child = "prismatic/osint/monitors",
        Group = "g/1",
        Signature = "s1",
        Reason = "unknown failure pattern",
        Summary = "InvalidDataException: bad record",
        Class = FailureClass.LogicError,
        Crashes = 3,
        OpenedAt = Noon,
        LastSeenAt = Noon,
    };

    public static Ticket ResolvedTicket() => OpenTicket() with
    {
        Id = "prismatic/core:99",
        ResolvedAt = Noon,
        Resolution = new Resolution { Remediation = new RestartWithStateReset(), RootCause = "torn write", By = "eva" },
    };
}
