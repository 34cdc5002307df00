namespace Prismatic.Supervision;

/// <summary>
/// OTP's supervisor as a machine of values: messages go in, steps come out, one at a time, and what came of a step goes in again. It takes
/// the next message only when the work of the last is done, as a process would. It knows no grain, clock or storage, and all it knows is
/// in its state, so that a successor goes on in the middle of a round. The rules are those of <c>supervisor.erl</c> (OTP 25 to 27);
/// real histories of Erlang are replayed against it in the tests.
/// </summary>
internal sealed class SupervisorCore(CoreFlags flags, CoreState state)
{
    private Dictionary<string, CoreChild> _byId = state.Children.ToDictionary(child => child.Id);

    public CoreState State => state;

    /// <summary>Answers to requests, by their tokens; the driver takes them out after it has stored the state.</summary>
    public List<(long Token, ChildAnswer Answer)> Answers { get; } = [];

    /// <summary>Reports as OTP writes them; the driver takes them out.</summary>
    public List<CoreReport> Reports { get; } = [];

    /// <summary>Puts a message into the mailbox.</summary>
    public void Post(CoreMail mail) => state.Mail.Add(mail);

    /// <summary>The step to carry out now; null when there is nothing to do until a message comes or <see cref="NextDue"/> is reached.</summary>
    public CoreStep? Next(TimeSpan now)
    {
        while (true)
        {
            if (state.Plan is { } plan)
            {
                if (StepOf(plan, now, out var waits) is { } step)
                {
                    return step;
                }

                if (waits)
                {
                    return null;
                }

                continue;
            }

            // Restarts that wait for their moment stay in the mailbox; what came after them does not wait with them.
            var next = state.Mail.FindIndex(mail => mail.Kind != CoreMailKind.TryAgain || mail.Due <= now);
            if (next < 0)
            {
                return null;
            }

            var taken = state.Mail[next];
            state.Mail.RemoveAt(next);
            Handle(taken, now);
        }
    }

    /// <summary>Whether <see cref="Next"/> has something to do now, whatever the time.</summary>
    public bool HasWork => state.Plan is not null || state.Mail.Any(mail => mail.Kind != CoreMailKind.TryAgain);

    /// <summary>The moment at which <see cref="Next"/> has something to do by itself.</summary>
    public TimeSpan? NextDue()
    {
        var due = state.Mail.Where(mail => mail.Kind == CoreMailKind.TryAgain).Select(mail => mail.Due).ToList();
        return due.Count == 0 ? null : due.Min();
    }

    /// <summary>A start was carried out.</summary>
    public void Started(string id, StartOutcome outcome, TimeSpan now, string? error = null)
    {
        var plan = state.Plan ?? throw new InvalidOperationException($"No start of '{id}' was asked for.");
        if (plan.Starts.Count == 0 || plan.Starts[0] != id)
        {
            throw new InvalidOperationException($"The start of '{id}' was not the step that was asked for.");
        }

        var child = Find(id) ?? throw new InvalidOperationException($"There is no child '{id}'.");
        state.Plan = plan = plan with { Starts = Rest(plan.Starts) };
        switch (outcome)
        {
            case StartOutcome.Started:
                child.Run = ChildRun.Running;
                child.Held = false;
                if (!flags.Simple)
                {
                    Reports.Add(new CoreReport(CoreReportKind.Progress, id, child.Incarnation, "started") { ByRequest = plan.Kind is CorePlanKind.StartChild or CorePlanKind.RestartChild });
                }

                break;

            case StartOutcome.Ignored:
                child.Run = ChildRun.Undefined;
                if (child.Restart == RestartType.Temporary || flags.Simple)
                {
                    Remove(child);
                }

                break;

            default:
                Reports.Add(new CoreReport(CoreReportKind.StartError, id, child.Incarnation, error ?? "it did not start"));
                break;
        }

        AfterStart(plan, child, outcome, now, error);
    }

