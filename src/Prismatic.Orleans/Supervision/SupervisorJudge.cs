using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Prismatic.Events;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Runtime;

namespace Prismatic.Supervision;

/// <summary>What a judgement leads to, besides the changed state: all of it is done after the state is stored.</summary>
internal sealed class Judgement
{
    /// <summary>Children whose gates must be told.</summary>
    public HashSet<string> Changed { get; } = [];

    /// <summary>Whether the children's budget of remedies has just been used up, which all silos are to be told.</summary>
    public bool RemediesPaused { get; set; }

    /// <summary>Whether everything under the supervisor is to be shut or opened.</summary>
    public bool DomainChanged { get; set; }

    /// <summary>Crashes that opened or joined a ticket.</summary>
    public List<string> Ticketed { get; } = [];

    /// <summary>Tickets that were opened.</summary>
    public List<Ticket> Opened { get; } = [];

    /// <summary>Events to emit.</summary>
    public List<SupervisionEvent> Events { get; } = [];

    /// <summary>Children that are to run again, when their states say so.</summary>
    public HashSet<string> ToStart { get; } = [];

    /// <summary>Children that ended by themselves and are to run again: what was served before says nothing about now.</summary>
    public HashSet<string> Ended { get; } = [];

    /// <summary>Whether somebody reads events of a kind. Of those that come with each crash and that nobody reads only the number is kept, in <see cref="Unread"/>.</summary>
    public Func<SupervisionEventKind, bool> IsRead { get; init; } = static _ => true;

    /// <summary>How many events there were that nobody reads, by what the metric distinguishes.</summary>
    public Dictionary<(SupervisionEventKind Kind, FailureClass? Class, string? Remediation), int> Unread { get; } = [];

    /// <summary>One more event that nobody reads.</summary>
    public void Count(SupervisionEventKind kind, FailureClass? failureClass, string? remediation) =>
        Unread[(kind, failureClass, remediation)] = Unread.GetValueOrDefault((kind, failureClass, remediation)) + 1;

    /// <summary>Whether anything happened.</summary>
    public bool Any => Changed.Count > 0 || DomainChanged || RemediesPaused || Events.Count > 0 || Unread.Count > 0 || Opened.Count > 0;

    /// <summary>Takes in what another judgement led to.</summary>
    public void Add(Judgement other)
    {
        Changed.UnionWith(other.Changed);
        ToStart.UnionWith(other.ToStart);
        Ended.UnionWith(other.Ended);
        DomainChanged |= other.DomainChanged;
        RemediesPaused |= other.RemediesPaused;
        Ticketed.AddRange(other.Ticketed);
        Opened.AddRange(other.Opened);
        Events.AddRange(other.Events);
        foreach (var (kind, count) in other.Unread)
        {
            Unread[kind] = Unread.GetValueOrDefault(kind) + count;
        }
    }
}

/// <summary>
/// The decisions of a supervisor: what crashes, successes and the passing of time change in its state. Knows no grain, clock, log or
/// storage; the grain gives it the moment and carries out what it returns.
/// </summary>
internal sealed class SupervisorJudge(SupervisorSpec spec, SupervisionOptions options, SupervisorState state, SupervisorCore core, Func<string, WorkerSpec?> find)
{
    private const int ResolvedTicketsKept = 100;
    private const int UntoldKept = 10_000;
    private const int FewUntold = 16;

    /// <summary>What the ticket about a used-up budget of remedies is known by; it is about no group.</summary>
    private const string BudgetTicket = "remedies";

    // What failed decides about the next crash, which may be a second away; in a storm outcomes gather.
    private static readonly TimeSpan ToldSoon = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ToldInStorm = TimeSpan.FromSeconds(1);

    /// <summary>From so many on, outcomes wait for no others.</summary>
    private const int UntoldAtOnce = 1_000;

    private (ImmutableArray<ExceptionFact> Of, string Text) _summarised;
    private string? _budgetTicket;

