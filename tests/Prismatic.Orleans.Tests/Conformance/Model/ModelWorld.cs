namespace Prismatic.Tests.Conformance;

/// <summary>The reference: OTP's supervisors as a plain, sequential simulation that agrees with every history of real Erlang.</summary>
internal sealed class ModelWorld : IHistoryWorld
{
    private readonly HistoryJournal _journal = new();
    private readonly Dictionary<string, ModelProcess> _last = [];
    private ModelSupervisor? _suspended;

    /// <summary>In seconds.</summary>
    public int Now { get; private set; }

    public bool RootAlive => _last.TryGetValue("r", out var root) && root.Alive;

    /// <summary>The last process of each path, dead or alive.</summary>
    public IEnumerable<ModelProcess> Processes => _last.Values;

    public HistoryStep Boot(HistoryChild root)
    {
        var (outcome, _) = Start("r", root, null);
        return Told(new HistoryStep { Op = "boot" }, [outcome switch { 'o' => "ok", 'f' => "failed", _ => "ignore" }]);
    }

    public HistoryStep Perform(HistoryStep step)
    {
        string[] replies = ["ok"];
        switch (step.Op)
        {
            case "stop":
                ((ModelSupervisor)_last["r"]).End("shutdown");
                break;
            case "pass":
                Now += step.Seconds;
                break;
            case "burst":
                replies = Burst(step);
                break;
            default:
                replies = ["gone"];
                Do(step, reply => replies[0] = reply);
                Settle();
                break;
        }

        return Told(step, replies);
    }

    private string[] Burst(HistoryStep burst)
    {
        var replies = Enumerable.Repeat("gone", burst.Ops.Count).ToArray();
        _suspended = (ModelSupervisor)_last[burst.Sup];
        for (var i = 0; i < burst.Ops.Count; i++)
        {
            var place = i;
            Do(burst.Ops[i], reply => replies[place] = reply);
            Settle();
        }

        _suspended = null;
        Settle();
        return replies;
    }

    private void Do(HistoryStep step, Action<string> reply)
    {
        if (step.Op != "crash")
        {
            var called = (ModelSupervisor)_last[step.Sup];
            var meant = _last.GetValueOrDefault($"{step.Sup}/{step.Id}");
            called.Inbox.Enqueue(() => reply(called.Call(step, meant)));
            return;
        }

        var process = _last[step.Path];
        reply(process.Alive ? "ok" : "gone");
        if (process.Alive)
        {
            Ended(process, HistoryJournal.CrashReason(step.Reason));
        }
    }

    /// <summary>Every supervisor looks at its inbox until all are empty; the suspended one does not.</summary>
    private void Settle()
    {
        while (_last.Values.OfType<ModelSupervisor>().FirstOrDefault(one => one != _suspended && one.Inbox.Count > 0) is { } supervisor)
        {
            supervisor.Inbox.Dequeue()();
        }
    }

    /// <summary>Starts a worker, or a supervisor with all its children.</summary>
    public (char Outcome, ModelProcess? Process) Start(string path, HistoryChild child, ModelSupervisor? parent)
    {
        var (attempt, outcome) = _journal.Start(path, child);
        if (outcome != 'o')
        {
            return (outcome, null);
        }

        if (!child.IsSupervisor)
        {
            return ('o', _last[path] = new ModelProcess(path, attempt, child, parent));
        }

        var supervisor = new ModelSupervisor(this, path, attempt, child, parent);
        _last[path] = supervisor;
        return supervisor.StartChildren() ? ('o', supervisor) : ('f', null);
    }

    public void Stop(ModelProcess process)
    {
        if (process is ModelSupervisor supervisor)
        {
            supervisor.End("shutdown");
        }
        else
        {
            Ended(process, process.Spec.StopReason());
        }
    }

    /// <summary>A process is dead; its supervisor gets the news.</summary>
    public void Ended(ModelProcess process, string reason)
    {
        process.Alive = false;
        _journal.End(process.Path, process.Attempt, reason, process.Parent is { Alive: true } above ? above.Spec : null);
        if (process.Parent is { Alive: true } parent)
        {
            parent.Inbox.Enqueue(() => parent.ChildExited(process, reason));
        }
    }

    private HistoryStep Told(HistoryStep step, IReadOnlyList<string> replies) => step with
    {
        Reply = replies,
        Journal = _journal.Take(),
        Tree = [.. _last.Values.OfType<ModelSupervisor>().Where(one => one.Alive).OrderBy(one => one.Path, StringComparer.Ordinal).Select(one => one.ToString())],
    };
}