    /// <summary>A stop was carried out.</summary>
    /// <param name="id">The child.</param>
    /// <param name="reason">How it really ended.</param>
    public void Stopped(string id, ExitReason reason)
    {
        var plan = state.Plan ?? throw new InvalidOperationException($"No stop of '{id}' was asked for.");
        state.Plan = plan with { Stops = plan.Stops.Count > 0 && plan.Stops[0] == id ? Rest(plan.Stops) : [.. plan.Stops.Where(other => other != id)] };
        if (Find(id) is not { } child)
        {
            return;
        }

        if (!AsAsked(child, reason))
        {
            Reports.Add(new CoreReport(CoreReportKind.ShutdownError, id, child.Incarnation, reason.ToString()));
        }

        Forget(child);
    }

    /// <summary>The child with that id.</summary>
    public CoreChild? Find(string id)
    {
        if (_byId.Count != state.Children.Count)
        {
            _byId = state.Children.ToDictionary(child => child.Id);
        }

        return _byId.GetValueOrDefault(id);
    }

    /// <summary>Puts another list in place of the children.</summary>
    public void Replace(IEnumerable<CoreChild> children)
    {
        var before = state.Children;
        state.Children = [.. children];
        _byId = state.Children.ToDictionary(child => child.Id);
        state.LastRemoved = before.Where(child => !_byId.ContainsKey(child.Id)).Select(child => child.Incarnation).Append(state.LastRemoved).Max();
        state.Children.ForEach(NumberAfterRemoved);
    }

    /// <summary>Whether a plan or a message that is due will stop or start that child.</summary>
    public bool WillTouch(string id, TimeSpan now) =>
        (state.Plan is { } plan && (plan.Stops.Contains(id) || plan.Starts.Contains(id)))
        || state.Mail.Any(mail => mail.Id == id && mail.Due <= now && mail.Kind is (CoreMailKind.Exited or CoreMailKind.TryAgain or CoreMailKind.TerminateChild or CoreMailKind.RestartChild));

    /// <summary>Adds a child at the end of the start order.</summary>
    public void Add(CoreChild child)
    {
        NumberAfterRemoved(child);
        state.Children.Add(child);
        _byId[child.Id] = child;
    }

    /// <summary>Forgets a child, specification and all.</summary>
    public void Remove(CoreChild child)
    {
        state.LastRemoved = Math.Max(state.LastRemoved, child.Incarnation);
        // Most often the last one: children stop from the end.
        state.Children.RemoveAt(state.Children.LastIndexOf(child));
        _byId.Remove(child.Id);
    }

    /// <summary>A child that never started begins above those that are gone, so that late news of a namesake is not taken for its own.</summary>
    private void NumberAfterRemoved(CoreChild child)
    {
        if (child.Incarnation == 0)
        {
            child.Incarnation = state.LastRemoved;
        }
    }

    /// <summary>As OTP's <c>count_children</c>.</summary>
    public ChildCounts Count() => new(
        flags.Simple ? 1 : state.Children.Count,
        state.Children.Count(child => child.Run == ChildRun.Running),
        state.Children.Count(child => child.IsSupervisor),
        state.Children.Count(child => !child.IsSupervisor));

    /// <summary>
    /// Somebody else judged that a child whose start failed is not to be tried again now: it is set aside, and the siblings that wait for it in a
    /// round are started without it.
    /// </summary>
    public void SetAside(string id, TimeSpan due)
    {
        if (Find(id) is not { } child || child.Run == ChildRun.Undefined)
        {
            return;
        }

        var waited = child.Run == ChildRun.Restarting;
        child.Run = ChildRun.Undefined;
        child.Held = true;
        state.Mail.RemoveAll(mail => mail.Kind == CoreMailKind.TryAgain && mail.Id == id);
        if (waited && !flags.Simple && flags.Strategy != RestartStrategy.OneForOne)
        {
            var scope = state.Children.ToArray()[RestartScope.Of(flags.Strategy, state.Children.IndexOf(child))];
            if (Array.Find(scope, sibling => sibling.Run == ChildRun.Undefined && MayStart(sibling)) is { } next)
            {
                next.Run = ChildRun.Restarting;
                Post(new CoreMail { Kind = CoreMailKind.TryAgain, Id = next.Id, Due = due, Counted = true });
            }
        }
    }