    /// <summary>A child crashed.</summary>
    public void Crash(CrashReport report, TimeSpan now, DateTimeOffset wall, Judgement result)
    {
        if (find(report.Child) is not { } worker)
        {
            result.Events.Add(Event(SupervisionEventKind.Noticed, report.Child, report.CrashId, "A crash was reported of a child that the tree of this silo does not have."));
            return;
        }

        var child = RecordOf(report.Child, report.GrainId);
        if (IsOfAnEarlierStart(report.Child, report.Incarnation))
        {
            // Late news: that start has been dealt with, and what runs now did not crash.
            CountCrash(child, worker);
            return;
        }

        var status = child.StatusAt(now);
        var row = ChildStates.Of(status);
        var sameActivation = report.Restarted && child.LastActivation == report.ActivationId;
        var effect = sameActivation ? row.SameActivation : WasLetRun(child, status, report) ? CrashEffect.FailedStart : row.OtherActivation;
        if (effect is CrashEffect.Ignore or CrashEffect.Join or CrashEffect.Fallback or CrashEffect.None)
        {
            Join(child, worker, report, effect, result);
            return;
        }

        var since = FailRemedies(child, report.Group, now, result);
        Count(child, worker, report, now);
        if (!report.Restarted)
        {
            child.Status = status == ChildStatus.Idle ? ChildStatus.Up : status;
            result.Events.Add(Event(SupervisionEventKind.Noticed, child.Path, report.CrashId, "The crash was counted; its activation goes on."));
            return;
        }

        if (worker.RestartType == RestartType.Temporary && worker.Kind == ChildKind.Worker)
        {
            child.Status = ChildStatus.Stopped;
            result.Changed.Add(child.Path);
            PostExit(child, ExitReason.Error, now);
            return;
        }

        if (Otp && core.Find(CoreIdOf(child.Path)) is not { Run: ChildRun.Running or ChildRun.Restarting })
        {
            // A start that was asked for and failed, or an end on the way out: nobody tries again.
            child.Status = ChildStatus.Stopped;
            result.Changed.Add(child.Path);
            return;
        }

        if (Otp)
        {
            Restart(child, report with { Delay = TimeSpan.Zero }, since ?? now, now, wall, result);
            PostExit(child, ExitReason.Error, now);
            return;
        }

        if (state.Quarantine is { } shut && DomainShut)
        {
            // It had begun before the domain was shut: its window is used up already.
            child.Status = ChildStatus.Up;
            JoinTicket(shut.Ticket, report, wall, result);
            return;
        }

        var probation = child.Quarantines > 0 && status == ChildStatus.Restarting && child.Status == ChildStatus.Quarantined;
        if (effect == CrashEffect.CountApart)
        {
            JoinTicket(child.Ticket, report, wall, result);
        }
        else if (probation || !RestartWindow.Allow(child.BudgetTimes, now, worker.Budget))
        {
            QuarantineChild(child, worker, report, now, wall, result);
        }
        else if (effect == CrashEffect.ResumeResetOnce && ++child.Resets > 1)
        {
            QuarantineChild(child, worker, report, now, wall, result);
        }
        else if (spec.Budget is { } budget && !RestartWindow.Allow(state.Window, now, budget))
        {
            QuarantineDomain(child, budget, report, now, wall, result);
        }
        else
        {
            Restart(child, report, since ?? now, now, wall, result);
        }
    }

    /// <summary>
    /// A child's activation ended by itself. A worker that declined to start is stopped until somebody starts it. For any other it is a matter of its
    /// restart type; a restart counts for the child's history and in OTP's window, not in the budget of crashes.
    /// </summary>
    public void Exited(ExitReport exit, TimeSpan now, Judgement result)
    {
        if (find(exit.Child) is not { Kind: ChildKind.Worker } worker)
        {
            return;
        }

        if (IsOfAnEarlierStart(exit.Child, exit.Incarnation))
        {
            return;
        }

        var child = RecordOf(exit.Child, exit.GrainId);
        result.Changed.Add(child.Path);
        if (exit.Ignored)
        {
            if (core.Find(CoreIdOf(child.Path)) is { Run: ChildRun.Running } declined)
            {
                declined.Run = ChildRun.Undefined;
                child.Status = ChildStatus.Stopped;
            }

            return;
        }

        if (!RestartDecision.IsRestarted(worker.RestartType, exit.Reason))
        {
            child.Status = ChildStatus.Stopped;
            PostExit(child, exit.Reason, now);
        }
        else
        {
            if (child.Status is ChildStatus.Idle or ChildStatus.Up)
            {
                child.Incarnation++;
                CountRestart(child, now);
            }

            result.Ended.Add(child.Path);
            if (Otp || spec.Strategy != RestartStrategy.OneForOne)
            {
                PostExit(child, exit.Reason, now);
            }
        }
    }

