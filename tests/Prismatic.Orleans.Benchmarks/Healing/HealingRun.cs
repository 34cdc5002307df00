using Orleans.Runtime;
using Prismatic.Drills;
using Prismatic.Events;
using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Healing;

/// <summary>
/// One arm through one mix: begins incidents, calls as callers do, sends people where they are called, and writes down what happened.
/// Between two things that are due the clock jumps; nothing else moves it.
/// </summary>
internal sealed class HealingRun
{
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PersonComes = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan AlertAfter = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan HotspotWindow = TimeSpan.FromMinutes(5);
    private const int HotspotCrashes = 3;

    /// <summary>When a child that has recovered is called again, so that what was done can be seen to have held.</summary>
    private static readonly TimeSpan[] FollowUps = [TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(65), TimeSpan.FromSeconds(130)];

    private readonly HealingSilo _silo;
    private readonly Mix _mix;
    private readonly World _world;
    private readonly DateTimeOffset _start;
    private readonly Dictionary<string, Caller> _callers;
    private readonly Dictionary<string, Queue<Incident>> _held = [];
    private readonly List<Strike> _strikes = [];
    private readonly Dictionary<string, FaultKind> _kindOfCrash = [];
    private readonly Dictionary<string, Strike> _strikeOfCrash = [];
    private readonly HashSet<int> _seen = [];
    private readonly HashSet<int> _accepted = [];
    private readonly Dictionary<int, Alert> _alerts = [];
    private readonly HashSet<int> _unanswered = [];
    private readonly Dictionary<string, TimeSpan> _onTheWay = [];
    private readonly PriorityQueue<Func<Task>, TimeSpan> _people = new();
    private readonly List<string> _story = [];
    private TimeSpan _down;
    private int _tickets;

    private HealingRun(HealingSilo silo, Mix mix, int seed)
    {
        _silo = silo;
        _mix = mix;
        _world = new World(seed);
        _start = silo.Time.GetUtcNow();
        _callers = mix.All.Select(kind => kind.Child).Distinct()
            .ToDictionary(child => child, child => new Caller(child, silo.Grains.GetGrain(silo.Types.GrainAt(child)!.Value).AsReference<IDrillProbe>()));
    }

    public static async Task<HealingFigures> Run(HealingArm arm, int seed, bool explain, Action<string> progress)
    {
        var mix = Mix.Of(seed);
        await using var silo = await HealingSilo.Start(arm, seed);
        var run = new HealingRun(silo, mix, seed);
        foreach (var caller in run._callers.Values)
        {
            await caller.Probe.Call("first");
        }

        silo.Faults.Source = run._world;
        silo.Events.ResetOrdered = run._world.Reset;
        await run.Drive(progress);
        foreach (var line in explain ? run._story.Concat(Ledger.ByKind(run._strikes)) : [])
        {
            progress(line);
        }

        return Ledger.Figures(run._strikes, run._alerts, run._unanswered.Count, run._tickets, run._down, Mix.Horizon * run._callers.Count, mix.Plan.Count);
    }

    private TimeSpan Now => _silo.Time.GetUtcNow() - _start;

    private async Task Drive(Action<string> progress)
    {
        var next = 0;
        while (true)
        {
            var due = NextDue(next < _mix.Plan.Count ? _mix.Plan[next].At : null);
            if (due is not { } moment)
            {
                break;
            }

            Step(moment);
            while (next < _mix.Plan.Count && _mix.Plan[next].At <= Now)
            {
                Hold(_mix.Plan[next]);
                if (++next % 100 == 0)
                {
                    progress($"{_silo.Arm}: {next} of {_mix.Plan.Count} incidents, {_strikes.Count} crashes, {_tickets} tickets, {_alerts.Count} alerts");
                }
            }

            await Release();
            await Call();
            Note();
            while (_people.TryPeek(out var come, out var at) && at <= Now)
            {
                _people.Dequeue();
                await come();
                Note();
            }
        }

        foreach (var caller in _callers.Values)
        {
            Down(caller, Now);
        }
    }

