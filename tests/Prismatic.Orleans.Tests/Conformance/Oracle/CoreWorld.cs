using Prismatic.Supervision;

namespace Prismatic.Tests.Conformance;

/// <summary>The code under test in the place of OTP: a tree of <see cref="SupervisorCore"/>s, driven by hand.</summary>
/// <param name="queueReads">
/// Whether messages wait in an inbox before the core and go in one at a time, so that a read waits among them as OTP's which_children does;
/// else they wait in the core's own mailbox, which knows no reads.
/// </param>
internal sealed class CoreWorld(bool queueReads) : IHistoryWorld
{
    private readonly Dictionary<string, CoreProcess> _last = [];
    private CoreSupervisor? _suspended;
    private string[] _replies = [];

    public HistoryJournal Journal { get; } = new();

    public bool QueueReads => queueReads;

    public TimeSpan Now { get; private set; }

    public bool RootAlive => _last.TryGetValue("r", out var root) && root.Alive;

    public HistoryStep Boot(HistoryChild root)
    {
        var (outcome, _) = Start("r", root, null, 1);
        return Told(new HistoryStep { Op = "boot" }, [outcome switch { StartOutcome.Started => "ok", StartOutcome.Failed => "failed", _ => "ignore" }]);
    }

    public HistoryStep Perform(HistoryStep step)
    {
        _replies = ["ok"];
        switch (step.Op)
        {
            case "stop":
                Stop(_last["r"]);
                break;
            case "pass":
                Now += TimeSpan.FromSeconds(step.Seconds);
                break;
            case "burst":
                _replies = [.. step.Ops.Select(_ => "gone")];
                _suspended = (CoreSupervisor)_last[step.Sup];
                for (var i = 0; i < step.Ops.Count; i++)
                {
                    Do(step.Ops[i], i);
                    Settle();
                }

                _suspended = null;
                Settle();
                break;
            default:
                _replies = ["gone"];
                Do(step, 0);
                Settle();
                break;
        }

        return Told(step, _replies);
    }

    private void Do(HistoryStep step, int place)
    {
        if (step.Op == "crash")
        {
            var process = _last[step.Path];
            _replies[place] = process.Alive ? "ok" : "gone";
            if (process.Alive)
            {
                Ended(process, HistoryJournal.CrashReason(step.Reason));
                process.Parent!.ChildExited(process);
            }
        }
        else if (step.Op == "which" && !queueReads)
        {
            _replies[place] = "not queued";
        }
        else
        {
            ((CoreSupervisor)_last[step.Sup]).Request(step, answer => _replies[place] = answer);
        }
    }

    private void Settle()
    {
        while (_last.Values.OfType<CoreSupervisor>().FirstOrDefault(one => one != _suspended && one.Alive && one.HasMail) is { } supervisor)
        {
            supervisor.Run();
        }
    }

    public (StartOutcome Outcome, CoreProcess? Process) Start(string path, HistoryChild child, CoreSupervisor? parent, long incarnation)
    {
        var (attempt, outcome) = Journal.Start(path, child);
        if (outcome != 'o')
        {
            return (outcome == 'f' ? StartOutcome.Failed : StartOutcome.Ignored, null);
        }

        if (!child.IsSupervisor)
        {
            return (StartOutcome.Started, _last[path] = new CoreProcess(path, attempt, child, parent, incarnation));
        }

        var supervisor = new CoreSupervisor(this, path, attempt, child, parent, incarnation);
        _last[path] = supervisor;
        return supervisor.Begin() ? (StartOutcome.Started, supervisor) : (StartOutcome.Failed, null);
    }

    /// <summary>Stops a child, unless it has ended already, and tells how it ended.</summary>
    public ExitReason Stop(CoreProcess process)
    {
        if (process.Alive && process is CoreSupervisor supervisor)
        {
            supervisor.ShutDown();
        }
        else if (process.Alive)
        {
            Ended(process, process.Spec.StopReason());
        }

        return process.Ended;
    }

    /// <summary>It is over. Whoever did not ask for it tells the supervisor.</summary>
    public void Ended(CoreProcess process, string reason)
    {
        process.Alive = false;
        process.Ended = reason switch
        {
            "normal" => ExitReason.Normal,
            "killed" => ExitReason.Killed,
            "error" or "failed" => ExitReason.Error,
            _ => ExitReason.Shutdown,
        };
        Journal.End(process.Path, process.Attempt, reason, process.Parent is { Alive: true } above ? above.Spec : null);
    }

    private HistoryStep Told(HistoryStep step, IReadOnlyList<string> replies) => step with
    {
        Reply = [.. replies],
        Journal = Journal.Take(),
        Tree = [.. _last.Values.OfType<CoreSupervisor>().Where(one => one.Alive).OrderBy(one => one.Path, StringComparer.Ordinal).Select(one => one.ToString())],
    };
}

/// <summary>One run of a worker or of a supervisor.</summary>
internal class CoreProcess(string path, int attempt, HistoryChild spec, CoreSupervisor? parent, long incarnation)
{
    public string Path => path;

    public int Attempt => attempt;

    public HistoryChild Spec => spec;

    public CoreSupervisor? Parent => parent;

    /// <summary>As its supervisor's core numbers it.</summary>
    public long Incarnation => incarnation;

    public bool Alive { get; set; } = true;

    public ExitReason Ended { get; set; }
}