    /// <summary>
    /// A silo was lost with children of this supervisor. Each of its workers that is to be restarted counts one restart, which no window,
    /// budget or hotspot counts; the core starts it, with its siblings where the strategy says so. Members of families are told of by their
    /// number. Told again by another silo, it changes nothing.
    /// </summary>
    public void SiloLost(SiloLoss loss, TimeSpan now, Judgement result)
    {
        foreach (var old in state.LostSilos.Where(lost => now - lost.Value > TimeSpan.FromDays(1)).ToList())
        {
            state.LostSilos.Remove(old.Key);
        }

        if (!state.LostSilos.TryAdd(loss.Silo, now))
        {
            return;
        }

        result.Events.Add(Event(SupervisionEventKind.SiloLost, spec.Path, "", $"silo {loss.Silo} was lost with {loss.Workers.Length} workers and {loss.Members.Sum(family => family.Count)} members of families of it"));
        var housed = loss.Workers.ToDictionary(worker => worker.Path, worker => worker.ActivationId);
        var roundOfEarlier = false;
        foreach (var lost in core.State.Children.Where(child => housed.ContainsKey(ChildPath.Combine(spec.Path, child.Id))).ToList())
        {
            var path = ChildPath.Combine(spec.Path, lost.Id);
            var known = state.Children.GetValueOrDefault(path);
            if (options.Mode == SupervisionMode.Observe || lost.Run != ChildRun.Running || known?.LastActivation == housed[path] || known?.Status is ChildStatus.Stopped or ChildStatus.Quarantined)
            {
                // One that had crashed there has been dealt with for that, and one that is kept away stays away.
                continue;
            }

            var child = RecordOf(path, lost.Grain);
            result.Changed.Add(path);
            if (RestartDecision.IsRestarted(lost.Restart, ExitReason.SiloLost))
            {
                if (!roundOfEarlier)
                {
                    RestartUncounted(child);
                }

                // The first one's round starts all that come after it, and with them the lost ones.
                roundOfEarlier |= spec.Strategy != RestartStrategy.OneForOne;
                result.Events.Add(Event(SupervisionEventKind.Restarted, path, "", "its silo was lost; no budget counts it"));
            }
            else
            {
                child.Status = ChildStatus.Stopped;
            }

            // With the incarnation, so that one that a sibling's round has started by then is not started again.
            core.Post(new CoreMail
            {
                Kind = CoreMailKind.Exited,
                Id = lost.Id,
                Incarnation = lost.Incarnation,
                Reason = ExitReason.SiloLost,
                Due = child.ReadyAt > now ? child.ReadyAt : now,
                Counted = true,
            });
        }
    }

    /// <summary>The trigger of a crash served again.</summary>
    public void Served(ServedReport served, TimeSpan now, Judgement result)
    {
        if (!state.Children.TryGetValue(served.Child, out var child))
        {
            return;
        }

        for (var i = 0; i < child.Remedies.Count; i++)
        {
            if (child.Remedies[i] is { Served: false } remedy)
            {
                // Served now, so every remedy before it has served as well; the crash it was told for knows the exact time.
                var elapsed = remedy.CrashId == served.CrashId && served.Elapsed is { } exact ? exact : now - remedy.At;
                child.Remedies[i] = remedy with { Served = true, TimeToRecovery = elapsed + (remedy.At - (remedy.Since ?? remedy.At)) };
            }
        }

        if (child.LastCrashId == served.CrashId && child.StatusAt(now) is ChildStatus.Restarting or ChildStatus.Resetting or ChildStatus.Up)
        {
            child.Served = true;
            child.Status = ChildStatus.Up;
            child.Resets = 0;
            core.Revive(CoreIdOf(child.Path));
            result.Changed.Add(child.Path);
        }
    }

