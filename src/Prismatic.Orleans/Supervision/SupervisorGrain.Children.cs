using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Prismatic.Events;
using Prismatic.Runtime;

namespace Prismatic.Supervision;

/// <summary>The supervisor's hands: carries out, step by step, what its core decides, in OTP's order.</summary>
internal sealed partial class SupervisorGrain
{
    /// <summary>Supervisors below that ended by themselves; taken in by the next turn, so that a parent that is busy with one never waits for itself.</summary>
    private readonly Queue<CoreMail> _endedBelow = new();

    /// <summary>How long the gates of a round stay shut when nothing more is heard of it.</summary>
    private static readonly TimeSpan RoundLease = TimeSpan.FromSeconds(30);

    private CorePlan? _planStored;

    /// <summary>When the gates of the round were told again.</summary>
    private TimeSpan _renewedAt;

    /// <summary>The start whose end has been said in an event, however often the parent is told.</summary>
    private long? _endSaid;

    public async Task EnsureStarted()
    {
        if (Otp && !State.Core.Begun)
        {
            if (await this.AsReference<ISupervisorReportsGrain>().Begin(State.Incarnation) is { } failed)
            {
                events.Emit(new SupervisionEvent { Kind = SupervisionEventKind.GaveUp, Subject = _spec.Path, Text = $"the tree did not start and is stopped: {failed}" });
            }
        }

        foreach (var child in _core.State.Children.Where(child => child.Run == ChildRun.Running).ToList())
        {
            if (child.IsSupervisor)
            {
                await Guarded(child, GrainFactory.GetGrain<ISupervisorReportsGrain>(PathOf(child)).EnsureStarted());
            }
            else if (options.StartEagerly && options.Mode == SupervisionMode.Enforce && child.Restart == RestartType.Permanent && GrainOf(PathOf(child)) is { } grain)
            {
                // A start that fails is a crash like any other: its silo reports it.
                await Guarded(child, GrainFactory.GetGrain(grain).AsReference<IChildProbe>().Ping());
            }
        }
    }

    public async Task<string?> Begin(long incarnation)
    {
        if (State.Core.Begun && State.Core.Ended is null)
        {
            // Asked again, because the answer or whoever asked was lost: it runs, and owes the news of its end to this start.
            if (State.Incarnation != incarnation || State.EndTold)
            {
                (State.Incarnation, State.EndTold) = (incarnation, false);
                await Store();
            }

            return null;
        }

        _endSaid = null;

        // Who starts it learns from the answer that it ended again; nobody is told besides.
        State.Incarnation = incarnation;
        State.EndTold = true;
        State.Window.Clear();
        var before = Added();
        CoreSetup.Reset(_spec, options, _core);
        foreach (var record in State.Children.Values.Where(record => record.Status != ChildStatus.Idle))
        {
            record.Status = ChildStatus.Idle;
            record.Ticket = null;
        }

        await Drop(before);
        var answer = await Ask(new CoreMail { Kind = CoreMailKind.Begin });
        State.EndTold = !answer.IsOk;
        await Store();
        return answer.IsOk ? null : answer.Error ?? answer.Kind.ToString();
    }

    public async Task End()
    {
        if (State.Core.Ended is null)
        {
            await Ask(new CoreMail { Kind = CoreMailKind.Shutdown });
        }

        State.EndTold = true;
        await Store();
    }

