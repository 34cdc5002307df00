namespace Prismatic.Tests.Conformance;

/// <summary>
/// OTP's supervisor, told as simply as possible: a list of children in start order, an inbox, and a list of restart times. Everything
/// happens at once and in one thread; a supervisor under it is a call away. Nothing here is shared with the code under test.
/// </summary>
internal sealed class ModelSupervisor(ModelWorld world, string path, int attempt, HistoryChild spec, ModelSupervisor? parent)
    : ModelProcess(path, attempt, spec, parent)
{
    private readonly List<int> _restarts = [];
    private int _restartingCount;

    /// <summary>In start order.</summary>
    public List<ModelChild> Children { get; } = [];

    /// <summary>What has come in and was not looked at yet. Thrown away when the supervisor ends.</summary>
    public Queue<Action> Inbox { get; } = new();

    // ---- start and end ----

    /// <summary>Starts the children of the specification, in order. False when one failed: those before it are stopped again.</summary>
    public bool StartChildren()
    {
        if (Spec.IsSimple)
        {
            return true;
        }

        Children.AddRange(Spec.Children.Select(child => new ModelChild(child)));
        if (StartAll([.. Children]) is not null)
        {
            End("failed");
            return false;
        }

        return true;
    }

    /// <summary>Stops all children, the last one first, and then itself.</summary>
    public void End(string reason)
    {
        foreach (var child in Enumerable.Reverse(Children))
        {
            StopProcess(child);
        }

        Inbox.Clear();
        world.Ended(this, reason);
    }

    /// <summary>Starts those children until one fails, which is returned. A temporary one that was ignored is forgotten.</summary>
    private ModelChild? StartAll(IEnumerable<ModelChild> children)
    {
        foreach (var child in children)
        {
            var (outcome, process) = Start(child.Spec);
            if (outcome == 'f')
            {
                return child;
            }

            child.Process = process;
            if (outcome == 'i' && child.Spec.IsTemporary)
            {
                Children.Remove(child);
            }
        }

        return null;
    }

    private (char Outcome, ModelProcess? Process) Start(HistoryChild child) => world.Start($"{Path}/{child.Id}", child, this);

    private void StopProcess(ModelChild child)
    {
        if (child.Running && child.Process is { Alive: true } process)
        {
            world.Stop(process);
        }
    }

    // ---- a child ended ----

    public void ChildExited(ModelProcess process, string reason)
    {
        if (Children.Find(one => one.Process == process && !one.Restarting) is not { } child)
        {
            return;
        }

        var inOrder = reason is "normal" or "shutdown" or "{shutdown,x}";
        if (child.Spec.Restart == "permanent" || (child.Spec.Restart == "transient" && !inOrder))
        {
            Restart(child);
            return;
        }

        Forget(child);
        var significantLeft = Children.Exists(other => other.Spec.Significant && !other.Undefined);
        if (child.Spec.Significant && (Spec.AutoShutdown == "any_significant" || (Spec.AutoShutdown == "all_significant" && !significantLeft)))
        {
            End("shutdown");
        }
    }

    private void TryAgain(ModelChild child)
    {
        if (Children.Contains(child) && child.Restarting)
        {
            Restart(child);
        }
    }

    private void Restart(ModelChild child)
    {
        _restarts.RemoveAll(time => time < world.Now - Spec.Period);
        _restarts.Add(world.Now);
        if (_restarts.Count > Spec.Intensity)
        {
            Forget(child);
            End("shutdown");
            return;
        }

        var failed = Spec.Strategy switch
        {
            "one_for_one" => StartAgain(child),
            "simple_one_for_one" => StartAgainSimple(child),
            "rest_for_one" => RestartAll(child, Children.IndexOf(child)),
            _ => RestartAll(child, 0),
        };
        if (failed is not null)
        {
            // Told to itself, so that what waits in the inbox comes first.
            failed.Restarting = true;
            Inbox.Enqueue(() => TryAgain(failed));
        }
    }

    private ModelChild? StartAgain(ModelChild child)
    {
        var (outcome, process) = Start(child.Spec);
        if (outcome == 'f')
        {
            return child;
        }

        (child.Process, child.Restarting) = (process, false);
        return null;
    }

    private ModelChild? StartAgainSimple(ModelChild child)
    {
        if (child.Restarting)
        {
            _restartingCount--;
        }

        var failed = StartAgain(child);
        if (failed is not null)
        {
            _restartingCount++;
        }
        else if (child.Undefined)
        {
            Children.Remove(child);
        }

        return failed;
    }

    /// <summary>Stops the children from the last one down to <paramref name="first"/>, and starts what is left of them.</summary>
    private ModelChild? RestartAll(ModelChild trigger, int first)
    {
        trigger.Clear();
        foreach (var child in Enumerable.Reverse(Children[first..]))
        {
            StopProcess(child);
            Forget(child);
        }

        return StartAll([.. Children[first..]]);
    }

    /// <summary>It does not run; a temporary child, or one of simple_one_for_one, leaves the list.</summary>
    private void Forget(ModelChild child)
    {
        child.Clear();
        if (child.Spec.IsTemporary || Spec.IsSimple)
        {
            Children.Remove(child);
        }
    }

    // ---- calls ----

    /// <param name="call">The call.</param>
    /// <param name="meant">The process whose pid is handed over, where OTP wants one: to terminate a child of simple_one_for_one.</param>
    public string Call(HistoryStep call, ModelProcess? meant) => call.Op switch
    {
        "start" when Spec.IsSimple => StartSimple(call),
        "start" => StartNew(call.Child!),
        "terminate" when Spec.IsSimple => Terminate(Children.Find(child => child.Process == meant) ?? new ModelChild(Spec.Children[0])),
        "which" => string.Join(',', Which()),
        "restart" or "delete" when Spec.IsSimple => "simple_one_for_one",
        _ when Children.Find(child => child.Spec.Id == call.Id) is not { } => "not_found",
        _ => Call(call.Op, Children.First(child => child.Spec.Id == call.Id)),
    };

    private string Call(string op, ModelChild child) => op switch
    {
        "terminate" => Terminate(child),
        _ when child.Restarting => "restarting",
        _ when child.Running => "running",
        "restart" => RestartByHand(child),
        _ => Delete(child),
    };

    private string StartSimple(HistoryStep call)
    {
        var child = new ModelChild(Spec.Children[0] with { Id = call.Key, Starts = call.Starts });
        var (outcome, process) = Start(child.Spec);
        if (outcome != 'o')
        {
            return outcome == 'f' ? "failed" : "undefined";
        }

        child.Process = process;
        Children.Add(child);
        return Name(child);
    }

    private string StartNew(HistoryChild wanted)
    {
        if (Children.Find(child => child.Spec.Id == wanted.Id) is { } there)
        {
            return there.Running ? "already_started" : "already_present";
        }

        var added = new ModelChild(wanted);
        var (outcome, process) = Start(wanted);
        if (outcome == 'f')
        {
            return "failed";
        }

        if (process is not null || !wanted.IsTemporary)
        {
            added.Process = process;
            Children.Add(added);
        }

        return process is null ? "undefined" : Name(added);
    }

    private string Terminate(ModelChild child)
    {
        StopProcess(child);
        Forget(child);
        return "ok";
    }

    private string RestartByHand(ModelChild child)
    {
        var (outcome, process) = Start(child.Spec);
        child.Process = process;
        return outcome switch { 'f' => "failed", 'i' => "undefined", _ => Name(child) };
    }

    private string Delete(ModelChild child)
    {
        Children.Remove(child);
        return "ok";
    }

    private string Name(ModelChild child) => HistoryJournal.Name($"{Path}/{child.Spec.Id}", child.Process!.Attempt);

    // ---- what is there ----

    /// <summary>Newest first; under simple_one_for_one in no order, so sorted, and those restarting have no name.</summary>
    private IEnumerable<string> Which()
    {
        var all = Enumerable.Reverse(Children).Select(child =>
            child.Running ? HistoryJournal.Name(child.Spec.Id, child.Process!.Attempt) :
            !child.Restarting ? child.Spec.Id + "-" :
            Spec.IsSimple ? "?" : child.Spec.Id + "?");
        return Spec.IsSimple ? all.Order(StringComparer.Ordinal) : all;
    }

    public override string ToString()
    {
        // OTP 25 counts the restarting children of simple_one_for_one apart, and forgets to take one off when it is terminated.
        var active = Spec.IsSimple ? Children.Count - _restartingCount : Children.Count(child => child.Process is { Alive: true } && !child.Restarting);
        var supervisors = Children.Count(child => child.Spec.IsSupervisor);
        return $"{Path}|{string.Join(',', Which())}|{(Spec.IsSimple ? 1 : Children.Count)}/{active}/{supervisors}/{Children.Count - supervisors}";
    }
}