    /// <summary>Time has passed: outcomes are due, quarantines end, records of healthy children go.</summary>
    public void Tick(TimeSpan now, Judgement result)
    {
        if (state.Quarantine is { } quarantine && now >= quarantine.Until)
        {
            if (now >= quarantine.Until + options.VerificationWindow)
            {
                // Where nobody was here when it ended, those that it stopped have not been started.
                result.DomainChanged |= !QuarantineOpen;
                state.Quarantine = null;
                QuarantineOpen = false;
            }
            else if (!QuarantineOpen)
            {
                QuarantineOpen = true;
                state.Window.Clear();
                result.DomainChanged = true;
                result.Events.Add(Event(SupervisionEventKind.Noticed, spec.Path, "", "The quarantine has ended; its children may run again."));
            }
        }

        result.Changed.UnionWith(LadderMemories.Forget(state.Ladders, now));
        foreach (var child in state.Children.Values.ToList())
        {
            for (var i = 0; i < child.Remedies.Count;)
            {
                var remedy = child.Remedies[i];
                if (now < remedy.VerifiedAt)
                {
                    i++;
                    continue;
                }

                child.Remedies.RemoveAt(i);
                Tell(remedy, remedy.Served ? Outcome.Healed : Outcome.Inconclusive, child.Path, result);
                if (remedy.Served && LadderMemories.Healed(state.Ladders, child.Path, remedy.Group, now))
                {
                    result.Changed.Add(child.Path);
                }
            }

            if (Calm(child, now))
            {
                Settle(child, now, result);
            }
        }
    }

    /// <summary>Since when outcomes wait to be told; a storm that goes on does not put it off. Null when none do, and again once they are being told.</summary>
    public TimeSpan? UntoldSince { get; set; }

    /// <summary>Whether the lessons did not take in what they were told last; then even many outcomes wait before they are told again.</summary>
    public bool LessonsAway { get; set; }

    private void CountRemedy(CrashReport report, TimeSpan now, DateTimeOffset wall, Judgement result)
    {
        var budget = spec.RemediationBudget;
        if (report.Held == RemedyHold.Budget)
        {
            if (JoinTicket(_budgetTicket ??= TicketId(spec.Path, BudgetTicket), report, wall, result))
            {
                return;
            }

            OpenTicket(spec.Path, report, "", $"its children used up their budget of {budget.Intensity} remedies in {budget.Period.TotalSeconds:0.###} s; until it recovers they get the default restart", wall, result, idOf: BudgetTicket);
        }
        else if (report.Restarted && RemedyChoice.Counts(report.Asked ?? report.Action))
        {
            state.Remedies.RemoveAll(time => time < now - budget.Period);
            state.Remedies.Add(now);
            if (state.Remedies.Count >= budget.Intensity && now >= state.RemediesPausedUntil)
            {
                // Until the oldest that fills the budget has left the window.
                state.RemediesPausedUntil = state.Remedies[^Math.Max(1, budget.Intensity)] + budget.Period;
                result.RemediesPaused = true;
                result.Events.Add(Event(SupervisionEventKind.Noticed, spec.Path, report.CrashId, $"Its children have been given {state.Remedies.Count} remedies in {budget.Period.TotalSeconds:0.###} s, which is their budget; for {(state.RemediesPausedUntil - now).TotalSeconds:0.###} s they get the default restart."));
            }
        }
    }

    /// <summary>The next moment at which <see cref="Tick"/> has something to do; null when nothing is due.</summary>
    public TimeSpan? NextDue(TimeSpan now)
    {
        UntoldSince = state.Untold.Count == 0 ? null : UntoldSince ?? now;
        var next = state.Untold.Count >= UntoldAtOnce && !LessonsAway ? now : UntoldSince + (state.Untold.Count < FewUntold && !LessonsAway ? ToldSoon : ToldInStorm);
        if (state.Quarantine is { } quarantine)
        {
            Sooner(QuarantineOpen ? quarantine.Until + options.VerificationWindow : quarantine.Until);
        }

        if (core.NextDue() is { } round)
        {
            Sooner(round);
        }

        if (state.Ladders.Count > 0)
        {
            Sooner(state.Ladders.Values.Min(memory => memory.At) + LadderMemories.KeptFor);
        }

        foreach (var child in state.Children.Values)
        {
            foreach (var remedy in child.Remedies)
            {
                Sooner(remedy.VerifiedAt);
            }

            if (child.Remedies.Count == 0 && child.Status is not (ChildStatus.Idle or ChildStatus.Stopped))
            {
                Sooner(CalmAt(child));
            }
        }

        return next;

        void Sooner(TimeSpan due) => next = next is { } known && known <= due ? known : due;
    }

    /// <summary>Whether the domain's quarantine has ended and its children are being tried.</summary>
    private bool QuarantineOpen { get; set; }

    /// <summary>Whether everything under the supervisor is shut.</summary>
    public bool DomainShut => state.Quarantine is not null && !QuarantineOpen;

    /// <summary>A sibling was restarted in a round.</summary>
    public void RestartedWith(string path, TimeSpan now)
    {
        var child = RecordOf(path, null);
        child.Incarnation++;
        CountRestart(child, now);
    }

