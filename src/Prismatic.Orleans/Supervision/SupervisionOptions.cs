using Prismatic.Remediation;

namespace Prismatic.Supervision;

/// <summary>Whether supervision only looks or also acts.</summary>
public enum SupervisionMode
{
    /// <summary>Everything is seen, counted and shown; nothing is deactivated or refused. The default, because ordinary Orleans code throws for business reasons.</summary>
    Observe,

    /// <summary>Crashed activations end, gates open and shut, remediations are carried out.</summary>
    Enforce,
}

/// <summary>What a supervisor does whose restart intensity is exceeded.</summary>
public enum TopPolicy
{
    /// <summary>
    /// It is quarantined alone, with one ticket, and tried again later; its parent's window is not touched and the root has none. The default.
    /// </summary>
    Quarantine,

    /// <summary>
    /// It ends, as OTP's: its children stop in reverse order, its parent takes its end as the end of a child, and so on up to the root. When the
    /// root has ended, every child is stopped until an operator starts the root again; the silo itself goes on. There are no budgets per
    /// child and no delays: a crashed child is started again at once by its supervisor.
    /// </summary>
    Otp,
}

/// <summary>Settings of supervision that hold for the whole tree. Checked at start, all mistakes at once.</summary>
public sealed class SupervisionOptions
{
    /// <summary>Look only, or act. Default <see cref="SupervisionMode.Observe"/>.</summary>
    public SupervisionMode Mode { get; set; } = SupervisionMode.Observe;

    /// <summary>What happens when a restart intensity is exceeded. Default <see cref="TopPolicy.Quarantine"/>. <see cref="TopPolicy.Otp"/> needs <see cref="SupervisionMode.Enforce"/>.</summary>
    public TopPolicy TopPolicy { get; set; } = TopPolicy.Quarantine;

    /// <summary>
    /// Whether permanent workers are activated by their supervisor when a silo starts and after membership changes, in start order, so that the tree is up
    /// without traffic; and whether a worker that crashed or ended, and that is to be restarted, is started again though nobody calls it, 250 ms after it may
    /// run. Default true; acts only with <see cref="SupervisionMode.Enforce"/>. Families are never activated by it. Under <see cref="TopPolicy.Otp"/> the
    /// supervisor starts all its children, whatever this says.
    /// </summary>
    public bool StartEagerly { get; set; } = true;

    /// <summary>
    /// How long a call waits for a child that backs off, before it is refused with a retry hint. Default 5 s; 0 to 25 s, because Orleans
    /// gives an activation 30 s to come up. A gate that is known to outlast the limit refuses at once.
    /// </summary>
    public TimeSpan GateWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The restart that children get unless a rule says otherwise. Default: at once for the first crash of a stable run, then 1 to 30 s with decorrelated jitter.</summary>
    public RestartWithBackoff DefaultRestart { get; set; } = new();

    /// <summary>How long a turn of any worker may take before it counts as hung; a worker may have its own. Default null: for ever. 10 ms to 1 day.</summary>
    public TimeSpan? Deadline { get; set; }

    /// <summary>How calls that a child refused without starting them are sent again by the silos' own callers.</summary>
    public CallRetryOptions Retries { get; } = new();