    private TimeSpan? NextDue(TimeSpan? incident)
    {
        var moments = new List<TimeSpan>();
        if (incident is { } known)
        {
            moments.Add(known);
        }

        if (_people.TryPeek(out _, out var person))
        {
            moments.Add(person);
        }

        if (_held.Values.Any(queue => queue.Count > 0))
        {
            moments.Add(Now + TimeSpan.FromSeconds(1));
        }

        foreach (var caller in _callers.Values)
        {
            if (caller.Running is not null)
            {
                moments.Add(_silo.Time.NextDue ?? Now + LongestStep);
            }
            else if (caller.NextAt is { } at)
            {
                moments.Add(at);
            }
        }

        return moments.Count == 0 ? null : moments.Min();
    }

    private void Step(TimeSpan to)
    {
        do
        {
            _world.Now = Now + LongestStep < to ? Now + LongestStep : to > Now ? to : Now;
            DriverThread.Apart(() => _silo.Time.AdvanceTo(_world.Now));
            HealingSilo.Quiet();
            Note();
        }
        while (Now < to);
    }

    /// <summary>An incident is due; it waits where the one before it goes on.</summary>
    private void Hold(Incident incident)
    {
        if (!_held.TryGetValue(incident.Kind.Child, out var queue))
        {
            _held[incident.Kind.Child] = queue = new Queue<Incident>();
        }

        queue.Enqueue(incident);
    }

    private async Task Release()
    {
        foreach (var (child, queue) in _held)
        {
            if (queue.Count == 0 || _callers[child] is { Running: not null } || _world.At(child) is { Over: null } || _silo.Waits(child))
            {
                continue;
            }

            if (queue.Peek().Nature == Nature.Damaged)
            {
                // What is damaged is read by the next activation.
                await EndActivation(child);
            }

            var active = _world.Begin(queue.Dequeue());
            var caller = _callers[child];
            caller.Known = _seen.Contains(active.Incident.Kind.Number);
            caller.Attempts = 0;
            caller.Begin();
            caller.NextAt = Now;
        }
    }

    private async Task EndActivation(string child)
    {
        try
        {
            await _silo.Grains.GetGrain(_silo.Types.GrainAt(child)!.Value).AsReference<IDrillHand>().End();
        }
        catch (SupervisionRefusedException)
        {
            // It is kept away: there is no activation to end.
        }
    }

    private async Task Call()
    {
        foreach (var caller in _callers.Values.Where(caller => caller.Running is null && caller.NextAt <= Now))
        {
            var request = _world.At(caller.Child) is { Over: null, Incident.Nature: Nature.Request } bad && bad.NextStrike <= Now ? bad.BadRequest : $"request {caller.Calls}";
            DriverThread.Apart(() => caller.Start(request, Now));
            HealingSilo.Quiet();
        }

        Note();
        foreach (var caller in _callers.Values.Where(caller => caller.Running is { IsCompleted: true }))
        {
            await End(caller);
        }
    }