    /// <summary>A sibling was restarted in the round of a child that was lost with its silo.</summary>
    public void RestartedWithLost(string path) => RestartUncounted(RecordOf(path, null));

    /// <summary>A restart that is no sign of illness: counted for ever, and in no window.</summary>
    private static void RestartUncounted(ChildRecord child)
    {
        child.Incarnation++;
        child.Restarts++;
    }

    /// <summary>The record of a child, made when there is none.</summary>
    public ChildRecord RecordOf(string path, string? grain)
    {
        if (!state.Children.TryGetValue(path, out var child))
        {
            state.Children[path] = child = new ChildRecord { Path = path };
        }

        child.Grain ??= grain;
        return child;
    }

    /// <summary>Opens a ticket, or joins the open one of the same group and child.</summary>
    public Ticket OpenTicket(string path, CrashReport report, string group, string reason, DateTimeOffset wall, Judgement result, string? idOf = null)
    {
        result.Ticketed.Add(report.CrashId);
        var about = TicketSubject(path);
        var id = TicketId(about, idOf ?? group);
        var at = state.Tickets.FindIndex(ticket => ticket.Id == id && ticket.ResolvedAt is null);
        if (at >= 0)
        {
            return state.Tickets[at] = Joined(state.Tickets[at], report, wall);
        }

        state.Tickets.RemoveAll(ticket => ticket.Id == id);
        var opened = new Ticket
        {
            Id = id,
            Child = about,
            Group = group,
            Signature = group.Length == 0 ? "" : report.Signature,
            Reason = reason,
            Summary = Summary(report),
            Class = report.Class,
            Crashes = 1,
            OpenedAt = wall,
            LastSeenAt = wall,
            CorrelationId = report.CrashId,
        };
        state.Tickets.Add(opened);
        result.Opened.Add(opened);
        result.Events.Add(Event(SupervisionEventKind.TicketOpened, about, report.CrashId, $"Ticket {id}: {reason}. {opened.Summary}") with { Class = report.Class });
        return opened;
    }

    /// <summary>
    /// A person's answer closes a ticket. What was quarantined over it is tried at once, and on probation: without the ticket it would be down and ask nobody.
    /// </summary>
    public Ticket Resolve(string ticketId, Resolution resolution, TimeSpan now, DateTimeOffset wall, Judgement result)
    {
        var at = state.Tickets.FindIndex(ticket => ticket.Id == ticketId && ticket.ResolvedAt is null);
        var resolved = state.Tickets[at] = state.Tickets[at] with { ResolvedAt = wall, Resolution = resolution };
        foreach (var child in state.Children.Values.Where(child => child.Ticket == ticketId))
        {
            child.Ticket = null;
            result.Changed.Add(child.Path);
            if (child.StatusAt(now) == ChildStatus.Quarantined)
            {
                child.ReadyAt = now;
                result.ToStart.Add(child.Path);
            }
        }

        if (DomainShut && state.Quarantine is { } quarantine && quarantine.Ticket == ticketId)
        {
            state.Quarantine = quarantine with { Until = now };
        }

        foreach (var old in state.Tickets.Where(ticket => ticket.ResolvedAt is not null).OrderByDescending(ticket => ticket.ResolvedAt).Skip(ResolvedTicketsKept).ToList())
        {
            state.Tickets.Remove(old);
        }

        result.Events.Add(Event(SupervisionEventKind.TicketResolved, resolved.Child, resolved.CorrelationId, $"Ticket {ticketId}: {resolution.Remediation.Describe()}. {resolution.RootCause}"));
        return resolved;
    }

