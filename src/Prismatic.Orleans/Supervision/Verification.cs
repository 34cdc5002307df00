using Prismatic.Remediation;

namespace Prismatic.Supervision;

/// <summary>How long a failure must stay away before its remedy counts as having healed it.</summary>
internal static class Verification
{
    /// <summary>
    /// After the child may run again: at least <paramref name="window"/>, twice the delay, and for a break its duration once more, so that
    /// the probe is seen.
    /// </summary>
    public static TimeSpan WindowFor(RemediationAction action, TimeSpan delay, TimeSpan window)
    {
        var longest = TimeSpan.FromTicks(Math.Max(window.Ticks, 2 * delay.Ticks));
        return action is CircuitBreak circuit && circuit.Duration + window > longest ? circuit.Duration + window : longest;
    }
}
