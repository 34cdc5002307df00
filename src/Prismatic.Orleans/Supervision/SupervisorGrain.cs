using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Storage;
using Prismatic.Events;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Telemetry;

namespace Prismatic.Supervision;

/// <summary>
/// A node of the tree. What it is told goes to its judge; the changed state is stored; then gates are told, rounds are run, events leave.
/// Activated by the silos' agents at start and kept. Activating it restarts nobody: it goes on from what it stored.
/// </summary>
[KeepAlive, TreePlacement]
internal sealed partial class SupervisorGrain(
    [SupervisedState("prismatic-supervisor", OnDamage = DamagePolicy.SetAside)] ISupervisedState<SupervisorState> stored,
    SupervisorSpecs specs,
    SupervisionOptions options,
    SupervisedTypes types,
    SiloAgents silos,
    EventSink events,
    Mutants mutants,
    TimeProvider time,
    ILogger<SupervisorGrain> log) : Grain, ISupervisorGrain, ISupervisorReportsGrain
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetrySupervisorAfter = TimeSpan.FromMilliseconds(10);

    private SupervisorSpec _spec = null!;
    private SupervisorClock _clock = null!;
    private SupervisorJudge _judge = null!;
    private SupervisorCore _core = null!;
    private IGrainTimer? _timer;

    /// <summary>
    /// What follows from state that is changed and not stored yet; null when all is stored. A write that fails leaves it here, and the next one carries it.
    /// </summary>
    private Judgement? _owed;

    private SupervisorState State => stored.Value;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _spec = specs.Find(this.GetPrimaryKeyString())
            ?? throw new ArgumentException($"There is no supervisor '{this.GetPrimaryKeyString()}' in this silo's tree; it has {specs.Describe()}.");
        if (mutants.Has(Mutant.SupervisorForgets))
        {
            stored.Value = new SupervisorState();
        }

        State.Directives = DirectiveVersion.NextEpoch(State.Directives);
        _clock = new SupervisorClock(time, State.Moment, State.SavedAt, mutants.Has(Mutant.WallClockWindows));
        _core = new SupervisorCore(CoreSetup.FlagsOf(_spec, options), State.Core);
        CoreSetup.Reconcile(_spec, options, _core);
        foreach (var added in _core.State.Children.Where(child => child.Added))
        {
            types.Add(_spec.Path, AddedOf(added));
        }

        _judge = new SupervisorJudge(_spec, options, State, _core, path => types.Find(path)?.Spec);
        ShutUnstarted();
        _timer = this.RegisterGrainTimer(OnTimer, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { KeepAlive = true });

        StartLater(State.Children.Values.Where(child => child.Status is not (ChildStatus.Idle or ChildStatus.Up or ChildStatus.Stopped)).Select(child => child.Path));

        // Stored before the first directive of this epoch is given.
        await Store();
        Rearm();
    }

    public async Task<ReportReceipt> Report(ReportBatch batch)
    {
        if (State.Seen.TryGetValue(batch.Silo, out var seen) && batch.Sequence <= seen.Sequence)
        {
            if (_owed is not null)
            {
                // Taken in, and not stored: to say that it is would lose it with this activation.
                await Carry(new Judgement());
            }

            return new ReportReceipt { Ticketed = [.. seen.Ticketed] };
        }

        var result = new Judgement { IsRead = events.IsRead };
        var now = _clock.Now;
        var exits = batch.Exits.AsSpan();
        foreach (var crash in batch.Crashes)
        {
            while (!exits.IsEmpty && exits[0].Sequence < crash.Sequence)
            {
                _judge.Exited(exits[0], now, result);
                exits = exits[1..];
            }

            _judge.Crash(crash, now, _clock.Wall, result);
        }

        foreach (var exit in exits)
        {
            _judge.Exited(exit, now, result);
        }

        foreach (var loss in batch.Losses)
        {
            _judge.SiloLost(loss, now, result);
        }

        foreach (var served in batch.Served)
        {
            _judge.Served(served, now, result);
        }

        if (batch.Dropped > 0)
        {
            result.Events.Add(new SupervisionEvent { Kind = SupervisionEventKind.Noticed, Subject = _spec.Path, Text = IntakeBounds.DropNotice(batch) });
        }

        SayWhatWasJoined(batch, result, now);
        State.Seen[batch.Silo] = new SeenBatch(batch.Sequence, result.Ticketed, now);
        foreach (var old in State.Seen.Where(entry => now - entry.Value.At > TimeSpan.FromDays(1)).ToList())
        {
            State.Seen.Remove(old.Key);
        }

        await Carry(result);
        return new ReportReceipt { Ticketed = [.. result.Ticketed] };
    }

    /// <summary>In a storm each crash is counted and each child is told of once; that this was so is said once for each batch.</summary>
    private void SayWhatWasJoined(ReportBatch batch, Judgement result, TimeSpan now)
    {
        var letGo = _judge.LetGo(now, result);
        if (batch.Crashes.Length < IntakeBounds.LargeBatch && letGo == 0)
        {
            return;
        }

        var joined = IntakeBounds.Join(result.Events);
        events.Coalesced(joined + letGo);
        result.Events.Add(new SupervisionEvent
        {
            Kind = SupervisionEventKind.Noticed,
            Subject = _spec.Path,
            Text = $"A storm: {batch.Crashes.Length:#,0} crashes and {batch.Served.Length:#,0} first successes of {result.Changed.Count:#,0} children came from silo {batch.Silo} in one batch. "
                + $"All are counted; {joined:#,0} events about the same children were joined{(letGo == 0 ? "" : $", and {letGo:#,0} members that serve again were let go before their verification ended")}.",
        });
    }

    public async Task<ImmutableArray<Directive>> GetDirectives()
    {
        await TakeInEnds();
        var added = _core.State.Children.Where(child => child.Added && !State.Children.ContainsKey(PathOf(child))).Select(Known);
        var ill = State.Children.Values.Where(child => child.Status != ChildStatus.Idle || _core.Find(_judge.CoreIdOf(child.Path)) is { Added: true });
        var directives = Directives(
            ill.Select(child => child.Path).Union(State.Ladders.Keys),
            withDomain: _judge.DomainShut,
            withBudget: _clock.Now < State.RemediesPausedUntil);
        return [.. added, .. directives, .. Starts()];
    }

    /// <summary>The numbers of the starts of those that are well, for a silo that was not here when they were started.</summary>
    private IEnumerable<Directive> Starts() => !Otp ? [] : _core.State.Children
        .Where(child => child is { Added: false, IsSupervisor: false, Run: ChildRun.Running } && State.Children.GetValueOrDefault(PathOf(child)) is null or { Status: ChildStatus.Idle } && GrainOf(PathOf(child)) is not null)
        .Select(child => Healthy(PathOf(child), GrainOf(PathOf(child)).ToString()) with { OnlyStart = true });

    public async Task Escalated(Ticket ticket)
    {
        State.EscalationsBelow++;
        EscalatedBelow(log, _spec.Path, ticket.Id, ticket.Child, ticket.Reason);
        await Store();
        TellParent(ticket);
    }

    public Task<SupervisorView> GetState() => Task.FromResult(SupervisorViews.Of(_spec, State, _judge, options, _clock.Now, types.AddedUnder(_spec.Path).Select(child => child.Spec)));

    public async Task<Lesson?> ResolveTicket(string ticketId, Resolution resolution)
    {
        ArgumentNullException.ThrowIfNull(resolution);
        var ticket = State.Tickets.FirstOrDefault(ticket => ticket.Id == ticketId && ticket.ResolvedAt is null)
            ?? throw new ArgumentException($"There is no open ticket '{ticketId}' at {_spec.Path}.", nameof(ticketId));
        if (resolution.RootCause is not { Length: > 0 and <= 2_000 })
        {
            throw new ArgumentException($"A resolution needs a root cause of 1 to 2,000 characters; this one has {resolution.RootCause?.Length ?? 0}.", nameof(resolution));
        }

        // What a person types is kept, logged and shown like an exception's text.
        resolution = resolution with { RootCause = Redaction.Scrub(resolution.RootCause), Note = Redaction.Scrub(resolution.Note ?? "") };

        // The lesson first: should this grain die in between, the ticket is still open and resolving it again teaches the same.
        var lesson = ticket.Group.Length == 0
            ? null
            : await GrainFactory.GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key).Teach(ticket.Group, ticket.Signature, resolution);
        var result = new Judgement();
        _judge.Resolve(ticketId, resolution, _clock.Now, _clock.Wall, result);

        // The answer is for the whole group: other tickets of it have been answered too.
        foreach (var other in State.Tickets.Where(other => other.ResolvedAt is null && (other.Group == ticket.Group || lesson?.Signatures.Contains(other.Signature) == true) && other.Group.Length > 0).ToList())
        {
            _judge.Resolve(other.Id, resolution, _clock.Now, _clock.Wall, result);
        }

        await Carry(result);
        return lesson;
    }

    /// <summary>Stores, then tells: nobody acts on what could still be lost.</summary>
    private async Task Carry(Judgement judged, bool endActivations = false)
    {
        (_owed ??= new Judgement()).Add(judged);
        await Store();
        var result = _owed ?? new Judgement();
        _owed = null;
        foreach (var happened in result.Events)
        {
            events.Emit(happened);
        }

        foreach (var ((kind, failureClass, remediation), count) in result.Unread)
        {
            events.Meter(kind, failureClass, remediation, count: count);
        }

        foreach (var ticket in result.Opened)
        {
            TellParent(ticket);
        }

        // What the core is about to stop or start is told then.
        var touched = result.Changed.Where(path => _core.WillTouch(_judge.CoreIdOf(path), _clock.Now)).ToList();
        var directives = Directives(result.Changed.Except(touched), result.DomainChanged, result.RemediesPaused);
        await silos.Apply(endActivations ? [.. directives.Select(directive => directive with { EndActivations = true })] : directives);
        StartLater(result.ToStart.Where(path => !HasServed(path)).Union(result.Ended));
        if (result.DomainChanged && !_judge.DomainShut && StartsEagerly)
        {
            // All that was shut may run again, and what is below too.
            EnsureStarted().Ignore();
        }

        await RunCore();

        // One that ended for good was neither stopped nor started by it, and its gates do not know yet.
        await silos.Apply(Directives(touched.Where(path => State.Children.GetValueOrDefault(path)?.Status == ChildStatus.Stopped), withDomain: false, withBudget: false));
        Rearm();
    }

    private async Task OnTimer(CancellationToken cancellation)
    {
        try
        {
            await OnDue();
            Rearm();
        }
        catch (Exception failure) when (failure is not InconsistentStateException)
        {
            // What was judged is owed and carried with the next write.
            _timer!.Change(RetryAfter, Timeout.InfiniteTimeSpan);
            NotCarried(log, _spec.Path, failure);
        }
    }

    private async Task OnDue()
    {
        await TakeInEnds();
        StartDue();
        var result = new Judgement { IsRead = events.IsRead };
        _judge.Tick(_clock.Now, result);
        var settled = _judge.Settled.Select(child => Healthy(child.Path, child.Grain)).ToImmutableArray();
        _judge.Settled.Clear();
        if (result.Any || _owed is not null || settled.Length > 0)
        {
            await Carry(result);
            await silos.Apply(settled);
        }
        else
        {
            await RunCore();
        }

        await TellParentOfEnd();
        await TellLessons();
    }

    private async Task TellLessons()
    {
        if (State.Untold.Count == 0)
        {
            return;
        }

        _judge.UntoldSince = null;
        try
        {
            await GrainFactory.GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key).RecordOutcomes([.. State.Untold]);
            State.Untold.Clear();
            _judge.LessonsAway = false;
            await Store();
        }
        catch (Exception failure) when (failure is not InconsistentStateException)
        {
            _judge.LessonsAway = true;
            LessonsAway(log, _spec.Path, State.Untold.Count, failure);
        }
    }

    private ImmutableArray<Directive> Directives(IEnumerable<string> changed, bool withDomain, bool withBudget)
    {
        var directives = changed.Where(path => State.Children.ContainsKey(path) || types.GrainAt(path) is not null || State.Ladders.ContainsKey(path))
            .Select(path => State.Children.TryGetValue(path, out var child) ? DirectiveFor(child) : Healthy(path, GrainOf(path)?.ToString()))
            .ToList();
        if (withBudget)
        {
            directives.Add(new Directive
            {
                Path = _spec.Path,
                Version = ++State.Directives,
                Status = ChildStatus.Idle,
                RemediesPausedFor = Positive(State.RemediesPausedUntil - _clock.Now),
            });
        }

        if (withDomain && State.Quarantine is { } quarantine)
        {
            var shut = _judge.DomainShut;
            directives.Add(new Directive
            {
                Path = mutants.Has(Mutant.QuarantineShutsTree) ? ChildPath.Parent(_spec.Path) ?? _spec.Path : _spec.Path,
                Supervisor = _spec.Path,
                Version = ++State.Directives,
                Status = shut ? ChildStatus.Quarantined : ChildStatus.Idle,
                Wait = Positive(quarantine.Until - _clock.Now),
                Ticket = quarantine.Ticket,
                EndActivations = shut,
            });
        }

        return [.. directives];
    }

    private Directive DirectiveFor(ChildRecord child)
    {
        var now = _clock.Now;
        var verified = child.Remedies.Count == 0 ? now + options.VerificationWindow : child.Remedies.Max(remedy => remedy.VerifiedAt);
        return new Directive
        {
            Path = child.Path,
            Supervisor = _spec.Path,
            Grain = GrainOf(child.Path),
            Version = ++State.Directives,
            Status = child.StatusAt(now),
            Wait = Positive(child.ReadyAt - now),
            VerifyFor = Positive(verified - now) + options.VerificationWindow,
            CrashId = child.LastCrashId,
            Method = child.LastMethod,
            Ticket = child.Ticket,
            Served = child.Served,
            Added = AddedOf(child.Path),
            Incarnation = StartOf(child.Path),
            Reset = child.Status == ChildStatus.Resetting ? child.LastCrashId : _ordered.Path == child.Path ? _ordered.Id : null,
            EndActivations = child.Status is ChildStatus.Quarantined or ChildStatus.Stopped,
            Failed = FailedOf(child.Path),
            Pending = child.Remedies.LastOrDefault() is { } pending ? new AppliedStep(pending.Group, pending.Rule, pending.Step, pending.Asked ?? pending.Action, pending.Action) : null,
            PendingFor = Positive((child.Remedies.LastOrDefault()?.VerifiedAt ?? now) - now),
        };
    }

    private Directive Healthy(string path, string? grain) => new()
    {
        Path = path,
        Supervisor = _spec.Path,
        Grain = grain is null ? null : GrainId.Parse(grain, CultureInfo.InvariantCulture),
        Version = ++State.Directives,
        Status = ChildStatus.Idle,
        Added = AddedOf(path),
        Incarnation = StartOf(path),
        Failed = FailedOf(path),

        // A silo that saw this crash, and was told nothing of it because the supervisor ended over it, knows by this that it has been judged.
        CrashId = State.Children.GetValueOrDefault(path)?.LastCrashId,
    };

    /// <summary>The number of the child's start, which silos report with what they see of it; 0 where its starts are its calls'.</summary>
    private long StartOf(string path) => Otp ? _core.Find(_judge.CoreIdOf(path))?.Incarnation ?? 0 : 0;

    private ImmutableArray<FailedStep> FailedOf(string path) => State.Ladders.TryGetValue(path, out var memory) ? memory.Steps : [];

    private GrainId? GrainOf(string path) =>
        State.Children.GetValueOrDefault(path)?.Grain is { } known ? GrainId.Parse(known, CultureInfo.InvariantCulture) : types.GrainAt(path);

    private void TellParent(Ticket ticket)
    {
        if (ChildPath.Parent(_spec.Path) is { } parent)
        {
            GrainFactory.GetGrain<ISupervisorReportsGrain>(parent).Escalated(ticket).Ignore();
        }
    }

    private async Task Store()
    {
        State.SavedAt = _clock.Wall;
        State.Moment = _clock.Now;
        await stored.WriteAsync();
    }

    private void Rearm()
    {
        var now = _clock.Now;
        _timer!.Change(NextDue(now) is { } due ? Positive(due - now) + Slack : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// What is due is done a little later when there is much of it, with what becomes due meanwhile: each time looks at every record and stores them all.
    /// </summary>
    private TimeSpan Slack => TimeSpan.FromMilliseconds(1 + (State.Children.Count / 20));

    private static TimeSpan Positive(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Supervisor}: ticket {Ticket} was opened below, for {Child}: {Reason}.")]
    private static partial void EscalatedBelow(ILogger log, string supervisor, string ticket, string child, string reason);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Supervisor}: the lessons did not take in {Outcomes} outcomes; they are kept and told again.")]
    private static partial void LessonsAway(ILogger log, string supervisor, int outcomes, Exception exception);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "{Supervisor} could not store what had become due; it tries again.")]
    private static partial void NotCarried(ILogger log, string supervisor, Exception exception);

    private TimeSpan? NextDue(TimeSpan now) =>
        _core.HasWork && !_judge.DomainShut ? now
        : State.Core.Ended is not null && !State.EndTold ? now + RetryAfter
        : Sooner(_judge.NextDue(now), _toStart.Count == 0 ? null : _toStart.Values.Min());

    private static TimeSpan? Sooner(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;

    private bool Otp => options.TopPolicy == TopPolicy.Otp;
}
