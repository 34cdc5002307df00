using System.Collections.Immutable;
using Prismatic.Breakers;
using Prismatic.Remediation;

namespace Prismatic.Runtime;

/// <summary>
/// Tells every silo what a control grain decided. Best effort: a silo that was not reached keeps what it knows until it asks,
/// so a failure here never undoes what was stored.
/// </summary>
internal interface ISiloBroadcast
{
    /// <summary>A new rule table. Silos take it when its version is higher than theirs. Answers what every active silo now decides from.</summary>
    Task<ImmutableArray<RulesAtSilo>> PublishRules(RuleTable table);

    /// <summary>A breaker that changed. Silos order what they hear by epoch.</summary>
    Task PublishBreaker(BreakerView view);

    /// <summary>A breaker that a silo opened before its owner has heard of it, in the last epoch that it knows. Silos that know of a later one leave it.</summary>
    Task OpenBreaker(BreakerView view);
}