    /// <summary>A child that was set aside runs again.</summary>
    public void Revive(string id)
    {
        if (Find(id) is { Held: true, Run: ChildRun.Undefined } child)
        {
            child.Held = false;
            child.Run = ChildRun.Running;
        }
    }

    /// <summary>Somebody else shut the whole supervisor: what it was doing is off, and all its children may run again when it opens.</summary>
    public void Abandon()
    {
        state.Plan = null;
        state.Mail.RemoveAll(mail => mail.Kind == CoreMailKind.TryAgain);
        foreach (var child in state.Children.Where(child => !child.Held && child.Run != ChildRun.Running))
        {
            child.Run = ChildRun.Running;
        }
    }

    private void Handle(CoreMail mail, TimeSpan now)
    {
        if (state.Ended is not null && mail.Kind != CoreMailKind.Begin)
        {
            Answer(mail.Token, new ChildAnswer(ChildAnswerKind.NoSupervisor));
            return;
        }

        switch (mail.Kind)
        {
            case CoreMailKind.Begin:
                state.Begun = true;
                state.Ended = null;
                state.Plan = new CorePlan { Kind = CorePlanKind.Begin, Token = mail.Token, Starts = [.. state.Children.Where(MayStart).Select(child => child.Id)] };
                break;

            case CoreMailKind.Exited:
                HandleExit(mail, now);
                break;

            case CoreMailKind.TryAgain:
                if (Find(mail.Id) is { Run: ChildRun.Restarting } again)
                {
                    Restart(again, mail, now);
                }

                break;

            case CoreMailKind.Shutdown:
                End(ExitReason.Shutdown, mail.Token);
                break;

            default:
                HandleRequest(mail);
                break;
        }
    }

    private void HandleExit(CoreMail mail, TimeSpan now)
    {
        if (Find(mail.Id) is not { Run: ChildRun.Running } child || (mail.Incarnation is { } meant && meant != child.Incarnation))
        {
            return;
        }

        if (RestartDecision.IsRestarted(child.Restart, mail.Reason))
        {
            Reports.Add(new CoreReport(CoreReportKind.ChildTerminated, child.Id, child.Incarnation, mail.Reason.ToString()));
            Restart(child, mail, now);
            return;
        }

        if (child.Restart == RestartType.Temporary && !RestartDecision.IsNormal(mail.Reason))
        {
            Reports.Add(new CoreReport(CoreReportKind.ChildTerminated, child.Id, child.Incarnation, mail.Reason.ToString()));
        }

        Forget(child);
        if (child.Significant && RestartDecision.EndsSupervisor(flags.AutoShutdown, state.Children))
        {
            End(ExitReason.Shutdown, 0);
        }
    }

    private void Restart(CoreChild child, CoreMail cause, TimeSpan now)
    {
        if (!cause.Counted && flags.Intensity is { } intensity && !RestartWindow.Allow(state.Window, now, intensity))
        {
            Reports.Add(new CoreReport(CoreReportKind.Shutdown, child.Id, child.Incarnation, "reached_max_restart_intensity"));
            Forget(child);
            End(ExitReason.Shutdown, 0, child.Id);
            return;
        }

        child.Run = ChildRun.Restarting;
        state.Mail.RemoveAll(mail => mail.Kind == CoreMailKind.TryAgain && mail.Id == child.Id);
        List<CoreChild> scope = flags.Simple || flags.Strategy == RestartStrategy.OneForOne ? [child] : [.. state.Children.ToArray()[RestartScope.Of(flags.Strategy, state.Children.IndexOf(child))]];
        state.Plan = new CorePlan
        {
            Kind = CorePlanKind.Restart,
            Id = child.Id,
            Reason = cause.Reason,
            Stops = [.. Enumerable.Reverse(scope).Where(sibling => sibling != child && sibling.Run != ChildRun.Undefined).Select(sibling => sibling.Id)],
            Starts = [.. scope.Where(sibling => sibling == child || (sibling.Restart != RestartType.Temporary && MayStart(sibling))).Select(sibling => sibling.Id)],
            Due = state.Mail.Where(mail => mail is { Kind: CoreMailKind.TryAgain, IsFallback: false } && scope.Any(sibling => sibling.Id == mail.Id)).Select(mail => mail.Due).Append(cause.Due).Max(),
        };
    }

