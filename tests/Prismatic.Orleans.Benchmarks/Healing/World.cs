using Orleans.Runtime;
using Prismatic.Drills;
using Prismatic.Storage;

namespace Prismatic.Healing;

/// <summary>A fault that is striking: what has become of one incident so far.</summary>
internal sealed class ActiveIncident(Incident incident, TimeSpan begun)
{
    public Incident Incident => incident;

    /// <summary>When it really began: later than planned where the one before was still going on.</summary>
    public TimeSpan Begun => begun;

    /// <summary>When it was over; null while it goes on.</summary>
    public TimeSpan? Over { get; set; }

    /// <summary>Whether a remedy took its cause away, where only a remedy can.</summary>
    public bool Cured { get; set; }

    /// <summary>The activation whose memory is wrong.</summary>
    public ActivationId? Sick { get; set; }

    /// <summary>How many of the planned strikes have happened.</summary>
    public int Struck { get; set; }

    /// <summary>The moment of the next planned strike; null when there is none.</summary>
    public TimeSpan? NextStrike => Struck < incident.Strikes.Count ? begun + incident.Strikes[Struck] : null;

    /// <summary>The argument of the request that is at fault.</summary>
    public string BadRequest => $"bad request {incident.Number}";
}

/// <summary>
/// What really happens: it throws in turns and activations by the nature of the incident that is striking, and lets everything else pass.
/// It hears of remedies only where they reach it: a fresh activation, a reset, time.
/// </summary>
internal sealed class World(int seed) : IFaultSource
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ActiveIncident> _active = [];
    private readonly Dictionary<string, string?> _targets = [];
    private int _thrown;

    /// <summary>The virtual moment, set by the driver.</summary>
    public TimeSpan Now { get; set; }

    /// <summary>Every strike since the last look, in order.</summary>
    public Queue<ActiveIncident> Strikes { get; } = new();

    public ActiveIncident? At(string child)
    {
        lock (_lock)
        {
            return _active.GetValueOrDefault(child);
        }
    }

    public ActiveIncident Begin(Incident incident)
    {
        lock (_lock)
        {
            var active = new ActiveIncident(incident, Now);
            _active[incident.Kind.Child] = active;
            _targets[incident.Kind.Child] = incident.Kind.Target;
            return active;
        }
    }

    /// <summary>A person mends what a person can.</summary>
    public void Mend(string child)
    {
        lock (_lock)
        {
            if (_active.TryGetValue(child, out var active) && Cures.CanBeMended(active.Incident.Nature))
            {
                active.Over ??= Now;
            }
        }
    }

    /// <summary>The state of a child was reset.</summary>
    public void Reset(string child)
    {
        lock (_lock)
        {
            if (_active.TryGetValue(child, out var active) && active.Incident.Nature == Nature.Damaged)
            {
                active.Cured = true;
            }
        }
    }

    /// <summary>Strikes since the last look.</summary>
    public List<ActiveIncident> TakeStrikes()
    {
        lock (_lock)
        {
            var strikes = Strikes.ToList();
            Strikes.Clear();
            return strikes;
        }
    }

    /// <summary>All calls of a child that has a target go through its breaker, those that fail and those that do not.</summary>
    public FaultStrike? InTurn(in StruckTurn turn)
    {
        lock (_lock)
        {
            var target = _targets.GetValueOrDefault(turn.Child);
            if (target is null && !_active.ContainsKey(turn.Child))
            {
                return null;
            }

            var reached = turn;
            return new FaultStrike(target, () => new ValueTask<Exception?>(Exception(reached)));
        }
    }

    public FaultStrike? InActivation(string child, IGrainContext context)
    {
        lock (_lock)
        {
            return _active.TryGetValue(child, out var active) && active is { Over: null, Cured: false, Incident.Nature: Nature.Damaged }
                ? new FaultStrike(null, () => new ValueTask<Exception?>(Struck(active)))
                : null;
        }
    }

    private Exception Struck(ActiveIncident active)
    {
        lock (_lock)
        {
            return Throw(active);
        }
    }

    private Exception? Exception(StruckTurn turn)
    {
        lock (_lock)
        {
            if (!_active.TryGetValue(turn.Child, out var active) || active.Over is not null)
            {
                return null;
            }

            if (!StrikesTurn(active, turn))
            {
                return null;
            }

            return Throw(active);
        }
    }

    private bool StrikesTurn(ActiveIncident active, in StruckTurn turn)
    {
        var incident = active.Incident;
        switch (incident.Nature)
        {
            case Nature.Glitch:
                active.Sick ??= turn.Context.ActivationId;
                if (active.Sick == turn.Context.ActivationId)
                {
                    return true;
                }

                active.Over = Now;
                return false;

            case Nature.Outage or Nature.Starved:
                if (Now < active.Begun + incident.Lasts)
                {
                    return true;
                }

                active.Over = Now;
                return false;

            case Nature.Passing or Nature.Incurable:
                if (active.NextStrike is not { } due)
                {
                    active.Over = Now;
                    return false;
                }

                if (Now < due)
                {
                    return false;
                }

                active.Struck++;
                return true;

            case Nature.Request:
                if (turn.Request != active.BadRequest)
                {
                    active.Over = active.NextStrike is null ? Now : null;
                    return false;
                }

                active.Struck++;
                return true;

            default:
                // The record was damaged, and the activation came up all the same: it was reset, or a person mended it.
                active.Over = Now;
                return false;
        }
    }

    private Exception Throw(ActiveIncident active)
    {
        Strikes.Enqueue(active);
        var look = active.Incident.Kind.Look;
        if (active.Incident.Nature == Nature.Damaged)
        {
            return new StateDamagedException("record", active.Incident.Kind.Child, "its checksum is wrong");
        }

        var random = new Random((seed * 1_000_003) + ++_thrown);
        return (look with { Message = Filled(look.Message, random) }).Make("", "healing");
    }

    private static string Filled(string message, Random random)
    {
        while (message.IndexOf('{', StringComparison.Ordinal) is >= 0 and var open && message.IndexOf('}', open) is > 0 and var close)
        {
            var value = message[(open + 1)..close] switch
            {
                "n" => $"{random.Next(1, 100_000)}",
                "ms" => $"{random.Next(1_000, 60_000)}",
                "host" => $"10.{random.Next(256)}.{random.Next(256)}.{random.Next(1, 255)}",
                "id" => $"{random.NextInt64():x16}",
                var other => throw new InvalidOperationException($"'{other}' is no part of a message."),
            };
            message = $"{message[..open]}{value}{message[(close + 1)..]}";
        }

        return message;
    }
}