    private void Restart(ChildRecord child, CrashReport report, TimeSpan since, TimeSpan now, DateTimeOffset wall, Judgement result)
    {
        child.Incarnation++;
        CountRestart(child, now);
        child.Served = false;
        child.ReadyAt = now + report.Delay;
        child.Status = report.Action switch
        {
            RestartWithStateReset when report.Facts.StateDamaged => ChildStatus.Resetting,
            RedirectToFallback redirect when report.Delay == redirect.Duration && find(child.Path)?.Fallback is not null => ChildStatus.Fallback,
            _ => report.Delay > TimeSpan.Zero ? ChildStatus.BackingOff : ChildStatus.Restarting,
        };
        child.Ticket = report.Action is Escalate escalate
            ? OpenTicket(child.Path, report, report.Group, escalate.Reason, wall, result).Id
            : null;
        child.Remedies.Add(new PendingRemedy
        {
            CrashId = report.CrashId,
            Group = report.Group,
            Signature = report.Signature,
            Action = report.Action,
            Rule = report.Rule,
            At = now,
            Since = since == now ? null : since,
            VerifiedAt = child.ReadyAt + Verification.WindowFor(report.Action, report.Delay, options.VerificationWindow),
            Ticketed = child.Ticket is not null,
            Step = report.Step,
            Asked = report.Asked,
        });
        CountRemedy(report, now, wall, result);
        result.Changed.Add(child.Path);
        result.ToStart.Add(child.Path);
        if (result.IsRead(SupervisionEventKind.Restarted))
        {
            result.Events.Add(Event(SupervisionEventKind.Restarted, child.Path, report.CrashId, $"restart {child.Restarts}, incarnation {child.Incarnation}, {child.Status}") with { Class = report.Class, Remediation = report.Action.Name, Rule = report.Rule });
        }
        else
        {
            result.Count(SupervisionEventKind.Restarted, report.Class, report.Action.Name);
        }

        if (!Otp && spec.Strategy != RestartStrategy.OneForOne)
        {
            // While a stand-in answers for it, its siblings have no reason to wait.
            PostExit(child, ExitReason.Error, child.Status == ChildStatus.Fallback ? now : child.ReadyAt);
        }
    }

    private void QuarantineChild(ChildRecord child, WorkerSpec worker, CrashReport report, TimeSpan now, DateTimeOffset wall, Judgement result)
    {
        child.Quarantines++;
        child.BudgetTimes.Clear();
        child.Status = ChildStatus.Quarantined;
        child.ReadyAt = now + QuarantineFor(child.Quarantines);
        child.Served = false;
        var reason = child.Quarantines > 1
            ? $"it crashed again after quarantine {child.Quarantines - 1}"
            : $"it used up its budget of {worker.Budget.Intensity} restarts in {worker.Budget.Period.TotalSeconds:0.###} s";
        child.Ticket = JoinTicketOfGroup(child, report, reason, wall, result) ?? OpenTicket(child.Path, report, "", reason, wall, result).Id;
        result.Changed.Add(child.Path);
        result.ToStart.Add(child.Path);
        if (find(child.Path) is { Kind: ChildKind.Worker })
        {
            core.SetAside(CoreIdOf(child.Path), now);
        }

        result.Events.Add(Event(SupervisionEventKind.Quarantined, child.Path, report.CrashId, $"quarantined for {(child.ReadyAt - now).TotalSeconds:0} s; nothing else is"));
    }

    private void QuarantineDomain(ChildRecord child, Budget budget, CrashReport report, TimeSpan now, DateTimeOffset wall, Judgement result)
    {
        var count = (state.Quarantine?.Count ?? 0) + 1;
        var ticket = OpenTicket(spec.Path, report, "", $"its children used up its budget of {budget.Intensity} restarts in {budget.Period.TotalSeconds:0.###} s", wall, result);
        state.Quarantine = new DomainQuarantine(now + QuarantineFor(count), count, ticket.Id);
        core.Abandon();
        QuarantineOpen = false;
        state.Window.Clear();
        child.Status = ChildStatus.Restarting;
        result.Changed.Add(child.Path);
        result.DomainChanged = true;
        result.Events.Add(Event(SupervisionEventKind.Quarantined, spec.Path, report.CrashId, $"quarantined as a whole for {QuarantineFor(count).TotalSeconds:0} s; other domains go on"));
    }

    private TimeSpan QuarantineFor(int count)
    {
        var doubled = options.QuarantineInitial.TotalSeconds * Math.Pow(2, Math.Min(count - 1, 30));
        return TimeSpan.FromSeconds(Math.Min(doubled, options.QuarantineMax.TotalSeconds));
    }

    /// <summary>
    /// Whether a delay that still runs here had run out on the silo that chose it, which counts it from the crash and not from its report: a call that waited
    /// for that moment can have crashed the next activation already.
    /// </summary>
    private static bool WasLetRun(ChildRecord child, ChildStatus status, CrashReport report) =>
        status is ChildStatus.BackingOff or ChildStatus.Fallback && child.Silo == report.Silo;