    private void HandleRequest(CoreMail mail)
    {
        var child = Find(mail.Kind == CoreMailKind.StartChild ? mail.Child!.Id : mail.Id);
        if (CoreRequests.Refusal(mail.Kind, flags, child, state.Children.Count) is { } refused)
        {
            Answer(mail.Token, refused);
            return;
        }

        switch (mail.Kind)
        {
            case CoreMailKind.StartChild:
                Add(mail.Child!);
                state.Plan = new CorePlan { Kind = CorePlanKind.StartChild, Id = mail.Child!.Id, Token = mail.Token, Starts = [mail.Child.Id] };
                break;

            case CoreMailKind.RestartChild:
                state.Plan = new CorePlan { Kind = CorePlanKind.RestartChild, Id = child!.Id, Token = mail.Token, Starts = [child.Id] };
                break;

            case CoreMailKind.TerminateChild:
                child!.Held = true;
                state.Plan = new CorePlan { Kind = CorePlanKind.TerminateChild, Id = child.Id, Token = mail.Token, Stops = child.Run == ChildRun.Running ? [child.Id] : [] };
                break;

            case CoreMailKind.DeleteChild:
                Remove(child!);
                Answer(mail.Token, new ChildAnswer(ChildAnswerKind.Ok));
                break;

            default:
                throw new ArgumentOutOfRangeException(nameof(mail), mail.Kind, "No such request.");
        }
    }

    /// <summary>The next step of a plan; null when it is done, or when it waits.</summary>
    private CoreStep? StepOf(CorePlan plan, TimeSpan now, out bool waits)
    {
        waits = false;
        while (plan.Stops.Count > 0)
        {
            if (plan.Kind == CorePlanKind.End && flags.Simple)
            {
                return new CoreStep(CoreStepKind.Stop, [.. plan.Stops.Select(Find).OfType<CoreChild>()]);
            }

            if (Find(plan.Stops[0]) is { Run: ChildRun.Running } running)
            {
                return new CoreStep(CoreStepKind.Stop, [running]);
            }

            if (Find(plan.Stops[0]) is { } waiting)
            {
                // It was being restarted: nothing runs, and its own restart is off.
                Forget(waiting);
            }

            state.Plan = plan = plan with { Stops = Rest(plan.Stops) };
        }

        if (plan.Starts.Count > 0 && plan.Due > now)
        {
            // The round is taken up again when its moment has come; until then requests and other exits are taken in.
            state.Plan = null;
            Post(new CoreMail { Kind = CoreMailKind.TryAgain, Id = plan.Id, Due = plan.Due, Counted = true });
            return null;
        }

        if (plan.Starts.Count > 0 && Find(plan.Starts[0]) is { } next)
        {
            next.Incarnation++;
            return new CoreStep(CoreStepKind.Start, [next]);
        }

        Finish(plan);
        return null;
    }