    private async Task End(Caller caller)
    {
        var (begun, processing) = (caller.StartedAt, caller.Processing);
        Exception? failure = null;
        try
        {
            await caller.Running!;
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        caller.Stop();
        Down(caller, begun);
        var active = _world.At(caller.Child);
        if (failure is null)
        {
            caller.LastAnswer = Answer.Served;
            (caller.FailingSince, caller.UnansweredSince) = (null, null);
            caller.Served(Now, begun, processing, ownAnswer: !await InFallback(caller.Child));
            caller.NextAt = active is { Over: null } ? Soonest(active.NextStrike, Now + TimeSpan.FromSeconds(1)) : caller.NextFollowUp(Now, FollowUps);
            if (active?.Over is not null)
            {
                _seen.Add(active.Incident.Kind.Number);
            }

            return;
        }

        caller.LastAnswer = failure is SupervisionRefusedException ? Answer.Refused : Answer.Crashed;
        caller.UnansweredSince ??= begun;
        caller.FailingSince = failure is BreakerOpenException ? null : caller.FailingSince ?? begun;
        Watch(caller, active);
        var wait = failure is SupervisionRefusedException { RetryAfter: { } hint }
            ? hint < FirstRetry ? FirstRetry : hint > LastRetry ? LastRetry : hint
            : TimeSpan.FromTicks((long)Math.Min(LastRetry.Ticks, FirstRetry.Ticks * Math.Pow(1.3, caller.Attempts++)));

        caller.NextAt = Now + wait;
        caller.Failed(begun, Now, wait, refused: caller.LastAnswer == Answer.Refused, processing);
    }

    private TimeSpan? Soonest(TimeSpan? one, TimeSpan other) => one is { } known && known > Now ? known : other;

    private async Task<bool> InFallback(string child)
    {
        if (!_silo.Supervised || _silo.Types.Find(child)?.Fallback is null)
        {
            return false;
        }

        var view = await _silo.Grains.GetGrain<ISupervisorGrain>(ChildPath.Parent(child)!).GetState();
        return view.Children.Any(known => known.Path == child && known.Status == ChildStatus.Fallback);
    }

    /// <summary>The time since the last call counts as down when that call was not answered.</summary>
    private void Down(Caller caller, TimeSpan until)
    {
        if (caller.LastAnswer is Answer.Crashed or Answer.Refused && until > caller.LastAt)
        {
            _down += until - caller.LastAt;
        }

        caller.LastAt = until;
    }

    /// <summary>Takes the world's strikes and supervision's events together.</summary>
    private void Note()
    {
        var events = _silo.Events.Take();
        var undecided = new Dictionary<string, Queue<Strike>>();
        var struck = new List<Strike>();
        foreach (var active in _world.TakeStrikes())
        {
            var child = active.Incident.Kind.Child;
            var strike = new Strike
            {
                Of = active,
                At = Now,
                Known = _callers[child].Known,
                Action = _silo.Arm == HealingArm.AlwaysRestart ? nameof(RestartWithBackoff) : null,
            };
            _strikes.Add(strike);
            struck.Add(strike);
            _callers[child].Open.Add(strike);
            if (!undecided.TryGetValue(child, out var queue))
            {
                undecided[child] = queue = new Queue<Strike>();
            }

            queue.Enqueue(strike);
        }

        foreach (var happened in events)
        {
            if (happened.Kind is SupervisionEventKind.Crashed or SupervisionEventKind.RequestFailed && undecided.GetValueOrDefault(happened.Subject) is { Count: > 0 } waiting)
            {
                var strike = waiting.Dequeue();
                strike.BlamedRequest = happened.Kind == SupervisionEventKind.RequestFailed;
                strike.Action = strike.BlamedRequest ? null : happened.Remediation;
                strike.Rule = happened.Rule;
                strike.Ticketed |= happened.Remediation == nameof(Escalate) && !strike.BlamedRequest;
                if (happened.CorrelationId.Length > 0)
                {
                    _kindOfCrash[happened.CorrelationId] = strike.Of.Incident.Kind;
                    _strikeOfCrash[happened.CorrelationId] = strike;
                }

            }
            else if (happened.Kind == SupervisionEventKind.TicketOpened)
            {
                _tickets++;
                Tell($"ticket: {happened.Text}");
                if (_strikeOfCrash.TryGetValue(happened.CorrelationId, out var cause))
                {
                    cause.Ticketed = true;
                    _onTheWay[cause.Of.Incident.Kind.Child] = Now + PersonComes;
                }

                _people.Enqueue(AnswerTickets, Now + PersonComes);
            }
        }

        foreach (var joined in undecided.Values.SelectMany(queue => queue))
        {
            // It joined a crash that was being handled, and shares what was done about it.
            if (_silo.Supervised && _strikes.LastOrDefault(other => other != joined && other.Of == joined.Of) is { } decided)
            {
                (joined.Action, joined.Rule, joined.BlamedRequest, joined.Ticketed) = (decided.Action, decided.Rule, decided.BlamedRequest, decided.Ticketed);
            }
        }

        foreach (var strike in struck)
        {
            Tell($"{strike.Of.Incident.Kind.Number} {strike.Of.Incident.Nature} {strike.Of.Incident.Kind.Child}: {(strike.BlamedRequest ? "blamed" : strike.Action)} by {strike.Rule}");
            if (!strike.BlamedRequest)
            {
                _callers[strike.Of.Incident.Kind.Child].Crashes.Add(strike.At);
            }
        }
    }

    /// <summary>The two alerts that every arm has; the README defines them.</summary>
    private void Watch(Caller caller, ActiveIncident? active)
    {
        if (active is not { Over: null })
        {
            return;
        }

        if (Now - caller.UnansweredSince >= AlertAfter)
        {
            _unanswered.Add(active.Incident.Number);
        }

        var last = caller.Open.LastOrDefault(strike => strike.Of == active);
        caller.Crashes.RemoveAll(at => at < Now - HotspotWindow);
        var loops = caller.Crashes.Count > HotspotCrashes && Now - caller.Crashes[0] >= AlertAfter && !BehindBreaker(last);
        var unreachable = Now - caller.FailingSince >= AlertAfter;
        if ((loops || unreachable) && !Accepted(last) && !_alerts.ContainsKey(active.Incident.Number) && !(_onTheWay.TryGetValue(caller.Child, out var until) && Now < until))
        {
            Tell($"alert: {(unreachable ? "outage" : "crash loop")} of {active.Incident.Kind.Number} {active.Incident.Nature} {caller.Child}");
            _alerts[active.Incident.Number] = unreachable ? Alert.Outage : Alert.CrashLoop;
            _onTheWay[caller.Child] = Now + PersonComes;
            _people.Enqueue(() => Come(active), Now + PersonComes);
        }
    }

    private void Tell(string what) => _story.Add($"{Now.TotalSeconds:0.000} {what}");

    private bool BehindBreaker(Strike? strike) => _silo.Supervised && strike?.Action == nameof(CircuitBreak);

    /// <summary>Whether supervision recognised what a person has accepted before.</summary>
    private bool Accepted(Strike? strike) => strike is { Contained: true } && _accepted.Contains(strike.Of.Incident.Kind.Number);

    private Task Come(ActiveIncident active)
    {
        if (_world.At(active.Incident.Kind.Child) == active)
        {
            _world.Mend(active.Incident.Kind.Child);
        }

        return Task.CompletedTask;
    }

    /// <summary>A person answers every ticket that has been open for ten minutes, by what the truth is now.</summary>
    private async Task AnswerTickets()
    {
        var open = await _silo.Grains.GetGrain<ISupervisionIntrospectorGrain>(ISupervisionIntrospectorGrain.Key).GetTickets();
        foreach (var ticket in open.Where(ticket => ticket.ResolvedAt is null && ticket.OpenedAt - _start + PersonComes <= Now + TimeSpan.FromSeconds(1)))
        {
            var kind = _kindOfCrash.GetValueOrDefault(ticket.CorrelationId);
            var cure = kind is not null && Cures.Of(kind.NatureAt(Now >= Mix.Horizon / 2)) is [var best, ..] ? best : null;
            if (kind is not null)
            {
                if (_world.At(kind.Child) is { } active && active.Incident.Kind == kind)
                {
                    _world.Mend(kind.Child);
                }

                if (cure is null)
                {
                    _accepted.Add(kind.Number);
                }
            }

            var supervisor = ticket.Id[..ticket.Id.LastIndexOf(':')];
            var resolution = new Resolution
            {
                Remediation = ActionOf(cure, kind),
                RootCause = cure is null ? "Known; nothing that is done at run time helps. It is accepted until the code is changed." : $"In truth: {kind!.NatureAt(Now >= Mix.Horizon / 2)}.",
                By = "simulated operator",
            };
            try
            {
                await _silo.Grains.GetGrain<ISupervisorGrain>(supervisor).ResolveTicket(ticket.Id, resolution);
            }
            catch (ArgumentException)
            {
                // The answer to another ticket of the group answered this one too.
            }

            HealingSilo.Quiet();
        }
    }

    private static RemediationAction ActionOf(string? cure, FaultKind? kind) => cure switch
    {
        null => new Escalate { Reason = "a person has looked: nothing that is done at run time helps" },
        nameof(CircuitBreak) => new CircuitBreak(),
        nameof(RestartWithStateReset) => new RestartWithStateReset(),
        nameof(RestartWithBackoff) when kind!.Nature == Nature.Starved => new RestartWithBackoff { First = TimeSpan.FromSeconds(5), Initial = TimeSpan.FromSeconds(5), Max = TimeSpan.FromSeconds(60) },
        _ => new RestartWithBackoff(),
    };

    private enum Answer
    {
        None,
        Served,
        Refused,
        Crashed,
    }

    /// <summary>Who calls a child: one call at a time, again soon when it was not answered.</summary>
    private sealed class Caller(string child, IDrillProbe probe)
    {
        private bool _followed;
        private long _began;

        public string Child => child;

        public IDrillProbe Probe => probe;

        public List<Strike> Open { get; } = [];

        private Queue<TimeSpan> FollowUps { get; } = new();

        public Task? Running { get; private set; }

        public TimeSpan StartedAt { get; private set; }

        public TimeSpan Processing { get; private set; }

        public TimeSpan? NextAt { get; set; }

        public TimeSpan LastAt { get; set; }

        public Answer LastAnswer { get; set; }

        public int Attempts { get; set; }

        /// <summary>Since when its calls have ended in nothing but exceptions; the refusal of an open breaker ends that.</summary>
        public TimeSpan? FailingSince { get; set; }

        /// <summary>Since when nothing was served, refusals included.</summary>
        public TimeSpan? UnansweredSince { get; set; }

        /// <summary>The moments at which it crashed lately.</summary>
        public List<TimeSpan> Crashes { get; } = [];

        public long Calls { get; private set; }

        /// <summary>Whether the kind that strikes now had struck before.</summary>
        public bool Known { get; set; }

        public void Start(string request, TimeSpan now)
        {
            Calls++;
            StartedAt = now;
            NextAt = null;
            _began = TimeProvider.System.GetTimestamp();
            Running = Measured(request);
        }

        public void Stop() => Running = null;

        /// <summary>Another incident begins: the follow-ups of the last are off.</summary>
        public void Begin()
        {
            FollowUps.Clear();
            _followed = false;
        }

        public void Failed(TimeSpan begun, TimeSpan now, TimeSpan wait, bool refused, TimeSpan processing)
        {
            foreach (var strike in Open)
            {
                strike.AskedFor += (strike.At <= begun ? now - begun : TimeSpan.Zero) + (refused ? wait : TimeSpan.Zero);
                strike.Processing += strike.At == now && !refused ? processing : TimeSpan.Zero;
            }
        }

        public void Served(TimeSpan now, TimeSpan begun, TimeSpan processing, bool ownAnswer)
        {
            Attempts = 0;
            if (!ownAnswer)
            {
                return;
            }

            foreach (var strike in Open)
            {
                strike.RecoveredAt = now;
                strike.AskedFor += now - begun;
                strike.Processing += processing;
            }

            Open.Clear();
        }

        public TimeSpan? NextFollowUp(TimeSpan now, TimeSpan[] after)
        {
            if (FollowUps.Count == 0 && after.Length > 0 && !_followed)
            {
                _followed = true;
                foreach (var wait in after)
                {
                    FollowUps.Enqueue(now + wait);
                }
            }

            if (FollowUps.TryDequeue(out var next))
            {
                return next;
            }

            _followed = false;
            return null;
        }

        private async Task Measured(string request)
        {
            try
            {
                await probe.Call(request);
            }
            finally
            {
                Processing = TimeProvider.System.GetElapsedTime(_began);
            }
        }
    }
}
