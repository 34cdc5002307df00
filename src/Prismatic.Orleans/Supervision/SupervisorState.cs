using System.Text.Json.Serialization;
using Prismatic.Lessons;
using Prismatic.Remediation;

namespace Prismatic.Supervision;

/// <summary>
/// What a supervisor stores. Times are those of its own clock, which runs on from where it was when the state was stored: see
/// <see cref="SupervisorClock"/>. Healthy family members have no record; their counts are in their family's.
/// </summary>
internal sealed class SupervisorState
{
    public int SchemaVersion { get; set; } = 1;

    /// <summary>The wall clock when this was stored, for the time that passed while nobody was here.</summary>
    public DateTimeOffset SavedAt { get; set; }

    /// <summary>The supervisor's clock when this was stored.</summary>
    public TimeSpan Moment { get; set; }

    /// <summary>The version of the last directive.</summary>
    public long Directives { get; set; }

    public Dictionary<string, ChildRecord> Children { get; set; } = [];

    /// <summary>The last batch that was taken in from each silo.</summary>
    public Dictionary<string, SeenBatch> Seen { get; set; } = [];

    /// <summary>Silos whose loss was taken in, and when: every surviving silo tells of it.</summary>
    public Dictionary<string, TimeSpan> LostSilos { get; set; } = [];

    /// <summary>Restarts in the supervisor's own window.</summary>
    public List<TimeSpan> Window { get; set; } = [];

    /// <summary>The quarantine of everything under this supervisor; null when there is none.</summary>
    public DomainQuarantine? Quarantine { get; set; }

    /// <summary>The children in start order and what is being done with them.</summary>
    public CoreState Core { get; set; } = new();

    /// <summary>The parent's number of this supervisor's last start.</summary>
    public long Incarnation { get; set; }

    /// <summary>Whether the parent knows with what this supervisor ended.</summary>
    public bool EndTold { get; set; }

    public List<Ticket> Tickets { get; set; } = [];

    /// <summary>Outcomes that the lessons have not taken in.</summary>
    public List<RemediationOutcome> Untold { get; set; } = [];

    /// <summary>What did not help which child; the next crash of its kind goes on from there.</summary>
    public Dictionary<string, LadderMemory> Ladders { get; set; } = [];

    /// <summary>Remedies other than a restart within the subtree's budget.</summary>
    public List<TimeSpan> Remedies { get; set; } = [];

    /// <summary>Until when the children get the default restart only.</summary>
    public TimeSpan RemediesPausedUntil { get; set; }

    /// <summary>Tickets that were opened further down, ever.</summary>
    public long EscalationsBelow { get; set; }
}

/// <summary>What a supervisor stores of one child. In a storm there are thousands, so what says nothing is not written.</summary>
internal sealed class ChildRecord
{
    public required string Path { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Grain { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ChildStatus Status { get; set; } = ChildStatus.Idle;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public TimeSpan ReadyAt { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Incarnation { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Crashes { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Restarts { get; set; }

    /// <summary>Restarts in the hotspot window.</summary>
    public List<TimeSpan> RestartTimes { get; set; } = [];

    /// <summary>How many restarts each of <see cref="RestartTimes"/> stands for.</summary>
    public List<int> RestartCounts { get; set; } = [];

    /// <summary>Restarts in the child's own budget.</summary>
    public List<TimeSpan> BudgetTimes { get; set; } = [];

    /// <summary>Remedies whose outcome is not known yet.</summary>
    public List<PendingRemedy> Remedies { get; set; } = [];

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? LastCrashId { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? LastActivation { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? LastMethod { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? LastCrash { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Silo { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public TimeSpan LastCrashAt { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Served { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Ticket { get; set; }

    /// <summary>Quarantines in a row.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Quarantines { get; set; }

    /// <summary>Resets in a row.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Resets { get; set; }

    /// <summary>The state at <paramref name="now"/>: a wait that has passed has ended by itself.</summary>
    public ChildStatus StatusAt(TimeSpan now) =>
        Status is (ChildStatus.BackingOff or ChildStatus.Fallback or ChildStatus.Quarantined) && now >= ReadyAt ? ChildStatus.Restarting : Status;
}

/// <summary>The last batch taken in from a silo, with the answer that was given: sent again, it gets the same.</summary>
internal sealed record SeenBatch(long Sequence, IReadOnlyList<string> Ticketed, TimeSpan At);

/// <summary>A remedy whose outcome is not known yet; as with a child, what says nothing is not written.</summary>
internal sealed record PendingRemedy
{
    public required string CrashId { get; init; }

    public required string Group { get; init; }

    public required string Signature { get; init; }

    public required RemediationAction Action { get; init; }

    public required string Rule { get; init; }

    public required TimeSpan At { get; init; }

    /// <summary>When the incident began that this remedy is to end: earlier than <see cref="At"/> when remedies before it failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public TimeSpan? Since { get; init; }

    public required TimeSpan VerifiedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public TimeSpan? TimeToRecovery { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Served { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Ticketed { get; init; }

    /// <summary>Which step of the rule's ladder it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Step { get; init; }

    /// <summary>What the rule asked for, where <see cref="Action"/> took its place.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public RemediationAction? Asked { get; init; }

    public RemediationOutcome As(Outcome outcome) => new()
    {
        CrashId = CrashId,
        Group = Group,
        Signature = Signature,
        Action = Action,
        Rule = Rule,
        Outcome = outcome,
        TimeToRecovery = TimeToRecovery,
        Ticketed = Ticketed,
    };
}

/// <summary>Everything under the supervisor is shut.</summary>
internal sealed record DomainQuarantine(TimeSpan Until, int Count, string Ticket);

/// <summary>
/// A supervisor's clock: it goes on from the stored moment by the time that passed on the wall clock, never backwards, and by monotonic
/// time from then on. Windows are differences on this clock, so that a jump of the wall clock while nobody was here can age them, at most
/// out of the window, and one while somebody is here does nothing.
/// </summary>
internal sealed class SupervisorClock
{
    private readonly TimeProvider _time;
    private readonly bool _trustWall;
    private readonly TimeSpan _base;
    private readonly DateTimeOffset _wallBase;
    private readonly long _start;

    public SupervisorClock(TimeProvider time, TimeSpan moment, DateTimeOffset savedAt, bool trustWall = false)
    {
        _time = time;
        _trustWall = trustWall;
        _start = time.GetTimestamp();
        _wallBase = time.GetUtcNow();
        var away = savedAt == default ? TimeSpan.Zero : _wallBase - savedAt;
        _base = moment + (away > TimeSpan.Zero ? away : TimeSpan.Zero);
    }

    /// <summary>The moment; a mutant reads it from the wall clock.</summary>
    public TimeSpan Now => _base + (_trustWall ? _time.GetUtcNow() - _wallBase : _time.GetElapsedTime(_start));

    public DateTimeOffset Wall => _time.GetUtcNow();
}
