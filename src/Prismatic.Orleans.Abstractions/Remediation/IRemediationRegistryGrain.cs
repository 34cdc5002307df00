using System.Collections.Immutable;
using Prismatic.Supervision;

namespace Prismatic.Remediation;

/// <summary>The rule table of the cluster, with the version that silos compare.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.RuleTable")]
public sealed record RuleTable
{
    /// <summary>Grows with each change.</summary>
    [Id(0)] public required long Version { get; init; }

    /// <summary>All rules, in the order in which they are tried.</summary>
    [Id(1)] public required ImmutableArray<RemediationRule> Rules { get; init; }

    /// <summary>What remediation may do. Default <see cref="RemediationMode.Active"/>.</summary>
    [Id(2)] public RemediationMode Mode { get; init; }
}

/// <summary>
/// The registry of remediations, one for the cluster, at key <see cref="Key"/>. Silos hold a compiled copy and decide from it
/// alone; this grain may be gone while they do.
/// </summary>
[Alias("prismatic.IRemediationRegistryGrain")]
public interface IRemediationRegistryGrain : IGrainWithStringKey
{
    /// <summary>The key of the one registry.</summary>
    const string Key = "registry";

    /// <summary>All rules.</summary>
    [Alias("GetRules")]
    Task<RuleTable> GetRules();

    /// <summary>The rule that would be applied to <paramref name="crash"/>: what a person asks before trusting a rule.</summary>
    [Alias("Lookup")]
    Task<RemediationRule> Lookup(CrashFacts crash);

    /// <summary>What the rules would do about a crash as .NET prints it.</summary>
    /// <param name="exceptionText">The text of the exception: type, message, inner exceptions, stack. At most 64 KB.</param>
    /// <param name="child">The child's path, for rules that name one; empty for none.</param>
    /// <exception cref="ArgumentException">The text is no exception.</exception>
    [Alias("Try")]
    Task<CrashTrial> Try(string exceptionText, string child);

    /// <summary>Adds a rule or replaces the one with its id; durable when this returns, and the answer says which silos decide from it.</summary>
    /// <exception cref="ArgumentException">
    /// The rule is not valid, or ties with another one: both could match the same crash with the same specificity and priority, and they do not
    /// say the same.
    /// </exception>
    [Control, Alias("Register")]
    Task<RuleReceipt> Register(RemediationRule rule);

    /// <summary>Replaces all rules that came from the rule file by these, all or none; durable when this returns.</summary>
    /// <exception cref="ArgumentException">A rule is not valid or ties; no rule has changed.</exception>
    [Control, Alias("ReplaceFile")]
    Task<RuleReceipt> ReplaceFile(ImmutableArray<RemediationRule> rules);

    /// <summary>Removes a rule that was registered or learned; a built-in rule can only be outranked. False when there is none.</summary>
    [Control, Alias("Remove")]
    Task<bool> Remove(string ruleId);

    /// <summary>Switches remediation on, to shadow, or off, on all silos; durable when this returns, and told as an event.</summary>
    /// <param name="mode">What remediation may do from now on.</param>
    /// <param name="reason">Why, 1 to 500 characters; stands in the event.</param>
    /// <exception cref="ArgumentException">The mode or the reason is not valid.</exception>
    [Control, Alias("SetMode")]
    Task<RuleReceipt> SetMode(RemediationMode mode, string reason);
}