    private void AfterStart(CorePlan plan, CoreChild child, StartOutcome outcome, TimeSpan now, string? error)
    {
        var failed = outcome == StartOutcome.Failed;
        switch (plan.Kind)
        {
            case CorePlanKind.Begin when failed:
                child.Run = ChildRun.Undefined;
                Answer(plan.Token, new ChildAnswer(ChildAnswerKind.StartFailed, 0, $"{child.Id} failed to start: {error}"));
                End(ExitReason.Error, 0);
                break;

            case CorePlanKind.Restart when failed:
                // The round is now about the child that failed. The one whose end began it, if its turn has not come, waits stopped like the rest.
                foreach (var later in plan.Starts.Select(Find).OfType<CoreChild>().Where(later => later.Run == ChildRun.Restarting))
                {
                    later.Run = ChildRun.Undefined;
                }

                child.Run = ChildRun.Restarting;
                state.Plan = null;
                if (flags.SelfRetry)
                {
                    Post(new CoreMail { Kind = CoreMailKind.TryAgain, Id = child.Id, Due = now });
                }

                break;

            case CorePlanKind.StartChild when failed:
                Remove(child);
                Answer(plan.Token, new ChildAnswer(ChildAnswerKind.StartFailed, 0, error));
                state.Plan = null;
                break;

            case CorePlanKind.RestartChild when failed:
                child.Run = ChildRun.Undefined;
                Answer(plan.Token, new ChildAnswer(ChildAnswerKind.StartFailed, 0, error));
                state.Plan = null;
                break;

            case CorePlanKind.StartChild or CorePlanKind.RestartChild:
                Answer(plan.Token, new ChildAnswer(outcome == StartOutcome.Ignored ? ChildAnswerKind.Ignored : ChildAnswerKind.Ok, outcome == StartOutcome.Ignored ? 0 : child.Incarnation));
                state.Plan = null;
                break;
        }
    }

    private void Finish(CorePlan plan)
    {
        state.Plan = null;
        switch (plan.Kind)
        {
            case CorePlanKind.TerminateChild:
                if (Find(plan.Id) is { } child)
                {
                    Forget(child);
                }

                Answer(plan.Token, new ChildAnswer(ChildAnswerKind.Ok));
                break;

            case CorePlanKind.Begin:
                Answer(plan.Token, new ChildAnswer(ChildAnswerKind.Ok));
                break;

            case CorePlanKind.End:
                state.Ended = plan.Reason;
                Answer(plan.Token, new ChildAnswer(ChildAnswerKind.Ok));
                foreach (var late in state.Mail.ToList())
                {
                    Answer(late.Token, new ChildAnswer(ChildAnswerKind.NoSupervisor));
                }

                state.Mail.Clear();
                break;
        }
    }

    /// <summary>All children stop, the last one first; then the supervisor has ended.</summary>
    private void End(ExitReason reason, long token, string because = "") => state.Plan = new CorePlan
    {
        Kind = CorePlanKind.End,
        Id = because,
        Reason = reason,
        Token = token,
        Stops = [.. Enumerable.Reverse(state.Children).Where(child => child.Run != ChildRun.Undefined).Select(child => child.Id)],
    };

    /// <summary>The child does not run any more: its entry stays, unless nobody could start it again.</summary>
    private void Forget(CoreChild child)
    {
        child.Run = ChildRun.Undefined;
        if (child.Restart == RestartType.Temporary || flags.Simple)
        {
            Remove(child);
        }
    }

    /// <summary>All but the first, without a copy: a list of many children is gone through in steps.</summary>
    private static ArraySegment<string> Rest(IReadOnlyList<string> ids) => (ids is ArraySegment<string> part ? part : new ArraySegment<string>([.. ids]))[1..];

    private bool MayStart(CoreChild child) => !(flags.KeepTerminated && child.Held);

    private static bool AsAsked(CoreChild child, ExitReason reason) => child.Shutdown == Shutdown.BrutalKill
        ? reason == ExitReason.Killed
        : reason == ExitReason.Shutdown || (child.Restart != RestartType.Permanent && reason == ExitReason.Normal);

    private void Answer(long token, ChildAnswer answer)
    {
        if (token != 0)
        {
            Answers.Add((token, answer));
        }
    }
}
