using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>What the crash's own silo does at once.</summary>
/// <param name="Applied">The remediation that is really carried out: a redirect without a fallback is a break of the target that the crash names, and without one, like a break that knows no target and a reset without evidence, the child's own restart.</param>
/// <param name="Status">The state that the child's gate takes on.</param>
/// <param name="Delay">How long that state lasts.</param>
/// <param name="EndActivation">Whether the activation ends.</param>
/// <param name="BreakTarget">The breaker to open for <paramref name="BreakFor"/>, or null.</param>
/// <param name="BreakFor">How long.</param>
/// <param name="ResetState">Whether the next activation puts back the last known-good state.</param>
internal readonly record struct LocalVerdict(
    RemediationAction Applied,
    ChildStatus Status,
    TimeSpan Delay,
    bool EndActivation,
    string? BreakTarget,
    TimeSpan BreakFor,
    bool ResetState);

/// <summary>
/// The decision in the crash's own silo, from the rule that matched and what this silo knows of the child. A pure function: whatever
/// needs the wider view (siblings, windows, budgets, quarantine) is the supervisor's, which may overrule.
/// </summary>
internal static class LocalDecision
{
    public static LocalVerdict Of(
        RemediationAction action,
        CrashFacts facts,
        RestartWithBackoff restart,
        bool hasFallback,
        int crashesInRun,
        TimeSpan lastDelay,
        Random random)
    {
        switch (action)
        {
            case RestartWithStateReset when facts.StateDamaged:
                return Restart(action, ChildStatus.Resetting, TimeSpan.Zero) with { ResetState = true };

            case RestartWithBackoff own:
                return Delayed(action, own);

            case RedirectToFallback redirect when hasFallback:
                return Restart(action, ChildStatus.Fallback, redirect.Duration);

            case RedirectToFallback redirect when facts.Target is { } unreachable:
                // Nobody stands in for the worker: then it is the target that is spared, and its callers are told at once.
                return Delayed(new CircuitBreak { Duration = redirect.Duration }, restart) with { BreakTarget = unreachable, BreakFor = redirect.Duration };

            case CircuitBreak circuit when (circuit.Target ?? facts.Target) is { } target:
                return Delayed(action, restart) with { BreakTarget = target, BreakFor = circuit.Duration };

            case Escalate:
                return Delayed(action, restart);

            default:
                return Delayed(restart, restart);
        }

        LocalVerdict Delayed(RemediationAction applied, RestartWithBackoff policy)
        {
            var delay = Backoff.Next(policy, crashesInRun, lastDelay, random);
            return Restart(applied, delay > TimeSpan.Zero ? ChildStatus.BackingOff : ChildStatus.Restarting, delay);
        }

        static LocalVerdict Restart(RemediationAction applied, ChildStatus status, TimeSpan delay) =>
            new(applied, status, delay, true, null, TimeSpan.Zero, false);
    }
}
