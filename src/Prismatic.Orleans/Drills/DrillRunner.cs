using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Orleans.Runtime;
using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Drills;

/// <summary>Carries a drill out: arms its faults on all silos, calls at its rates, strikes what has its own moment, and gathers what was seen.</summary>
internal sealed class DrillRunner(DrillAgents agents, DrillStage stage, IGrainFactory grains, MonotonicClock clock)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(35);
    private static readonly TimeSpan SettleAfterDeath = TimeSpan.FromSeconds(30);

    public DrillStage Stage => stage;

    /// <summary>What keeps the drill from being carried out here, in a sentence, or null.</summary>
    public string? Obstacle(DrillFile drill)
    {
        var number = drill.Faults.ToList().FindIndex(fault => fault.Where == FaultPlace.Silo);
        return number >= 0 && agents.Silos().Count < 2
            ? $"faults[{number}].kill needs a second silo, since the one that runs the drill must live; this cluster has one."
            : null;
    }

    public async Task<DrillReport> Run(DrillFile drill, string file, Action<string> progress, CancellationToken cancellation)
    {
        var before = await Restarts();
        foreach (var silo in agents.Silos())
        {
            await agents.On(silo).Arm(file, agents.Own);
        }

        using var run = new DrillRun(drill, clock, stage, agents, grains);
        try
        {
            await run.Drive(progress, cancellation);
        }
        finally
        {
            await run.OnAll(agent => agent.Disarm());
        }

        progress("gathering what was seen");
        await run.OnAll(agent => agent.Settle());
        var sight = run.Sight(await run.Events()) with { Restarts = Difference(before, await run.Read(Restarts)) };
        await run.OnAll(agent => agent.StopRecording());
        var expectations = DrillFindings.Judge(drill, sight);
        return new DrillReport
        {
            Name = drill.Name,
            Seed = drill.Seed,
            Passed = expectations.All(expectation => expectation.Met),
            DurationSeconds = Math.Round(run.Now.TotalSeconds, 3),
            Expectations = expectations,
            Plan = DrillFindings.PlanOf(drill),
            Crashes = DrillFindings.CrashesOf(sight),
            Calls = DrillFindings.ChildrenOf(sight),
            BystanderFailures = DrillFindings.BystandersOf(sight),
            Restarts = sight.Restarts,
            Escalations = [.. sight.Events.Where(happened => happened.Kind == Prismatic.Events.SupervisionEventKind.TicketOpened).Select(happened => happened.Text)],
            Statistics = await run.Read(() => grains.GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key).GetStatistics()),
        };
    }

    private async Task<IReadOnlyDictionary<string, long>> Restarts() =>
        (await grains.GetGrain<ISupervisionIntrospectorGrain>(ISupervisionIntrospectorGrain.Key).GetTreeHealth()).RestartCounts;

    private static ImmutableSortedDictionary<string, long> Difference(IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after) =>
        after.Select(child => (child.Key, Count: child.Value - before.GetValueOrDefault(child.Key)))
            .Where(child => child.Count > 0)
            .ToImmutableSortedDictionary(child => child.Key, child => child.Count, StringComparer.Ordinal);

    /// <summary>One drill under way.</summary>
    private sealed class DrillRun(DrillFile drill, MonotonicClock clock, DrillStage stage, DrillAgents agents, IGrainFactory grains) : IDisposable
    {
        private readonly TimeSpan _start = clock.Now;
        private readonly ConcurrentQueue<EndedCall> _calls = new();
        private readonly SemaphoreSlim _asking = new(1);
        private readonly Dictionary<SiloAddress, List<DrillEvent>> _events = [];
        private readonly ImmutableArray<DrillLoad> _loads = DrillFindings.LoadsOf(drill);
        private long _stopAt = drill.Duration.Ticks;
        private long _openCalls = DrillFindings.LoadsOf(drill).Sum(load => load.CallsUntil(drill.Duration));
        private TimeSpan? _killedAt;

        public TimeSpan Now => clock.Now - _start;

        public void Dispose() => _asking.Dispose();

        private TimeSpan StopAt => TimeSpan.FromTicks(Volatile.Read(ref _stopAt));

        public DrillSight Sight(IReadOnlyList<DrillEvent> events) => new() { Calls = [.. _calls], Events = events, KilledAt = _killedAt };

        public async Task Drive(Action<string> progress, CancellationToken cancellation)
        {
            var limit = drill.Duration + (drill.Expect.RecoveredWithin ?? TimeSpan.Zero);
            Volatile.Write(ref _stopAt, limit.Ticks);
            var work = _loads.Select(load => Load(load, cancellation))
                .Concat(drill.Faults.Where(fault => fault.Where == FaultPlace.State).Select(fault => Damage(fault, cancellation)))
                .Concat(drill.Faults.Where(fault => fault.Where == FaultPlace.Activation).Select(fault => EndActivation(fault, cancellation)))
                .Concat(drill.Faults.Where(fault => fault.Where == FaultPlace.Silo).Select(fault => Kill(fault, cancellation)))
                .Concat(drill.Faults.Where(fault => fault.Where == FaultPlace.Timer).Select(fault => fault.Child!).Distinct().Select(child => Timers(child, cancellation)))
                .ToList();
            await Watch(limit, progress, cancellation);
            Volatile.Write(ref _stopAt, Now.Ticks);
            await Task.WhenAll(work);
        }

        public async Task<IReadOnlyList<DrillEvent>> Events()
        {
            // One at a time: two who ask from the same place on would both add what they are told.
            await _asking.WaitAsync();
            try
            {
                foreach (var silo in agents.Silos())
                {
                    // Of one that was killed while it was asked is known what it told before.
                    if (!_events.TryGetValue(silo, out var known))
                    {
                        _events[silo] = known = [];
                    }

                    await IfAlive(async () => known.AddRange(await agents.On(silo).Events(known.Count)));
                }

                return [.. _events.Values.SelectMany(events => events).OrderBy(happened => happened.At)];
            }
            finally
            {
                _asking.Release();
            }
        }

        /// <summary>Asks all silos, without those that the drill killed.</summary>
        public Task OnAll(Func<IDrillAgent, Task> ask) => agents.All(agent => IfAlive(() => ask(agent)));

        /// <summary>Reads from the grains of the cluster, which after the death of a silo may have to start elsewhere first.</summary>
        public async Task<T> Read<T>(Func<Task<T>> read)
        {
            while (true)
            {
                try
                {
                    return await read();
                }
                catch (OrleansMessageRejectionException) when (_killedAt is { } killed && Now < killed + SettleAfterDeath)
                {
                    await Task.Delay(Look, clock.TimeProvider);
                }
            }
        }

        private async Task IfAlive(Func<Task> ask)
        {
            try
            {
                await ask();
            }
            catch (OrleansMessageRejectionException) when (_killedAt is not null)
            {
                // Until the others know of its death they ask it.
            }
        }

        /// <summary>
        /// Waits until the drill's time has passed, the calls that were due in it have ended, so that what they met is known, and what crashed has served again; at most as long as the file gives it.
        /// </summary>
        private async Task Watch(TimeSpan limit, Action<string> progress, CancellationToken cancellation)
        {
            while (true)
            {
                await Task.Delay(Look, clock.TimeProvider, cancellation);
                var ended = Volatile.Read(ref _openCalls) <= 0;
                var sight = Sight(await Events());
                var waiting = DrillFindings.RecoveriesOf(drill, sight).Where(child => child.Value is null).Select(child => child.Key).ToList();
                progress(string.Create(CultureInfo.InvariantCulture, $"{Math.Min(Now.TotalSeconds, drill.Duration.TotalSeconds):0.0} s of {drill.Duration.TotalSeconds:0.#} s, {sight.Calls.Count} calls, {sight.Events.Count(happened => happened.Kind == Prismatic.Events.SupervisionEventKind.Crashed)} crashes{(waiting.Count > 0 ? $", waiting for {string.Join(", ", waiting)}" : "")}"));
                if (Now >= limit || (Now >= drill.Duration && ended && waiting.Count == 0))
                {
                    return;
                }
            }
        }

        private async Task Load(DrillLoad load, CancellationToken cancellation)
        {
            var call = stage.CallOf(load);
            var running = new List<Task>();
            for (var ordinal = 0L; load.DueAt(ordinal) < StopAt; ordinal++)
            {
                await Until(load.DueAt(ordinal), cancellation);
                if (Now >= StopAt)
                {
                    break;
                }

                running.RemoveAll(task => task.IsCompleted);
                running.Add(Call(load, ordinal, call));
            }

            await Task.WhenAll(running);
        }

        private async Task Call(DrillLoad load, long ordinal, Func<long, Task> call)
        {
            await Task.Yield();
            new DrilledCall(load.Child, ordinal, load.DueAt(ordinal)).Write();
            try
            {
                using var watch = DegradedAnswers.Watch();
                await call(ordinal).WaitAsync(AnswerLimit, clock.TimeProvider);
                _calls.Enqueue(new EndedCall(load.Child, Now, CallEnd.Served, null, false, watch.Any));
            }
            catch (Exception exception)
            {
                var end = EndOf(exception, load.Child);
                _calls.Enqueue(new EndedCall(load.Child, Now, end, $"{exception.GetType().FullName}: {exception.Message}", end == CallEnd.Struck && SawTheFault(exception, load.Child)));
            }

            if (load.DueAt(ordinal) < drill.Duration)
            {
                Interlocked.Decrement(ref _openCalls);
            }
        }

        private CallEnd EndOf(Exception exception, string child) => exception switch
        {
            _ when DrillMarks.Of(exception) is not null => CallEnd.Struck,
            StateDamagedException when drill.Faults.Any(fault => fault.Where == FaultPlace.State && fault.Child == child) => CallEnd.Struck,
            SupervisionRefusedException { RetryAfter: not null } => CallEnd.Refused,
            SiloUnavailableException or OrleansMessageRejectionException when _killedAt is not null => CallEnd.Struck,
            _ => CallEnd.Failed,
        };

        private bool SawTheFault(Exception exception, string child) =>
            exception is StateDamagedException or SiloUnavailableException or OrleansMessageRejectionException
            || drill.Faults.Any(fault => fault.Child == child && fault.Exception is { } thrown && exception.GetType().FullName == thrown.Type && exception.Message.Contains(thrown.Message, StringComparison.Ordinal));

        /// <summary>
        /// The children of a tree are active all the time: a start is struck only when there is one. Ended again until a start was struck, since a silo whose
        /// clock is a little behind this one's may have let a start pass before the fault's time had come there.
        /// </summary>
        private async Task EndActivation(DrillFault fault, CancellationToken cancellation)
        {
            await Until(fault.At, cancellation);
            while (Now < StopAt && Now < (fault.Until ?? TimeSpan.MaxValue) && !(await Events()).Any(happened => happened.Kind == Prismatic.Events.SupervisionEventKind.Crashed && happened.Subject == fault.Child && happened.At >= fault.At))
            {
                await Prepare(fault.Child!, hand => hand.End());
                await Until(Now + Look, cancellation);
            }
        }

        private async Task Damage(DrillFault fault, CancellationToken cancellation)
        {
            await Until(fault.At, cancellation);
            await Prepare(fault.Child!, hand => hand.DamageState());
        }

        private async Task Kill(DrillFault fault, CancellationToken cancellation)
        {
            await Until(fault.At, cancellation);
            await Events();
            _killedAt = Now;
            await agents.On(agents.Silos()[^1]).Die();
        }

        /// <summary>Gives the child a timer that fires once, ten times a second, so that there are turns of timers to strike.</summary>
        private async Task Timers(string child, CancellationToken cancellation)
        {
            for (var due = TimeSpan.Zero; due < StopAt; due += Look)
            {
                await Until(due, cancellation);
                await Prepare(child, hand => hand.StartTimer());
            }
        }

        private async Task Prepare(string child, Func<IDrillHand, Task> prepare)
        {
            try
            {
                await prepare(Hand(child));
            }
            catch (OrleansMessageRejectionException) when (_killedAt is not null)
            {
                // Its activation died with the silo.
            }
            catch (SupervisionRefusedException)
            {
                // The child may not run now, so there is no activation to prepare.
            }
            catch (Exception struck) when (DrillMarks.Of(struck) is not null)
            {
                // It had to be activated, and a fault struck its activation, which is what the drill wants.
            }
        }

        private IDrillHand Hand(string child) => grains.GetGrain(stage.GrainOf(child)).AsReference<IDrillHand>();

        private async Task Until(TimeSpan moment, CancellationToken cancellation)
        {
            var left = moment - Now;
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, clock.TimeProvider, cancellation);
            }
        }
    }
}