    public Task ChildEnded(string id, long incarnation, ExitReason reason)
    {
        _endedBelow.Enqueue(new CoreMail { Kind = CoreMailKind.Exited, Id = id, Incarnation = incarnation, Reason = reason });
        _timer!.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public async Task EndNoted(long incarnation)
    {
        if (incarnation == State.Incarnation)
        {
            State.EndTold = true;
            await Store();
        }
    }

    /// <summary>Does what the core wants done until it wants nothing more for now. The plan is stored before its first step.</summary>
    private async Task RunCore()
    {
        if (_judge.DomainShut)
        {
            return;
        }

        var before = Added();
        var worked = false;
        var started = new List<string>();
        while (_core.Next(_clock.Now) is { } step)
        {
            var plan = _core.State.Plan!;
            if (_planStored is not { } stored || stored.Kind != plan.Kind || stored.Id != plan.Id || stored.Token != plan.Token)
            {
                FinishRound(started);
                _planStored = plan;
                _renewedAt = _clock.Now;
                await Store();
                if (plan.Kind is CorePlanKind.Restart or CorePlanKind.End && step.Kind == CoreStepKind.Stop)
                {
                    await EndOf(plan.Id);
                }
            }

            worked = true;
            await RenewRound(plan);
            if (step.Kind == CoreStepKind.Stop)
            {
                await Stop(step, plan);
            }
            else
            {
                var path = PathOf(step.Child);
                var (outcome, error) = await Start(step.Child, plan);
                _core.Started(step.Child.Id, outcome, _clock.Now, error);
                if (plan.Kind == CorePlanKind.Restart)
                {
                    started.Add(path);
                    RetryLater(step.Child, outcome);
                }
            }
        }

        FinishRound(started);
        _planStored = null;
        EmitReports();
        if (worked || before.Count > 0)
        {
            await Store();
            await Drop(before);
        }

        await silos.Apply(ShutUnstarted());
        await TellParentOfEnd();
    }

    /// <summary>
    /// Under OTP's rules a call does not start what its supervisor has not started, or keeps stopped: such a child is refused, or, where it is about to be
    /// started behind a sibling, waits. Returns what silos do not know yet.
    /// </summary>
    private ImmutableArray<Directive> ShutUnstarted()
    {
        if (!Otp)
        {
            return [];
        }

        var now = _clock.Now;
        var waits = _spec.Strategy != RestartStrategy.OneForOne && _core.State.Children.Exists(child => child.Run == ChildRun.Restarting);
        var shut = new List<Directive>();
        foreach (var child in _core.State.Children.Where(child => child is { Run: ChildRun.Undefined, IsSupervisor: false }))
        {
            var path = PathOf(child);
            var record = _judge.RecordOf(path, GrainOf(path)?.ToString());
            var waiting = waits && !child.Held;
            if (waiting ? record.Status != ChildStatus.BackingOff || record.ReadyAt < now + RetryAfter : record.Status != ChildStatus.Stopped)
            {
                record.Status = waiting ? ChildStatus.BackingOff : ChildStatus.Stopped;
                record.ReadyAt = now + StartLimit;
                shut.Add(DirectiveFor(record));
            }
        }

        return [.. shut];
    }

    /// <summary>Returns when the activation that crashed is gone, so that siblings stop after it.</summary>
    private async Task EndOf(string id)
    {
        if (_core.Find(id) is { IsSupervisor: false } crashed && State.Children.TryGetValue(PathOf(crashed), out var record) && record.Grain is not null)
        {
            var end = DirectiveFor(record) with { EndActivations = true, ShutdownLimit = crashed.Shutdown.Limit ?? StartLimit };
            await silos.Apply([end.Status == ChildStatus.Fallback ? end : end with { Status = ChildStatus.BackingOff, Wait = StartLimit }]);
        }
    }

    private async Task Stop(CoreStep step, CorePlan plan)
    {
        var reasons = await Task.WhenAll(step.Children.Select(child => Stop(child, plan)));
        foreach (var (child, reason) in step.Children.Zip(reasons).ToList())
        {
            _core.Stopped(child.Id, reason);
        }
    }

    private async Task<ExitReason> Stop(CoreChild child, CorePlan plan)
    {
        var path = PathOf(child);
        if (child.IsSupervisor)
        {
            return await EndSupervisor(child, path);
        }

        var record = _judge.RecordOf(path, GrainOf(path)?.ToString());
        var due = plan.Due > _clock.Now ? plan.Due : _clock.Now;
        record.Status = plan.Kind == CorePlanKind.Restart && child.Restart != RestartType.Temporary ? ChildStatus.BackingOff : ChildStatus.Stopped;
        record.ReadyAt = due + StartLimit;

        // An answer comes after 10 s at the latest; the limit is kept by the silo, and without one the child is waited for.
        DirectiveAnswers answers;
        var began = _clock.Now;
        var sayAfter = TimeSpan.Zero;
        while (true)
        {
            await RenewRound(plan);
            answers = await silos.Apply([Shut(record, due) with { EndActivations = true, ShutdownLimit = child.Shutdown.Limit }]);
            if (!answers.Running.Any())
            {
                break;
            }

            // Each time after twice as long, so that who waits for ever can be found and does not fill the log.
            var waited = _clock.Now - began;
            if (waited >= sayAfter)
            {
                sayAfter = 2 * waited;
                events.Emit(new SupervisionEvent { Kind = SupervisionEventKind.Noticed, Subject = path, Text = $"{_spec.Path} waits for it to stop, since {waited.TotalSeconds:0} s: {(child.Shutdown.Limit is { } limit ? $"it has {limit.TotalSeconds:0.###} s" : "its shutdown is Infinity, and nothing else of this supervisor goes on until its turn ends")}." });
            }
        }

        return child.Shutdown == Shutdown.BrutalKill || answers.Killed.Any() ? ExitReason.Killed : ExitReason.Shutdown;
    }

    /// <summary>A child that waits for its place in a round stays shut until the round comes to it, or until nobody stands behind the round any more.</summary>
    private Directive Shut(ChildRecord record, TimeSpan due)
    {
        var directive = DirectiveFor(record);
        return record.Status == ChildStatus.BackingOff
            ? directive with { Status = ChildStatus.BackingOff, Wait = Positive(due - _clock.Now), Lease = Positive(due - _clock.Now) + RoundLease }
            : directive;
    }

    /// <summary>Keeps the gates of a round shut that takes longer than their lease.</summary>
    private async Task RenewRound(CorePlan plan)
    {
        var now = _clock.Now;
        if (_planStored is null || now - _renewedAt < RoundLease / 3)
        {
            return;
        }

        _renewedAt = now;
        var waiting = plan.Starts
            .Select(id => State.Children.GetValueOrDefault(ChildPath.Combine(_spec.Path, id)))
            .OfType<ChildRecord>()
            .Where(record => record.Status == ChildStatus.BackingOff && _core.Find(_judge.CoreIdOf(record.Path)) is { Run: not ChildRun.Running })
            .ToList();
        await silos.Apply([.. waiting.Select(record => Shut(record, plan.Due))]);
    }

    private async Task<ExitReason> EndSupervisor(CoreChild child, string path)
    {
        try
        {
            await GrainFactory.GetGrain<ISupervisorReportsGrain>(path).End();
            return ExitReason.Shutdown;
        }
        catch (Exception failure)
        {
            // It cannot stop its children, so that their gates are shut from here.
            NotStarted(log, path, failure);
            await silos.Apply([new Directive { Path = path, Supervisor = _spec.Path, Version = ++State.Directives, Status = ChildStatus.Stopped, EndActivations = true }]);
            return ExitReason.Killed;
        }
    }

    private async Task<(StartOutcome Outcome, string? Error)> Start(CoreChild child, CorePlan plan)
    {
        var path = PathOf(child);
        try
        {
            if (child.IsSupervisor)
            {
                await silos.Apply([Healthy(path, null)]);
                var failed = await GrainFactory.GetGrain<ISupervisorReportsGrain>(path).Begin(child.Incarnation);
                return (failed is null ? StartOutcome.Started : StartOutcome.Failed, failed);
            }

            OpenRecord(child, path, plan);
            await silos.Apply([.. Open(path).Select(directive => directive with { Starts = true })]);

            // One that is redirected starts with the first call after that.
            if (GrainOf(path) is { } grain && State.Children.GetValueOrDefault(path)?.StatusAt(_clock.Now) != ChildStatus.Fallback)
            {
                await GrainFactory.GetGrain(grain).AsReference<IChildProbe>().Ping().WaitAsync(StartLimit, time);
            }

            return (StartOutcome.Started, null);
        }
        catch (Exception ignored) when (ignored is ChildIgnoredException or ChildUnavailableException { Status: ChildStatus.Stopped })
        {
            _judge.RecordOf(path, GrainOf(path)?.ToString()).Status = ChildStatus.Stopped;
            await silos.Apply(Open(path));
            return (StartOutcome.Ignored, null);
        }
        catch (Exception failure)
        {
            NotStarted(log, path, failure);
            return (StartOutcome.Failed, $"{failure.GetType().FullName}: {failure.Message}");
        }
    }

    /// <summary>What is known of a child changes with its start: siblings count a restart, what was stopped is not any more.</summary>
    private void OpenRecord(CoreChild child, string path, CorePlan plan)
    {
        var now = _clock.Now;
        if (plan.Kind == CorePlanKind.Restart && plan.Id != child.Id)
        {
            if (plan.Reason == ExitReason.SiloLost)
            {
                _judge.RestartedWithLost(path);
            }
            else
            {
                _judge.RestartedWith(path, now);
            }
        }

        if (State.Children.TryGetValue(path, out var record) && record.StatusAt(now) is not (ChildStatus.Idle or ChildStatus.Up or ChildStatus.Resetting or ChildStatus.Fallback))
        {
            // Without a crash there is no success to look for: the gate just goes.
            record.Status = record.LastCrashId is null ? ChildStatus.Idle : ChildStatus.Restarting;
            record.ReadyAt = now;
        }

        if (plan.Kind is CorePlanKind.RestartChild && record is not null)
        {
            record.BudgetTimes.Clear();
            record.Served = true;
            record.LastCrashAt = now;
        }
    }

    /// <summary>
    /// The crash report of a start that failed is what it is tried again for. Where none comes, because the failure was somebody else's, the
    /// supervisor tries again by itself. No report comes of a supervisor below: under OTP's rules its start is tried again and counted at once.
    /// </summary>
    private void RetryLater(CoreChild child, StartOutcome outcome)
    {
        if (outcome == StartOutcome.Failed)
        {
            // Nobody reports the failed start of a supervisor. It is tried again as soon as requests have had their turn.
            var after = Otp && child.IsSupervisor ? RetrySupervisorAfter : TryAgainAfter;
            _core.Post(new CoreMail { Kind = CoreMailKind.TryAgain, Id = child.Id, Due = _clock.Now + after, IsFallback = true });
        }
    }

    private void FinishRound(List<string> started)
    {
        if (started.Count > 1 && _planStored is { Kind: CorePlanKind.Restart } round)
        {
            events.Emit(new SupervisionEvent
            {
                Kind = SupervisionEventKind.RoundFinished,
                Subject = _spec.Path,
                CorrelationId = State.Children.GetValueOrDefault(ChildPath.Combine(_spec.Path, round.Id))?.LastCrashId ?? "",
                Text = $"{_spec.Strategy} restarted {string.Join(", ", started.Select(ChildPath.Name))}",
            });
        }

        started.Clear();
    }

    private void EmitReports()
    {
        foreach (var report in _core.Reports)
        {
            var child = _core.Find(report.Id);
            events.Emit(SupervisorReports.Event(_spec, State, report, child, child is { IsSupervisor: true } ? null : GrainOf(ChildPath.Combine(_spec.Path, report.Id))?.ToString()));
        }

        _core.Reports.Clear();
    }

    /// <summary>Children that were added at run time, by id.</summary>
    private Dictionary<string, CoreChild> Added() => _core.State.Children.Where(child => child.Added).ToDictionary(child => child.Id);

    /// <summary>Tells the silos of those that were children and are none any more.</summary>
    private async Task Drop(Dictionary<string, CoreChild> before)
    {
        var gone = before.Values.Where(child => _core.Find(child.Id) is not { Added: true }).ToList();
        if (gone.Count == 0)
        {
            return;
        }

        await silos.Apply([.. gone.Select(child => Healthy(PathOf(child), child.Grain) with { Removed = true, EndActivations = true })]);
        foreach (var child in gone)
        {
            State.Children.Remove(PathOf(child));
        }

        await Store();
    }

    /// <summary>The parent is told until it says that it knows; the root has none.</summary>
    private async Task TellParentOfEnd()
    {
        if (State.Core.Ended is not { } reason || State.EndTold)
        {
            return;
        }

        if (_endSaid != State.Incarnation)
        {
            _endSaid = State.Incarnation;
            events.Emit(new SupervisionEvent { Kind = SupervisionEventKind.GaveUp, Subject = _spec.Path, Text = $"the supervisor ended ({reason}); its children are stopped" });
        }

        if (ChildPath.Parent(_spec.Path) is { } parent)
        {
            await Guarded(null, GrainFactory.GetGrain<ISupervisorReportsGrain>(parent).ChildEnded(_spec.Id, State.Incarnation, reason));
        }
        else
        {
            State.EndTold = true;
            await Store();
        }
    }

    /// <summary>Takes in what supervisors below told, and lets them know.</summary>
    private async Task TakeInEnds()
    {
        while (_endedBelow.TryDequeue(out var ended))
        {
            _core.Post(ended);
            await RunCore();
            await Store();
            GrainFactory.GetGrain<ISupervisorReportsGrain>(ChildPath.Combine(_spec.Path, ended.Id)).EndNoted(ended.Incarnation ?? 0).Ignore();
        }
    }

    private async Task Guarded(CoreChild? child, Task call)
    {
        try
        {
            await call.WaitAsync(StartLimit, time);
        }
        catch (Exception failure)
        {
            NotStarted(log, child is null ? _spec.Path : PathOf(child), failure);
        }
    }

    private ImmutableArray<Directive> Open(string path) => State.Children.TryGetValue(path, out var child) && child.Status != ChildStatus.Idle
        ? [DirectiveFor(child)]
        : [Healthy(path, GrainOf(path)?.ToString())];

    private string PathOf(CoreChild child) => ChildPath.Combine(_spec.Path, child.Id);

    private Directive Known(CoreChild child) => Healthy(PathOf(child), child.Grain);

    private AddedChild? AddedOf(string path) =>
        ChildPath.Parent(path) == _spec.Path && _core.Find(ChildPath.Name(path)) is { Added: true } child ? AddedOf(child) : null;

    private AddedChild AddedOf(CoreChild child) => new()
    {
        Id = child.Id,
        Grain = GrainId.Parse(child.Grain!, CultureInfo.InvariantCulture),
        Restart = child.Restart,
        Shutdown = child.Shutdown,
        Significant = child.Significant,
        Order = _core.State.Children.IndexOf(child),
    };

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "{Child} did not start or stop as its supervisor wanted.")]
    private static partial void NotStarted(ILogger log, string child, Exception exception);
}
