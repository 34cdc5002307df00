using Prismatic.Supervision;

namespace Prismatic.Introspection;

/// <summary>What the score counts.</summary>
/// <param name="Children">Workers and families that the tree declares. Members of families are not among them: a member that falls ill must not make the whole larger.</param>
/// <param name="Verifying">Children whose last remedy is still being verified.</param>
/// <param name="Waiting">Children that are restarting, backing off, being reset, hung, or answered for by a fallback.</param>
/// <param name="Shut">Children that are quarantined or stopped, themselves or with their domain, and those whose supervisor does not answer.</param>
/// <param name="Hotspots">Children that restart more than 3 times in 5 minutes.</param>
/// <param name="OpenTickets">Tickets that wait for a person.</param>
/// <param name="Unknown">Supervisors and silos that did not answer: what is not known is not healthy.</param>
internal readonly record struct HealthFacts(int Children, int Verifying, int Waiting, int Shut, int Hotspots, int OpenTickets, int Unknown);

/// <summary>
/// The health score, 0 to 100:
/// <code>score = 100 · (1 − (0.1·verifying + 0.5·waiting + 1·shut) / children) − 5·hotspots − 2·open tickets − 10·unknown</code>
/// cut off at 0 and 100. Every fact can only lower it, and a failure can only move a child to a costlier fact, so that it never rises because
/// something failed: children of a supervisor that does not answer count as shut, not as gone.
/// </summary>
internal static class HealthScore
{
    public static double Of(HealthFacts facts)
    {
        if (facts.Children == 0)
        {
            return Math.Max(0, 100 - (10 * facts.Unknown));
        }

        var share = ((0.1 * facts.Verifying) + (0.5 * facts.Waiting) + facts.Shut) / facts.Children;
        var score = (100 * (1 - share)) - (5 * facts.Hotspots) - (2 * facts.OpenTickets) - (10 * facts.Unknown);
        return Math.Round(Math.Clamp(score, 0, 100), 1);
    }

    /// <summary>Which fact a child is; null when it is healthy.</summary>
    public static Func<HealthFacts, HealthFacts>? FactOf(ChildStatus status, bool verifying) => status switch
    {
        ChildStatus.Quarantined or ChildStatus.Stopped => facts => facts with { Shut = facts.Shut + 1 },
        ChildStatus.Restarting or ChildStatus.BackingOff or ChildStatus.Resetting or ChildStatus.Hung or ChildStatus.Fallback =>
            facts => facts with { Waiting = facts.Waiting + 1 },
        _ when verifying => facts => facts with { Verifying = facts.Verifying + 1 },
        _ => null,
    };
}