    private void Join(ChildRecord child, WorkerSpec worker, CrashReport report, CrashEffect effect, Judgement result)
    {
        if (effect == CrashEffect.Join && child.LastActivation != report.ActivationId)
        {
            CountCrash(child, worker);
            result.Events.Add(Event(SupervisionEventKind.Noticed, child.Path, report.CrashId, "Two activations of it crashed on different silos; one restart is for both."));
        }
    }

    private void Count(ChildRecord child, WorkerSpec worker, CrashReport report, TimeSpan now)
    {
        CountCrash(child, worker);
        child.LastCrashId = report.CrashId;
        child.LastActivation = report.ActivationId;
        child.LastMethod = report.Trigger == CrashTriggerKind.Activation ? null : report.Method;
        child.LastCrash = Summary(report);
        child.LastCrashAt = now;
        child.Silo = report.Silo;
    }

    private void CountCrash(ChildRecord child, WorkerSpec worker)
    {
        child.Crashes++;
        if (worker.Kind == ChildKind.Family)
        {
            RecordOf(worker.Path, null).Crashes++;
        }
    }

    private void CountRestart(ChildRecord child, TimeSpan now)
    {
        Bump(child);
        if (find(child.Path) is { Kind: ChildKind.Family } family && family.Path != child.Path)
        {
            Bump(RecordOf(family.Path, null));
        }

        void Bump(ChildRecord record)
        {
            record.Restarts++;
            RestartWindow.Remember(record.RestartTimes, record.RestartCounts, now, options.HotspotWindow);
        }
    }

    /// <summary>The group returned: its remedies failed. When the first of their crashes was seen, since its incident is not over; null when there was none.</summary>
    private TimeSpan? FailRemedies(ChildRecord child, string group, TimeSpan now, Judgement result)
    {
        TimeSpan? since = null;
        for (var at = 0; at < child.Remedies.Count;)
        {
            var remedy = child.Remedies[at];
            if (remedy.Group != group)
            {
                at++;
                continue;
            }

            child.Remedies.RemoveAt(at);
            Tell(remedy, Outcome.Failed, child.Path, result);
            LadderMemories.Failed(state.Ladders, child.Path, new AppliedStep(group, remedy.Rule, remedy.Step, remedy.Asked ?? remedy.Action, remedy.Action), remedy.At, now);
            var begun = remedy.Since ?? remedy.At;
            since = since is { } earlier && earlier < begun ? earlier : begun;
        }

        return since;
    }

    private void Tell(PendingRemedy remedy, Outcome outcome, string path, Judgement result)
    {
        state.Untold.Add(remedy.As(outcome));
        if (state.Untold.Count > UntoldKept)
        {
            const int Dropped = UntoldKept / 10;
            state.Untold.RemoveRange(0, Dropped);
            result.Events.Add(Event(SupervisionEventKind.Noticed, path, remedy.CrashId, $"The lessons take in less than there is, or have been away so long: the oldest {Dropped:#,0} of {UntoldKept:#,0} outcomes were dropped."));
        }

        if (!result.IsRead(SupervisionEventKind.OutcomeKnown))
        {
            result.Count(SupervisionEventKind.OutcomeKnown, null, remedy.Action.Name);
            return;
        }

        result.Events.Add(Event(SupervisionEventKind.OutcomeKnown, path, remedy.CrashId, $"{remedy.Action.Name} by rule {remedy.Rule}: {outcome}") with
        {
            Outcome = outcome,
            Remediation = remedy.Action.Name,
            Rule = remedy.Rule,
        });
    }

    /// <summary>False when no such ticket is open.</summary>
    private bool JoinTicket(string? ticketId, CrashReport report, DateTimeOffset wall, Judgement result)
    {
        var at = state.Tickets.FindIndex(ticket => ticket.Id == ticketId && ticket.ResolvedAt is null);
        if (at < 0)
        {
            return false;
        }

        state.Tickets[at] = Joined(state.Tickets[at], report, wall);
        result.Ticketed.Add(report.CrashId);
        return true;
    }

    /// <summary>The open ticket about this child and the group that it crashed with, which now says this too: a person is not called twice to one failure. Null when there is none.</summary>
    private string? JoinTicketOfGroup(ChildRecord child, CrashReport report, string reason, DateTimeOffset wall, Judgement result)
    {
        var id = TicketId(TicketSubject(child.Path), report.Group);
        var at = state.Tickets.FindIndex(ticket => ticket.Id == id && ticket.ResolvedAt is null);
        if (at < 0)
        {
            return null;
        }

        JoinTicket(id, report, wall, result);
        var ticket = state.Tickets[at];
        state.Tickets[at] = ticket.Reason.Contains(reason, StringComparison.Ordinal) || ticket.Reason.Length > 500 ? ticket : ticket with { Reason = $"{ticket.Reason}; {reason}" };
        return id;
    }

