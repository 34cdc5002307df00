using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orleans.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>What a call meets at a gate.</summary>
internal readonly record struct GateAnswer(Admission Admission, ChildStatus Status, TimeSpan? RetryAfter, string? Ticket, Task? Changed)
{
    public static readonly GateAnswer Open = new(Admission.Run, ChildStatus.Up, null, null, null);
}

/// <summary>
/// The gates of this silo: one for each child that needs attention, and one for each subtree that is shut as a whole. Normally empty.
/// Filled by what this silo saw itself and by its supervisors' directives.
/// </summary>
internal sealed class GateTable(MonotonicClock clock, SupervisedTypes types, ResetOrders resets, FailedSteps failed)
{
    /// <summary>How long a directive is remembered whose gate is gone, so that a late one does not bring the gate back.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    /// <summary>What those who are refused meanwhile are told: the supervisor judges within milliseconds where it is there.</summary>
    private static readonly TimeSpan SoonJudged = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortestHint = TimeSpan.FromMilliseconds(10);

    /// <summary>How long a supervisor waits for a start.</summary>
    private static readonly TimeSpan OrderedFor = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<GrainId, ChildGate> _gates = new();

    /// <summary>The starts that supervisors numbered, which is OTP's way; known also while there is no gate.</summary>
    private readonly ConcurrentDictionary<GrainId, long> _starts = new();

    /// <summary>Starts that a supervisor waits for, until when they count; used up by the next activation.</summary>
    private readonly ConcurrentDictionary<GrainId, TimeSpan> _ordered = new();
    private readonly Lock _subtreeLock = new();
    private readonly Dictionary<(string Supervisor, string Path), (long Version, TimeSpan At)> _heard = [];
    private readonly Dictionary<string, long> _epochs = [];
    private ImmutableArray<SubtreeGate> _subtrees = [];

    public int Count => _gates.Count + _subtrees.Length;

    /// <summary>Whether there is any gate; costs no lock, where counting takes them all.</summary>
    public bool Any => !_gates.IsEmpty || _subtrees.Length > 0;

    public bool TryGet(GrainId grain, out ChildGate gate) => _gates.TryGetValue(grain, out gate!);

    /// <summary>The child's start that runs here as far as this silo was told; 0 where supervisors do not number them.</summary>
    public long StartOf(GrainId grain) => _starts.GetValueOrDefault(grain);

    /// <summary>Whether a call to <paramref name="grain"/> must ask: it has a gate, or some subtree is shut.</summary>
    public bool MayConcern(GrainId grain) => _subtrees.Length > 0 || _gates.ContainsKey(grain);

    /// <summary>What a call to <paramref name="grain"/> meets now.</summary>
    /// <param name="grain">The child's grain.</param>
    /// <param name="child">The child.</param>
    /// <param name="ordered">Whether its supervisor has just ordered its start, which nothing holds that only waits for a supervisor.</param>
    public GateAnswer Ask(GrainId grain, SupervisedChild child, bool ordered = false)
    {
        var now = clock.Now;
        foreach (var subtree in _subtrees)
        {
            if (subtree.ShutAt(now) && !(ordered && subtree.IsHold) && ChildPath.IsUnder(child.Spec.Path, subtree.Path))
            {
                return subtree.Answer(now);
            }
        }

        if (!_gates.TryGetValue(grain, out var gate))
        {
            return GateAnswer.Open;
        }

        lock (gate)
        {
            var status = gate.StatusAt(now);
            var admission = ChildStates.Of(status).Caller;
            return admission == Admission.Run
                ? GateAnswer.Open
                : new GateAnswer(admission, status, admission == Admission.RefuseForGood ? null : Hint(gate.ReadyAt - now), gate.Ticket, gate.Changed);
        }
    }

