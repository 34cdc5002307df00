using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Prismatic.SystemTests.Faults;

/// <summary>What a call of the load asks of the platform.</summary>
internal enum CallKind
{
    /// <summary>A document of its own, written once.</summary>
    Put,

    /// <summary>The next version of a document that many calls write.</summary>
    Update,

    /// <summary>A document that was acknowledged before.</summary>
    Read,

    /// <summary>A due-diligence case about a subject of its own.</summary>
    Open,

    /// <summary>Work without storage.</summary>
    Assess,

    /// <summary>Work that crashes its worker: a list file of another format.</summary>
    Crash,

    /// <summary>An operator's answer to a ticket.</summary>
    Resolve,

    /// <summary>A call that crashes a child of the storm.</summary>
    Storm,

    /// <summary>A call to a child of the storm that crashed, sent until it is served.</summary>
    AfterStorm,
}

/// <summary>What the caller was told.</summary>
internal enum CallOutcome
{
    /// <summary>Nothing, as long as the load waited.</summary>
    Unanswered,

    /// <summary>It is done.</summary>
    Acknowledged,

    /// <summary>The worker crashed; its exception bears the crash's id.</summary>
    Crashed,

    /// <summary>It has not started and had no effect.</summary>
    Refused,

    /// <summary>It failed, and may have had its effect or not.</summary>
    Failed,
}

/// <summary>One call. Times are seconds since the load began.</summary>
/// <param name="Number">Which call of the load it was, from 1.</param>
/// <param name="Kind">What it asked.</param>
/// <param name="Key">The document, subject, child or ticket.</param>
/// <param name="Due">When the schedule wanted it sent.</param>
/// <param name="Sent">When it was sent.</param>
internal sealed record CallRecord(int Number, CallKind Kind, string Key, double Due, double Sent)
{
    /// <summary>When it was answered; null when it was not.</summary>
    public double? Ended { get; init; }

    public CallOutcome Outcome { get; init; }

    /// <summary>Type and message of the failure; null when there was none.</summary>
    public string? Detail { get; init; }

    /// <summary>The version that a write made or a read saw; 0 where a read saw nothing.</summary>
    public long? Version { get; init; }

    /// <summary>The version that had been acknowledged when a read was sent.</summary>
    public long? Known { get; init; }

    /// <summary>The id of the crash that the caller was told of.</summary>
    public string? Crash { get; init; }
}

/// <summary>One fault that was injected.</summary>
/// <param name="What">A sentence.</param>
/// <param name="At">When it began, in seconds since the load began.</param>
/// <param name="KillsSilo">Whether it ended a silo without a goodbye, with the reports that it had not passed on.</param>
internal sealed record FaultRecord(string What, double At, bool KillsSilo)
{
    /// <summary>When it was over: the silo that was started again was ready, the database was back. Null when nothing had to be put back.</summary>
    public double? Over { get; init; }
}

/// <summary>A crash that a silo wrote into its log.</summary>
internal sealed record LoggedCrash(string Child, string Id, double At);

/// <summary>A document as the database holds it.</summary>
internal sealed record StoredVersion(long Version, int Call);

/// <summary>A child as its supervisor shows it.</summary>
internal sealed record ChildState(string Path, string Status, string? Ticket, long Crashes);

/// <summary>What was there when all was over, read from the database and from the supervisors.</summary>
internal sealed record FinalState
{
    /// <summary>Documents by id.</summary>
    public ImmutableSortedDictionary<string, StoredVersion> Documents { get; init; } = ImmutableSortedDictionary<string, StoredVersion>.Empty;

    /// <summary>How many cases there are of each subject.</summary>
    public ImmutableSortedDictionary<string, int> Cases { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    public ImmutableArray<ChildState> Children { get; init; } = [];

    /// <summary>Crashes that the silos logged, of all their processes.</summary>
    public ImmutableArray<LoggedCrash> Logged { get; init; } = [];

    /// <summary>The ids of tickets that are resolved.</summary>
    public ImmutableArray<string> Resolved { get; init; } = [];

    /// <summary>
    /// When each open ticket was opened, in seconds since the load began. A failure that comes back after its ticket was answered opens a ticket of the
    /// same id.
    /// </summary>
    public ImmutableSortedDictionary<string, double> Open { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Supervisors and children that could not be asked.</summary>
    public ImmutableArray<string> Missing { get; init; } = [];
}

/// <summary>All that happened in one scenario, as it is kept on disk and judged by <see cref="Checker"/>.</summary>
internal sealed record History
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public required string Scenario { get; init; }

    public required string Arm { get; init; }

    public required int Seed { get; init; }

    /// <summary>Whether the scenario promises that no call but those that crash their worker fails.</summary>
    public bool NothingMayFail { get; init; }

    /// <summary>Whether supervision acts; where it only looks, as in the control arm, children that are down need no ticket.</summary>
    public bool Enforced { get; init; } = true;

    public ImmutableArray<CallRecord> Calls { get; init; } = [];

    public ImmutableArray<FaultRecord> Faults { get; init; } = [];

    public FinalState Final { get; init; } = new();

    public string ToJson() => JsonSerializer.Serialize(this, Format);

    public static History FromJson(string json) =>
        JsonSerializer.Deserialize<History>(json, Format) ?? throw new JsonException("The file holds no history.");
}