    /// <summary>
    /// How long a failure must stay away before its remedy counts as having healed it, at least; twice the delay when that is longer.
    /// A child that ran this long without a crash starts a new stable run. Default 60 s; 1 s to 1 h.
    /// </summary>
    public TimeSpan VerificationWindow { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Whether lessons may try, within a budget of the whole cluster, what no outcome speaks for yet: an alternative where nothing known helps, or a restart where a
    /// break or a fallback healed at its first attempt and may have been more than was needed. Without it they apply only what has been seen to help, what a person
    /// named and what the rules say. Default true.
    /// </summary>
    public bool TryAlternatives { get; set; } = true;

    /// <summary>A child with more restarts than this within <see cref="HotspotWindow"/> is a hotspot. Default 3; at least 1. The founding article's figure.</summary>
    public int HotspotRestarts { get; set; } = 3;

    /// <summary>The window of <see cref="HotspotRestarts"/>. Default 5 min; 1 s to 1 h. The founding article's figure.</summary>
    public TimeSpan HotspotWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The first quarantine of a child or domain; each further one lasts twice as long, so that what was away for a time is tried again before it has been away
    /// for twice that long. Default 5 s, which is the period of the default budget: a short outage of a database uses up the budget of a whole domain, and that
    /// is to be over soon after the outage is; 1 s to <see cref="QuarantineMax"/>.
    /// </summary>
    public TimeSpan QuarantineInitial { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest quarantine before the next try. Default 5 min; up to 1 day.</summary>
    public TimeSpan QuarantineMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How many reports a silo holds for each supervisor, and for the lessons, that have not been taken in: in a storm, or while the receiver or the database
    /// is away. Beyond it the oldest are dropped and counted by their kind. Default 20,000 reports; 100 to 1,000,000.
    /// </summary>
    public int ReportCapacity { get; set; } = 20_000;

    /// <summary>How often a crashing message may be sent on to the next activation before it is refused. Default 25; 2 to 1,000. Sets Orleans' MaxForwardCount.</summary>
    public int MaxForwardCount { get; set; } = 25;

    /// <summary>
    /// The secret with which silos sign control calls, at least 32 bytes. Default null: the silos make one and keep it in the cluster's
    /// grain storage. Set it when that storage can be read by somebody who may not control the tree.
    /// </summary>
    public byte[]? ControlKey { get; set; }

    /// <summary>
    /// The secret that lesson files are signed with when lessons go from one cluster to another, at least 32 bytes; both have the same.
    /// Default null: lessons are neither exported nor imported.
    /// </summary>
    public byte[]? LessonKey { get; set; }

    /// <summary>The seed of the jitter. Default null: every silo draws its own. Set it to repeat a run.</summary>
    public int? Seed { get; set; }

    /// <summary>
    /// What remediation may do in this tree; the stricter of this and of what an operator set for the cluster holds. Default
    /// <see cref="RemediationMode.Active"/>. Set <see cref="RemediationMode.Shadow"/> to be told for a while what would be done.
    /// </summary>
    public RemediationMode Remediation { get; set; } = RemediationMode.Active;

    /// <summary>
    /// A file with remediation rules, read at start and whenever its content changes. Default null: none. Of a file with a mistake nothing
    /// takes effect; each mistake is logged with its line and field.
    /// </summary>
    public string? RuleFile { get; set; }

    /// <summary>Remediation rules declared in code; see <see cref="SupervisionTreeBuilder.Rule"/>.</summary>
    internal List<RemediationRule> Rules { get; } = [];

    internal IEnumerable<string> FindMistakes()
    {
        if (!Enum.IsDefined(Mode))
        {
            yield return $"Mode is {Mode}; it must be Observe or Enforce.";
        }

        if (!Enum.IsDefined(TopPolicy))
        {
            yield return $"TopPolicy is {TopPolicy}; it must be Quarantine or Otp.";
        }
        else if (TopPolicy == TopPolicy.Otp && Mode != SupervisionMode.Enforce)
        {
            yield return $"TopPolicy is Otp and Mode is {Mode}; OTP's rules can only be kept when crashes are acted on: call Enforce().";
        }

        foreach (var (name, value, min, max) in new[]
        {
            (nameof(GateWait), GateWait, TimeSpan.Zero, TimeSpan.FromSeconds(25)),
            (nameof(VerificationWindow), VerificationWindow, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            (nameof(HotspotWindow), HotspotWindow, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            (nameof(QuarantineInitial), QuarantineInitial, TimeSpan.FromSeconds(1), QuarantineMax),
            (nameof(QuarantineMax), QuarantineMax, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
        })
        {
            if (value < min || value > max)
            {
                yield return $"{name} is {value}; it must be from {min} to {max}.";
            }
        }

        foreach (var (name, value, min, max) in new[]
        {
            (nameof(HotspotRestarts), HotspotRestarts, 1, int.MaxValue),
            (nameof(ReportCapacity), ReportCapacity, 100, 1_000_000),
            (nameof(MaxForwardCount), MaxForwardCount, 2, 1_000),
        })
        {
            if (value < min || value > max)
            {
                yield return $"{name} is {value}; it must be from {min} to {max}.";
            }
        }

        if (!Enum.IsDefined(Remediation))
        {
            yield return $"Remediation is {Remediation}; it must be Active, Shadow or Off.";
        }

        if (RuleFile is not null && string.IsNullOrWhiteSpace(RuleFile))
        {
            yield return "RuleFile is blank; it must be the path of a file, or null.";
        }

        foreach (var mistake in FindRuleMistakes())
        {
            yield return mistake;
        }

        if (Deadline is { } deadline && DeadlineRule.MistakeOf(deadline) is { } mistaken)
        {
            yield return $"{nameof(Deadline)} {mistaken}";
        }

        foreach (var mistake in Retries.FindMistakes())
        {
            yield return mistake;
        }

        if (ControlKey is { Length: < 32 } key)
        {
            yield return $"ControlKey has {key.Length} bytes; it must have at least 32.";
        }

        if (LessonKey is { Length: < 32 } lessons)
        {
            yield return $"LessonKey has {lessons.Length} bytes; it must have at least 32.";
        }

        foreach (var mistake in RestartPolicyRules.FindMistakes(nameof(DefaultRestart), DefaultRestart))
        {
            yield return mistake;
        }
    }

    private IEnumerable<string> FindRuleMistakes()
    {
        foreach (var rule in Rules)
        {
            foreach (var problem in RuleValidation.Find(rule with { Origin = RuleOrigin.Code }))
            {
                yield return $"Rule '{rule.Id}': {problem.Sentence}";
            }
        }

        foreach (var twice in Rules.GroupBy(rule => rule.Id).Where(group => group.Count() > 1))
        {
            yield return $"{twice.Count()} rules have the id '{twice.Key}'; ids must differ.";
        }

        var valid = Rules.Select(rule => rule with { Origin = RuleOrigin.Code }).Where(rule => RuleValidation.Find(rule).IsEmpty).ToList();
        foreach (var (rule, problem) in RuleValidation.FindInTable(valid, BuiltInRules.All))
        {
            yield return $"Rule '{rule.Id}': {problem.Sentence}";
        }
    }
}

/// <summary>What a deadline must fulfil.</summary>
internal static class DeadlineRule
{
    public static string? MistakeOf(TimeSpan deadline) =>
        deadline == Timeout.InfiniteTimeSpan || (deadline >= TimeSpan.FromMilliseconds(10) && deadline <= TimeSpan.FromDays(1))
            ? null
            : $"is {deadline}; it must be from 10 ms to 1 day, or infinite.";
}

/// <summary>What a restart policy must fulfil.</summary>
internal static class RestartPolicyRules
{
    public static IEnumerable<string> FindMistakes(string where, RestartWithBackoff policy)
    {
        if (policy.First < TimeSpan.Zero || policy.Initial < TimeSpan.Zero)
        {
            yield return $"{where} has a negative delay ({policy.Describe()}).";
        }

        if (policy.Initial > policy.Max || policy.Max > TimeSpan.FromDays(1))
        {
            yield return $"{where} has an initial delay of {policy.Initial} and a maximum of {policy.Max}; the maximum must be the larger and at most 1 day.";
        }

        if (!(policy.Factor is >= 1 and <= RuleValidation.MaxFactor) || !Enum.IsDefined(policy.Jitter))
        {
            yield return $"{where} has the factor {policy.Factor} and the jitter {policy.Jitter}; the factor must be from 1 to {RuleValidation.MaxFactor}, and the jitter Decorrelated, Full, Equal or None.";
        }
    }
}