    /// <summary>
    /// Waits until the gate lets a call run; throws the typed refusal when it will not within <paramref name="limit"/>. A start that a supervisor waits for
    /// does not wait here: what holds it may be a crash that this supervisor, or the one above it, can only judge when it has its answer.
    /// </summary>
    /// <exception cref="ChildUnavailableException">The gate outlasts the limit.</exception>
    public async Task Pass(GrainId grain, SupervisedChild child, TimeSpan limit, CancellationToken cancellation)
    {
        var ordered = TakeOrder(grain);
        var deadline = ordered ? clock.Now : clock.Now + limit;
        while (Ask(grain, child, ordered) is { Admission: not (Admission.Run or Admission.Redirect) } answer)
        {
            var left = deadline - clock.Now;
            if (answer.Admission != Admission.Wait || left <= TimeSpan.Zero || answer.RetryAfter > left)
            {
                throw new ChildUnavailableException(child.PathOf(grain), answer.Status, answer.RetryAfter, answer.Ticket) { Grain = grain };
            }

            var wait = answer.RetryAfter is { } retry && retry < left ? retry : left;
            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var delay = Task.Delay(wait, clock.TimeProvider, timer.Token);
            await Task.WhenAny(delay, answer.Changed ?? delay);
            await timer.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Whether a supervisor waits for that start; from now on it does not count any more.</summary>
    public bool TakeOrder(GrainId grain) => _ordered.ContainsKey(grain) && _ordered.TryRemove(grain, out var until) && clock.Now < until;

    /// <summary>The gate of a child, made when there is none.</summary>
    public ChildGate Attend(GrainId grain, SupervisedChild child)
    {
        while (true)
        {
            if (_gates.TryGetValue(grain, out var known))
            {
                return known;
            }

            var gate = new ChildGate(grain, child) { KeepUntil = TimeSpan.MaxValue };
            if (_gates.TryAdd(grain, gate))
            {
                Attend(child.Type, 1);
                return gate;
            }
        }
    }

    /// <summary>
    /// Shuts the gates of the siblings that restart with a crashed child until its supervisor's round reaches this silo, at most for
    /// <paramref name="lease"/>. False when there are none.
    /// </summary>
    public bool HoldSiblings(SupervisedChild failed, TimeSpan lease) => failed.Supervisor.Strategy != RestartStrategy.OneForOne && HoldScope(failed, lease);

    private bool HoldScope(SupervisedChild failed, TimeSpan lease)
    {
        string[] siblings = [.. failed.Supervisor.Children.Select(child => child.Path), .. types.AddedUnder(failed.Supervisor.Path).Select(child => child.Spec.Path)];
        var scope = siblings[RestartScope.Of(failed.Supervisor.Strategy, Array.IndexOf(siblings, failed.Spec.Path))];
        foreach (var path in scope.Where(path => path != failed.Spec.Path))
        {
            SetSubtree(new SubtreeGate(path, failed.Supervisor.Path, ChildStatus.BackingOff, clock.Now + lease, null, Version: 0, clock.Now, [.. types.TypesUnder(path)]));
        }

        return scope.Length > 1;
    }

    /// <summary>Shuts the gate of a child that ended by itself until its supervisor has judged, at most for <paramref name="lease"/>. A gate that is shut already stays as it is.</summary>
    public void Hold(GrainId grain, SupervisedChild child, ChildStatus status, TimeSpan lease)
    {
        var now = clock.Now;
        var gate = Attend(grain, child);
        lock (gate)
        {
            if (ChildStates.Of(gate.StatusAt(now)).Caller != Admission.Run)
            {
                return;
            }

            gate.Status = status;
            gate.ReadyAt = now + SoonJudged;
            gate.LeaseUntil = now + lease;
            gate.KeepUntil = gate.KeepUntil == TimeSpan.MaxValue ? gate.LeaseUntil : TimeSpan.FromTicks(Math.Max(gate.KeepUntil.Ticks, gate.LeaseUntil.Ticks));
            gate.SignalChange();
        }
    }

    /// <summary>Opens a gate that was held.</summary>
    public void Release(GrainId grain)
    {
        if (_gates.TryGetValue(grain, out var gate))
        {
            lock (gate)
            {
                gate.Status = ChildStatus.Up;
                gate.LeaseUntil = TimeSpan.MaxValue;
                gate.SignalChange();
            }
        }
    }

    /// <summary>The activation that takes the place of a hung one is there: its calls may run.</summary>
    public void FreshActivation(IGrainContext context)
    {
        if (_gates.TryGetValue(context.GrainId, out var gate))
        {
            lock (gate)
            {
                if (gate.Status == ChildStatus.Hung && gate.CrashedActivation != context.ActivationId)
                {
                    gate.Status = ChildStatus.Restarting;
                    gate.SignalChange();
                }
            }
        }
    }

    public void Apply(Directive directive)
    {
        if (!IsNews(directive))
        {
            return;
        }

        if (directive is { Starts: true, Grain: { } started })
        {
            _ordered[started] = clock.Now + OrderedFor;
        }
        else if (directive is { OnlyStart: false, Grain: { } other })
        {
            _ordered.TryRemove(other, out _);
        }

        if (directive.Added is { } added)
        {
            types.Add(ChildPath.Parent(directive.Path)!, added);
        }

        if (directive is { OnlyStart: true, Grain: { } running })
        {
            _starts[running] = directive.Incarnation;
        }
        else if (types.Find(directive.Path) is { } child && directive.Grain is { } grain)
        {
            RemoveSubtree(directive.Path, directive.Supervisor);
            ApplyToChild(directive, grain, child);
        }
        else
        {
            ApplyToSubtree(directive);
        }

        if (directive.Removed)
        {
            types.Remove(directive.Path);

            // Nothing that was seen of it concerns whoever is added in its place.
            if (directive.Grain is { } removed)
            {
                _starts.TryRemove(removed, out _);
                if (_gates.TryGetValue(removed, out var gate))
                {
                    Remove(gate);
                }
            }
        }
    }

    /// <summary>
    /// Takes in all that is in force at a supervisor. A stop that this silo was told before <paramref name="askedAt"/> and that is not among it
    /// has ended while the silo could not be reached; all other states end by themselves.
    /// </summary>
    public void ApplyAll(string supervisor, IReadOnlyCollection<Directive> inForce, TimeSpan askedAt)
    {
        foreach (var directive in inForce)
        {
            Apply(directive);
        }

        var known = inForce.Where(directive => !directive.OnlyStart).Select(directive => directive.Path).ToHashSet();
        foreach (var gate in _gates.Values.Where(gate => gate.Child.Supervisor.Path == supervisor))
        {
            lock (gate)
            {
                if (gate.Status == ChildStatus.Stopped && gate.ToldAt < askedAt && !known.Contains(gate.Path))
                {
                    Remove(gate);
                }
            }
        }

        foreach (var subtree in _subtrees.Where(gate => gate.Supervisor == supervisor && gate.Status == ChildStatus.Stopped && gate.ToldAt < askedAt && !known.Contains(gate.Path)))
        {
            RemoveSubtree(subtree.Path, supervisor);
        }
    }

    /// <summary>Drops the gates that are no longer needed.</summary>
    public void Sweep()
    {
        var now = clock.Now;
        foreach (var gate in _gates.Values)
        {
            lock (gate)
            {
                if (now >= gate.KeepUntil)
                {
                    Remove(gate);
                }
            }
        }

        foreach (var subtree in _subtrees.Where(subtree => !subtree.ShutAt(now)))
        {
            RemoveSubtree(subtree.Path, subtree.Supervisor);
        }

        lock (_heard)
        {
            foreach (var old in _heard.Where(heard => now - heard.Value.At > Remembered).ToList())
            {
                _heard.Remove(old.Key);
            }
        }
    }

    /// <summary>
    /// Whether a directive is newer than what its supervisor said before of the same place, and not of an earlier activation of the supervisor.
    /// </summary>
    private bool IsNews(Directive directive)
    {
        lock (_heard)
        {
            var epoch = DirectiveVersion.EpochOf(directive.Version);
            var place = (directive.Supervisor, directive.Path);
            if (epoch < _epochs.GetValueOrDefault(directive.Supervisor) || (_heard.TryGetValue(place, out var heard) && directive.Version <= heard.Version))
            {
                return false;
            }

            _epochs[directive.Supervisor] = epoch;
            _heard[place] = (directive.Version, clock.Now);
            return true;
        }
    }

    private void ApplyToChild(Directive directive, GrainId grain, SupervisedChild child)
    {
        // A start that the supervisor orders, which OTP's rules number, is newer than all that was seen of the one before.
        var ordered = directive.Incarnation != 0 && directive.Incarnation != StartOf(grain);
        if (ordered)
        {
            _starts[grain] = directive.Incarnation;
        }

        if (directive.Reset is { } reset)
        {
            resets.Order(grain, reset);
        }

        if (directive.Status == ChildStatus.Idle && !_gates.ContainsKey(grain))
        {
            failed.Told(directive.Path, directive.Failed, knowsAll: true);
            return;
        }

        var now = clock.Now;
        var gate = Attend(grain, child);
        lock (gate)
        {
            var newerCrashHere = gate.Unjudged && gate.CrashId != directive.CrashId && !ordered;
            var strict = directive.Status is ChildStatus.Quarantined or ChildStatus.Stopped;
            if (directive.Version <= gate.Version)
            {
                return;
            }

            failed.Told(directive.Path, directive.Failed, knowsAll: !newerCrashHere);
            if (newerCrashHere && !strict)
            {
                return;
            }

            gate.Version = directive.Version;
            if (directive.Status == ChildStatus.Idle)
            {
                Remove(gate);
                return;
            }

            if (gate.CrashId != directive.CrashId)
            {
                gate.CrashId = directive.CrashId;
                gate.Method = directive.Method;
                gate.SeenAt = null;
                gate.Served = directive.Served;
                (gate.Pending, gate.PendingUntil) = (directive.Pending, now + directive.PendingFor);
            }

            // The silo that saw the crash chose the delay and counts it from there: the supervisor's echo never lengthens it.
            var readyAt = now + directive.Wait;
            gate.ReadyAt = gate.Unjudged && !newerCrashHere && gate.Status == directive.Status && gate.ReadyAt < readyAt ? gate.ReadyAt : readyAt;
            gate.Status = gate.Served && !strict ? ChildStatus.Up : directive.Status;
            gate.ToldAt = now;
            gate.LeaseUntil = directive.Lease is { } lease ? now + lease : TimeSpan.MaxValue;
            gate.Unjudged = newerCrashHere;
            gate.KeepUntil = directive.Status == ChildStatus.Stopped ? gate.LeaseUntil : (directive.Lease is { } kept ? now + kept : gate.ReadyAt) + directive.VerifyFor;
            gate.Ticket = directive.Ticket;
            gate.SignalChange();
        }
    }

    private void ApplyToSubtree(Directive directive)
    {
        if (ChildStates.Of(directive.Status).Caller == Admission.Run)
        {
            RemoveSubtree(directive.Path, directive.Supervisor);
            return;
        }

        var now = clock.Now;
        var until = directive.Status == ChildStatus.Stopped ? TimeSpan.MaxValue : now + directive.Wait;
        until = directive.Lease is { } lease ? now + lease : until;
        SetSubtree(new SubtreeGate(directive.Path, directive.Supervisor, directive.Status, until, directive.Ticket, directive.Version, now, [.. types.TypesUnder(directive.Path)]));
    }

    private void SetSubtree(SubtreeGate gate)
    {
        lock (_subtreeLock)
        {
            if (_subtrees.FirstOrDefault(known => known.Path == gate.Path && known.Supervisor == gate.Supervisor) is { } known && known.Version > gate.Version)
            {
                return;
            }

            RemoveSubtree(gate.Path, gate.Supervisor);
            _subtrees = _subtrees.Add(gate);
            AttendAll(gate.Attended, 1);
        }
    }

    private void RemoveSubtree(string path, string supervisor)
    {
        if (_subtrees.IsEmpty)
        {
            return;
        }

        lock (_subtreeLock)
        {
            if (_subtrees.FirstOrDefault(gate => gate.Path == path && gate.Supervisor == supervisor) is { } removed)
            {
                _subtrees = _subtrees.Remove(removed);
                AttendAll(removed.Attended, -1);
                removed.Changed.TrySetResult();
            }
        }
    }

    private static void AttendAll(ImmutableArray<SupervisedType> attended, int change)
    {
        foreach (var type in attended)
        {
            type.Attend(change);
        }
    }

    private void Remove(ChildGate gate)
    {
        if (_gates.TryRemove(new KeyValuePair<GrainId, ChildGate>(gate.Grain, gate)))
        {
            Attend(gate.Child.Type, -1);
            resets.Done(gate.Grain);
            gate.SignalChange();
        }
    }

    private void Attend(GrainType type, int change)
    {
        if (types.TryGet(type, out var supervised))
        {
            supervised.Attend(change);
        }
    }

    /// <summary>When to look again; where nobody can say, soon.</summary>
    private static TimeSpan Hint(TimeSpan left) => left > ShortestHint ? left : ShortestHint;

    private sealed record SubtreeGate(string Path, string Supervisor, ChildStatus Status, TimeSpan Until, string? Ticket, long Version, TimeSpan ToldAt, ImmutableArray<SupervisedType> Attended)
    {
        public TaskCompletionSource Changed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Whether this silo shut it by itself, until a supervisor has judged a crash: see <see cref="HoldSiblings"/>.</summary>
        public bool IsHold => Version == 0;

        public bool ShutAt(TimeSpan now) => now < Until;

        public GateAnswer Answer(TimeSpan now)
        {
            var admission = ChildStates.Of(Status).Caller;
            return new GateAnswer(admission, Status, admission == Admission.RefuseForGood ? null : Until - now, Ticket, Changed.Task);
        }
    }
}
