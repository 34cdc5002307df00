using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Prismatic.Breakers;
using Prismatic.Events;
using Prismatic.Lessons;
using Prismatic.Mailbox;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// What a silo does at once about an exception that ended a turn or an activation: whose fault it is, what kind of failure, what the rules
/// say, end the activation, shut the gate, report. Runs inside an exception filter or under the runtime's own lock: it never waits and
/// never throws.
/// </summary>
internal sealed partial class CrashHandler(
    SupervisionOptions options,
    SupervisedTypes types,
    GateTable gates,
    LocalRules rules,
    SiloGroups groups,
    FailedSteps failed,
    RemedyBudgets budgets,
    KnownCrashes known,
    BreakerOwner breakers,
    ResetOrders resets,
    OwnExits exits,
    Abandonment abandonment,
    ReportOutbox outbox,
    DeadLetterOutbox deadLetters,
    EventSink events,
    SiloIdentity silo,
    MonotonicClock clock,
    HookStatus hooks,
    Mutants mutants,
    ILogger<CrashHandler> log)
{
    private readonly Random _random = new(options.Seed ?? silo.Address.GetConsistentHashCode());

    /// <summary>A call, timer, reminder or stream delivery ended with an exception.</summary>
    public void OnTurnFailed(IIncomingGrainCallContext call, Exception exception)
    {
        try
        {
            if (types.TryGet(call.TargetId.Type, out var type)
                && type.Find(call.TargetId) is { } child
                && Turn.KindOf(call.Request) is { } kind)
            {
                var blame = BlameRule.Of(
                    exception,
                    cameInThroughCall: !mutants.Has(Mutant.EveryHopIsOrigin) && CrashOrigin.IsElsewhere(exception, call.TargetId),
                    callerCancelled: call.Request.GetCancellationToken().IsCancellationRequested,
                    hooks.Stopping,
                    child.Spec.Expected,
                    static call => call.InterfaceMethod.GetParameters().Select(parameter => parameter.Name),
                    call);
                Handle(new FailedTurn(call.TargetContext, child, kind, Turn.NameOf(call.Request), exception, blame)
                {
                    Fingerprint = kind == CrashTriggerKind.Call ? Turn.Fingerprint(call.Request) : null,
                    Delivery = Turn.DeliveryOf(kind, call.Request),
                    Call = call,
                });
            }
        }
        catch (Exception fault)
        {
            HandlerFailed(log, call.TargetId, fault);
        }
    }

    /// <summary>A turn outlasted its deadline. False when its activation has crashed already, or is to go on.</summary>
    public bool OnTurnHung(IGrainContext context, SupervisedChild child, CrashTriggerKind kind, string method, TurnHungException hung) =>
        Handle(new FailedTurn(context, child, kind, method, hung, Blame.Worker));

    /// <summary>A constructor, a state read or OnActivateAsync failed.</summary>
    public void OnActivationFailed(IGrainContext context, Exception exception)
    {
        try
        {
            if (types.TryGet(context.GrainId.Type, out var type) && type.Find(context.GrainId) is { } child)
            {
                var blame = BlameRule.Of(exception, CrashOrigin.IsElsewhere(exception, context.GrainId), false, hooks.Stopping, child.Spec.Expected, static _ => [], context);
                Handle(new FailedTurn(context, child, CrashTriggerKind.Activation, "its activation", exception, blame));
            }
        }
        catch (Exception fault)
        {
            HandlerFailed(log, context.GrainId, fault);
        }
    }

    /// <summary>A turn of a child that needs attention was served.</summary>
    public void OnServed(IIncomingGrainCallContext call, SupervisedChild child, CrashTriggerKind kind)
    {
        if (!gates.TryGet(call.TargetId, out var gate))
        {
            return;
        }

        string crashId;
        TimeSpan? elapsed;
        SeenCrash? seen;
        lock (gate)
        {
            if (kind == CrashTriggerKind.Call && Turn.Fingerprint(call.Request) is { } fingerprint)
            {
                gate.Poison.Served(fingerprint);
            }

            if (gate.Served || gate.CrashId is null || gate.CrashedActivation == call.TargetContext.ActivationId
                || (gate.Method is { } method && method != Turn.NameOf(call.Request)))
            {
                return;
            }

            gate.Served = true;
            gate.Status = ChildStatus.Up;
            crashId = gate.CrashId;
            elapsed = clock.Now - gate.SeenAt;
            (seen, gate.Seen) = (gate.Seen, null);
        }

        var path = gate.Path;
        var served = new ServedReport { Child = path, CrashId = crashId, Elapsed = elapsed };
        if (seen?.Serve(served) is not true)
        {
            outbox.Add(child.Supervisor.Path, served);
        }

        if (!events.IsRead(SupervisionEventKind.Recovered))
        {
            events.Meter(SupervisionEventKind.Recovered, timeToRecovery: elapsed);
            return;
        }

        events.Emit(new SupervisionEvent
        {
            Kind = SupervisionEventKind.Recovered,
            Subject = path,
            CorrelationId = crashId,
            TimeToRecovery = elapsed,
            Text = elapsed is { } time ? $"{Turn.NameOf(call.Request)} served again after {time.TotalMilliseconds:0.#} ms" : $"{Turn.NameOf(call.Request)} served again",
        });
    }

    /// <summary>Whether the activation ends because of it.</summary>
    private bool Handle(in FailedTurn turn)
    {
        if (turn.Exception is ChildUnavailableException)
        {
            // The call that it goes back to did start, whoever was refused: its caller must not send it again.
            CrashOrigin.Mark(turn.Exception, CrashMarks.Started, turn.Child.PathOf(turn.Grain));
        }

        if (turn.Blame != Blame.Worker)
        {
            var path = turn.Child.PathOf(turn.Grain);
            EmitOther(turn, path);
            BreakForOther(turn, path);
            return false;
        }

        if (abandonment.IsFenced(turn.Context))
        {
            // The late end of an activation that was left behind: it was counted when its limit had passed.
            return false;
        }

        exits.Withdraw(turn.Context);
        return HandleOwn(turn, gates.Attend(turn.Grain, turn.Child));
    }

    private bool HandleOwn(in FailedTurn turn, ChildGate gate)
    {
        var path = gate.Path;
        var sequence = silo.NextSequence();
        var crashId = silo.CrashId(sequence);
        var target = CrashOrigin.Read(turn.Exception, CrashMarks.Target);
        var damaged = turn.Exception is Storage.StateDamagedException
            || (mutants.Has(Mutant.ResetByExceptionType) && turn.Exception.GetType().Name.Contains("Json", StringComparison.Ordinal));
        var facts = CrashCapture.Read(turn.Exception, turn.Child.Spec.Interface.Name, path, Blame.Worker, target, damaged, failedStart: turn.Kind == CrashTriggerKind.Activation);
        var (signature, failureClass) = known.Of(facts);
        var group = groups.Of(signature, facts);
        var enforced = options.Mode == SupervisionMode.Enforce && !BlameRule.IsOneOf(turn.Exception, turn.Child.Spec.Resumed);

        // Looked up again: it may have gone while the exception was read.
        gate = gates.Attend(turn.Grain, turn.Child);
        var seen = new SeenCrash();
        if (Decide(turn, gate, seen, facts, crashId, signature, group, failureClass, enforced) is not var (verdict, choice))
        {
            // It joins a crash that is being handled; the target that it names may be another.
            if (enforced && Mode == RemediationMode.Active
                && rules.Current.Decide(facts, signature, failureClass).Action is CircuitBreak joined && (joined.Target ?? target) is { } alsoBroken)
            {
                Break(alsoBroken, joined.Duration, crashId, facts);
            }

            return false;
        }

        CrashOrigin.Mark(turn.Exception, CrashMarks.Origin, path);
        CrashOrigin.Mark(turn.Exception, CrashMarks.Crash, crashId);
        Act(turn, verdict, crashId, facts, enforced);

        var report = new CrashReport
        {
            CrashId = crashId,
            Sequence = sequence,
            Silo = silo.Name,
            Child = path,
            GrainId = gate.GrainText,
            ActivationId = turn.Context.ActivationId.ToString(),
            Trigger = turn.Kind,
            Method = turn.Method,
            Facts = facts,
            Signature = signature,
            Group = group,
            Class = failureClass,
            Action = verdict.Applied,
            Rule = choice.Rule,
            Step = choice.Step,
            Asked = choice.Action == verdict.Applied ? null : choice.Action,
            Held = choice.Held,
            Proposed = choice.Proposed,
            ProposedAction = choice.ProposedAction,
            Restarted = enforced,
            SeenAt = clock.Wall,
            Delay = verdict.Delay,
            Build = BuildOf(turn.Context),

            // A hung turn still runs: what it may be changing is not read.
            State = turn.Exception is not TurnHungException && turn.Context.GrainInstance is { } grain ? StateSnapshot.Of(grain) : [],
            Incarnation = gates.StartOf(turn.Grain),
            QueueLength = Mailbox.WaitingCount.Of(turn.Context),
        };
        seen.Report = report;
        outbox.Add(turn.Child.Supervisor.Path, seen);
        if (events.IsRead(SupervisionEventKind.Crashed))
        {
            events.Emit(new SupervisionEvent
            {
                Kind = SupervisionEventKind.Crashed,
                Subject = path,
                CorrelationId = crashId,
                Class = failureClass,
                Signature = signature,
                Remediation = verdict.Applied.Name,
                Rule = choice.Rule,
                Crash = report,
                Text = $"{turn.Kind}: {turn.Method} crashed with {facts.Outermost.Type}: {facts.Outermost.Message}; {(enforced ? verdict.Applied.Describe() : "observed only")}",
            });
        }
        else
        {
            events.Meter(SupervisionEventKind.Crashed, failureClass, verdict.Applied.Name);
        }

        if (choice.ProposedAction is { } proposed)
        {
            EmitHeld(path, crashId, choice, proposed);
        }

        if (enforced && verdict.BreakTarget is { } broken)
        {
            Break(broken, verdict.BreakFor, crashId, facts);
        }

        return enforced;
    }

    /// <summary>What remediation may do here: the stricter of what the tree says and of what an operator set for the cluster.</summary>
    private RemediationMode Mode => (RemediationMode)Math.Max((int)options.Remediation, (int)rules.Current.Mode);

    private void EmitHeld(string path, string crashId, RemedyChoice choice, RemediationAction proposed)
    {
        if (!events.IsRead(SupervisionEventKind.RemedyHeld))
        {
            events.Meter(SupervisionEventKind.RemedyHeld, remediation: proposed.Name);
            return;
        }

        events.Emit(new SupervisionEvent
        {
            Kind = SupervisionEventKind.RemedyHeld,
            Subject = path,
            CorrelationId = crashId,
            Remediation = proposed.Name,
            Rule = choice.Proposed,
            Text = $"rule {choice.Proposed} would {proposed.Describe()}; {choice.Held switch
            {
                RemedyHold.None => "it is a shadow rule, and the rules behind it decide",
                RemedyHold.Shadow => "remediation is in shadow mode, and the default restart is done",
                RemedyHold.Budget => "the budget of remedies of its supervisor is used up, and the default restart is done",
                _ => "remediation is switched off, and the default restart is done",
            }}",
        });
    }

    /// <summary>
    /// A failure that is the request's or a dependency's restarts nobody; a rule that names that blame can break a circuit for it. While there is
    /// no such rule this costs one look at a set.
    /// </summary>
    private void BreakForOther(in FailedTurn turn, string path)
    {
        var current = rules.Current;
        if (options.Mode != SupervisionMode.Enforce || Mode != RemediationMode.Active || !current.AsksFor(turn.Blame))
        {
            return;
        }

        var facts = CrashCapture.Read(turn.Exception, turn.Child.Spec.Interface.Name, path, turn.Blame, CrashOrigin.Read(turn.Exception, CrashMarks.Target), stateDamaged: false);
        if (current.Decide(facts, CrashSignature.Of(facts).Hash, FailureClassifier.Classify(facts)).Action is CircuitBreak circuit
            && (circuit.Target ?? facts.Target) is { } target
            && budgets.Of(turn.Child.Supervisor)())
        {
            Break(target, circuit.Duration, CrashOrigin.Read(turn.Exception, CrashMarks.Crash) ?? silo.CrashId(silo.NextSequence()), facts);
        }
    }

    /// <summary>Opens a breaker: on this silo before this returns; the owner and the other silos are told on their own time.</summary>
    private void Break(string target, TimeSpan duration, string crashId, CrashFacts facts)
    {
        breakers.Open(target, duration, $"{facts.Outermost.Type} in {facts.Child}").Ignore();
        events.Emit(new SupervisionEvent
        {
            Kind = SupervisionEventKind.BreakerOpened,
            Subject = target,
            CorrelationId = crashId,
            Text = $"open for {duration.TotalSeconds:0.###} s; calls to it are refused at once",
        });
    }

    /// <summary>Decides and shuts the gate; null when the crash joins one that is being handled.</summary>
    private (LocalVerdict Verdict, RemedyChoice Choice)? Decide(in FailedTurn turn, ChildGate gate, SeenCrash seen, CrashFacts facts, string crashId, string signature, string group, FailureClass failure, bool enforced)
    {
        var now = clock.Now;
        gates.TakeOrder(turn.Grain);
        lock (gate)
        {
            var same = gate.CrashedActivation == turn.Context.ActivationId;
            var row = ChildStates.Of(gate.CrashId is null && gate.Status == ChildStatus.Up ? ChildStatus.Idle : gate.StatusAt(now));
            if (enforced && (same ? row.SameActivation : row.OtherActivation) is not (CrashEffect.Decide or CrashEffect.FailedStart or CrashEffect.ResumeResetOnce))
            {
                return null;
            }

            if (turn.Delivery is { } delivery && delivery == gate.Delivery && enforced)
            {
                // The same stream event again: its failure was counted; the restart that it needs is not.
                turn.Context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, "Supervision: the redelivered event crashed again."));
                return null;
            }

            if (turn.Fingerprint is { } fingerprint && gate.Poison.Crashed(fingerprint) is var suspicion
                && (suspicion != Suspicion.None || (gate.Poison.OnlyOneLately && IsKnownAsRequests(facts, signature, failure))))
            {
                if (suspicion == Suspicion.JustProven)
                {
                    outbox.AddRequestFault(RequestFault(turn, facts, crashId, signature, group, failure));
                }

                if (gate.CrashId is null)
                {
                    gate.KeepUntil = now + (2 * options.VerificationWindow);
                }

                Bury(turn);
                return null;
            }

            gate.CrashesInRun = now - gate.LastCrashAt > options.VerificationWindow ? 1 : gate.CrashesInRun + 1;
            var restart = turn.Child.Spec.Restart ?? options.DefaultRestart;
            var choice = Choose(turn, gate, facts, signature, group, failure, restart, enforced, now);
            LocalVerdict verdict;
            lock (_random)
            {
                verdict = LocalDecision.Of(choice.IsOwnRestart ? restart : choice.Action, facts, restart, turn.Child.Fallback is not null, gate.CrashesInRun, gate.LastDelay, _random);
            }

            verdict = enforced ? verdict : new LocalVerdict(verdict.Applied, ChildStatus.Up, TimeSpan.Zero, false, null, TimeSpan.Zero, false);
            gate.CrashId = crashId;
            gate.Seen = seen;
            gate.Unjudged = true;
            gate.CrashedActivation = enforced ? turn.Context.ActivationId : default;
            gate.Method = turn.Kind == CrashTriggerKind.Activation ? null : turn.Method;
            gate.SeenAt = gate.LastCrashAt = now;
            gate.Served = false;
            gate.Delivery = turn.Delivery;
            gate.Status = verdict.Status;
            gate.ReadyAt = now + verdict.Delay;
            gate.LeaseUntil = TimeSpan.MaxValue;
            if (enforced && StartedBySupervisor(turn.Child, verdict))
            {
                // It starts again in its place of the order, once its siblings have been stopped, or not at all.
                gate.Status = ChildStatus.BackingOff;
                gate.ReadyAt = now + RoundLease;
            }
            else if (enforced && verdict.Status == ChildStatus.Restarting && turn.Exception is TurnHungException)
            {
                gate.Status = ChildStatus.Hung;
                gate.ReadyAt = now + HungRetry;
            }

            gate.LastDelay = verdict.Delay;
            gate.Pending = enforced ? new AppliedStep(group, choice.Rule, choice.Step, choice.Action, verdict.Applied) : null;
            gate.PendingUntil = gate.ReadyAt + Verification.WindowFor(verdict.Applied, verdict.Delay, options.VerificationWindow);

            // Longer than the supervisor needs to say when the gate may go; after that an orphan gate opens by itself.
            gate.KeepUntil = gate.ReadyAt + (2 * Verification.WindowFor(verdict.Applied, verdict.Delay, options.VerificationWindow));
            gate.SignalChange();
            return (verdict, choice);
        }
    }

    /// <summary>Whether a lesson knows this failure as the fault of the requests that meet it.</summary>
    private bool IsKnownAsRequests(CrashFacts facts, string signature, FailureClass failure) =>
        rules.Current is { BlamesRequests: true } current && Mode == RemediationMode.Active && LessonRules.BlamesRequest(current.Decide(facts, signature, failure).Rule.Id);

    /// <summary>What the lessons are told when a request was proven to be at fault: not a crash, but evidence about its group.</summary>
    private CrashReport RequestFault(in FailedTurn turn, CrashFacts facts, string crashId, string signature, string group, FailureClass failure) => new()
    {
        CrashId = crashId,
        Sequence = 0,
        Silo = silo.Name,
        Child = facts.Child,
        GrainId = turn.Grain.ToString(),
        ActivationId = turn.Context.ActivationId.ToString(),
        Trigger = turn.Kind,
        Method = turn.Method,
        Facts = facts with { Blame = Blame.Request },
        Signature = signature,
        Group = group,
        Class = failure,
        Action = new RestartWithBackoff(),
        Rule = RemedyChoice.NoRule,
        SeenAt = clock.Wall,
        Build = BuildOf(turn.Context),
    };

    /// <summary>What the rules say, from where the ladder of this child stands. A remedy that is still being verified has failed when its group is back.</summary>
    private RemedyChoice Choose(in FailedTurn turn, ChildGate gate, CrashFacts facts, string signature, string group, FailureClass failure, RestartWithBackoff restart, bool enforced, TimeSpan now)
    {
        if (gate.Pending is { } pending && pending.Group == group && now < gate.PendingUntil && pending.FailsAfter(now - gate.LastCrashAt))
        {
            failed.Failed(facts.Child, group, pending.Rule, pending.Step, pending.Asked, pending.Applied);
        }

        return RemedyChoice.Of(rules.Current, new RemedyQuestion(
            facts, signature, group, failure, restart, failed.Of(facts.Child), Mode, enforced ? budgets.Of(turn.Child.Supervisor) : static () => true));
    }

    private void Act(in FailedTurn turn, LocalVerdict verdict, string crashId, CrashFacts facts, bool enforced)
    {
        if (!enforced)
        {
            return;
        }

        if (verdict.ResetState)
        {
            resets.Order(turn.Grain, crashId);
        }

        if (turn.Kind != CrashTriggerKind.Activation)
        {
            // Without the exception in the reason Orleans sends the calls that wait on to the next activation; with it, it would fail them all.
            const string Reason = "Supervision: the activation crashed.";
            turn.Context.Deactivate(mutants.Has(Mutant.CrashReachesBystanders)
                ? new DeactivationReason(DeactivationReasonCode.ApplicationError, turn.Exception, Reason)
                : new DeactivationReason(DeactivationReasonCode.ApplicationError, Reason));
        }
    }

    /// <summary>Whether the next activation waits for the supervisor; if so, the siblings that restart with it wait from now on.</summary>
    private bool StartedBySupervisor(SupervisedChild child, LocalVerdict verdict)
    {
        if (options.TopPolicy == TopPolicy.Otp)
        {
            gates.HoldSiblings(child, RoundLease);
            return true;
        }

        return verdict.Status == ChildStatus.Restarting
            && ((child.Spec.RestartType == RestartType.Temporary && child.Spec.Kind == ChildKind.Worker) || gates.HoldSiblings(child, RoundLease));
    }

    /// <summary>How long siblings wait for the supervisor's round before their gates open by themselves.</summary>
    private static readonly TimeSpan RoundLease = TimeSpan.FromSeconds(3);

    /// <summary>When a caller that meets a hung activation may look again: by then calls go to the next one.</summary>
    private static readonly TimeSpan HungRetry = TimeSpan.FromMilliseconds(100);

    /// <summary>The request is at fault and not the worker: its caller gets the exception, it is kept as a dead letter, and nothing else happens.</summary>
    private void Bury(in FailedTurn turn)
    {
        var path = turn.Child.PathOf(turn.Grain);
        var correlation = silo.CrashId(silo.NextSequence());
        if (turn.Call is { } call)
        {
            deadLetters.Add(turn.Child.Spec.Path, path, turn.Grain, turn.Method, call.Request, call.InterfaceMethod, turn.Exception, correlation, turn.Child.Spec.KeepsRequests);
        }

        events.Emit(new SupervisionEvent
        {
            Kind = SupervisionEventKind.RequestFailed,
            Subject = path,
            CorrelationId = correlation,
            Text = $"{turn.Method} ended with {turn.Exception.GetType().FullName} once more while other requests were served; the request is at fault and is kept as a dead letter",
        });
    }

    private void EmitOther(in FailedTurn turn, string path)
    {
        if (turn.Blame is Blame.Request or Blame.Dependency)
        {
            events.Emit(new SupervisionEvent
            {
                Kind = turn.Blame == Blame.Request ? SupervisionEventKind.RequestFailed : SupervisionEventKind.DependencyFailed,
                Subject = path,
                CorrelationId = CrashOrigin.Read(turn.Exception, CrashMarks.Crash) ?? "",
                Text = $"{turn.Method} ended with {turn.Exception.GetType().FullName}",
            });
        }
    }

    private static readonly ConditionalWeakTable<Module, string> Builds = [];

    private static string BuildOf(IGrainContext context) => context.GrainInstance?.GetType().Module is { } known
        ? Builds.GetValue(known, static module => $"{module.Assembly.GetName().Version}+{module.ModuleVersionId:N}")
        : "";

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Supervision could not handle a crash of {Grain}; the caller got its exception and the activation goes on.")]
    private static partial void HandlerFailed(ILogger log, GrainId grain, Exception exception);

    private readonly record struct FailedTurn(IGrainContext Context, SupervisedChild Child, CrashTriggerKind Kind, string Method, Exception Exception, Blame Blame)
    {
        public GrainId Grain => Context.GrainId;

        public int? Fingerprint { get; init; }

        public string? Delivery { get; init; }

        public IIncomingGrainCallContext? Call { get; init; }
    }
}
