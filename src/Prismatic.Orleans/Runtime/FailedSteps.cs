using System.Collections.Concurrent;
using System.Collections.Immutable;
using Prismatic.Remediation;

namespace Prismatic.Runtime;

/// <summary>
/// What did not help the children that this silo may have to decide about: told by their supervisors, which keep it, and seen here first when
/// a failure comes back to the silo that treated it. Outlives a child's gate, since a supervisor remembers longer than a gate is needed.
/// </summary>
internal sealed class FailedSteps
{
    // Each entry is a child in trouble. Beyond it something else is wrong, and a ladder that begins anew is the smaller harm.
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<string, ImmutableArray<FailedStep>> _steps = new();

    public int Count => _steps.Count;

    public ImmutableArray<FailedStep> Of(string child) => _steps.TryGetValue(child, out var steps) ? steps : [];

    /// <summary>This silo saw a remedy fail.</summary>
    public void Failed(string child, string group, string rule, int step, RemediationAction asked, RemediationAction applied) =>
        Set(child, Ladder.Failed(Of(child), group, rule, step, asked, applied));

    /// <summary>The supervisor says what failed. It may not know yet of a crash that this silo has just seen; then both are kept.</summary>
    public void Told(string child, ImmutableArray<FailedStep>? told, bool knowsAll)
    {
        if (told is { } steps)
        {
            Set(child, knowsAll ? steps : Ladder.Merge(steps, Of(child)));
        }
    }

    private void Set(string child, ImmutableArray<FailedStep> steps)
    {
        if (steps.IsDefaultOrEmpty)
        {
            _steps.TryRemove(child, out _);
        }
        else if (_steps.Count < Most || _steps.ContainsKey(child))
        {
            _steps[child] = steps;
        }
    }
}