    private bool Calm(ChildRecord child, TimeSpan now) =>
        child.Remedies.Count == 0 && child.Status is not (ChildStatus.Idle or ChildStatus.Stopped) && now >= CalmAt(child);

    /// <summary>When nothing of the last crash is open any more.</summary>
    private TimeSpan CalmAt(ChildRecord child) =>
        child.Status == ChildStatus.Quarantined
            ? child.ReadyAt + options.VerificationWindow
            : TimeSpan.FromTicks(Math.Max(child.ReadyAt.Ticks, child.LastCrashAt.Ticks)) + (child.Status == ChildStatus.Up ? TimeSpan.Zero : options.VerificationWindow);

    private void Settle(ChildRecord child, TimeSpan now, Judgement result)
    {
        core.Revive(CoreIdOf(child.Path));
        child.Status = ChildStatus.Idle;
        child.Quarantines = 0;
        child.Resets = 0;
        RestartWindow.Forget(child.RestartTimes, child.RestartCounts, now - options.HotspotWindow);
        result.Changed.Add(child.Path);
        if (find(child.Path) is { Kind: ChildKind.Family } family && family.Path != child.Path)
        {
            // A healthy member costs no record; its counts are in the family's.
            Settled.Add((child.Path, child.Grain));
            state.Children.Remove(child.Path);
        }
    }

    /// <summary>Lets members go that are too many to be remembered; what became of their remedies stays open. How many went.</summary>
    public int LetGo(TimeSpan now, Judgement result)
    {
        var letGo = IntakeBounds.ToLetGo(state.Children.Values, child => find(child.Path) is { Kind: ChildKind.Family } family && family.Path != child.Path);
        foreach (var child in letGo)
        {
            child.Remedies.Clear();
            Settle(child, now, result);
            result.Changed.Remove(child.Path);
        }

        return letGo.Count;
    }

    /// <summary>Members whose records went with the last tick: their gates are to be opened.</summary>
    public List<(string Path, string? Grain)> Settled { get; } = [];

    private bool Otp => options.TopPolicy == TopPolicy.Otp;

    /// <summary>The id in the core of what is at a path: a member of a family stands for its family.</summary>
    public string CoreIdOf(string path) => ChildPath.Name(
        find(path) is { Kind: ChildKind.Family } family ? family.Path : path);

    /// <summary>Tells the core that a child ended, or, when its start had failed, that it may be tried again.</summary>
    private void PostExit(ChildRecord child, ExitReason reason, TimeSpan due)
    {
        var id = CoreIdOf(child.Path);
        core.Post(new CoreMail
        {
            Kind = core.Find(id) is { Run: ChildRun.Restarting } ? CoreMailKind.TryAgain : CoreMailKind.Exited,
            Id = id,
            Reason = reason,
            Due = due,
        });
    }

    /// <summary>Whether what is reported belongs to a start before the last one: that end has been dealt with.</summary>
    private bool IsOfAnEarlierStart(string path, long start) =>
        Otp && start > 0 && core.Find(CoreIdOf(path)) is { } child && child.Incarnation > start;

    private string TicketSubject(string path) =>
        find(path) is { Kind: ChildKind.Family } family ? family.Path : path;

    private string TicketId(string about, string group) =>
        $"{spec.Path}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{group}\n{about}")).AsSpan(0, 6))}";

    private Ticket Joined(Ticket ticket, CrashReport report, DateTimeOffset wall) => ticket with
    {
        Crashes = ticket.Crashes + 1,
        LastSeenAt = wall,
        Summary = Summary(report),
        CorrelationId = report.CrashId,
    };

    /// <summary>Crashes that come in numbers share the text, in memory at least.</summary>
    private string Summary(CrashReport report)
    {
        if (report.Facts.Exceptions != _summarised.Of)
        {
            _summarised = (report.Facts.Exceptions, $"{report.Facts.Outermost.Type}: {report.Facts.Outermost.Message}");
        }

        return _summarised.Text;
    }

    private static SupervisionEvent Event(SupervisionEventKind kind, string subject, string crashId, string text) =>
        new() { Kind = kind, Subject = subject, CorrelationId = crashId, Text = text };
}
