using Prismatic.Remediation;

namespace Prismatic.Runtime;

/// <summary>
/// The compiled rules that this silo decides from. Starts with the built-in ones and those of the service's code, so that a decision never
/// waits for the registry.
/// </summary>
internal sealed class LocalRules
{
    private readonly MonotonicClock _clock;
    private State _state;

    public LocalRules(CodeRules code, MonotonicClock clock)
    {
        _clock = clock;
        _state = StateOf(new RuleTable { Version = 0, Rules = RuleOrder.Sort([.. code.Rules, .. BuiltInRules.All]) });
    }

    public RuleSnapshot Current => Volatile.Read(ref _state).Snapshot;

    public RuleTable Table => Volatile.Read(ref _state).Table;

    /// <summary>When this silo took the table, by its own clock.</summary>
    public DateTimeOffset Since => Volatile.Read(ref _state).Since;

    /// <summary>Takes a newer table; an older one changes nothing.</summary>
    public void Apply(RuleTable table)
    {
        while (Volatile.Read(ref _state) is var known && table.Version > known.Table.Version)
        {
            if (Interlocked.CompareExchange(ref _state, StateOf(table), known) == known)
            {
                return;
            }
        }
    }

    private State StateOf(RuleTable table) => new(table, RuleSnapshot.From(table), _clock.Wall);

    private sealed record State(RuleTable Table, RuleSnapshot Snapshot, DateTimeOffset Since);
}
