using Prismatic.Supervision;

namespace Prismatic.Tests.Conformance;

/// <summary>The hands of one <see cref="SupervisorCore"/>: carries out its steps and tells it what came of them.</summary>
internal sealed class CoreSupervisor : CoreProcess
{
    private readonly CoreWorld _world;
    private readonly SupervisorCore _core;
    private readonly Dictionary<CoreChild, HistoryChild> _specs = [];
    private readonly Dictionary<string, CoreProcess> _processes = [];
    private readonly Dictionary<long, (HistoryStep Step, Action<string> Reply)> _waiting = [];
    private readonly Queue<Action> _inbox = [];
    private long _token;
    private bool _stopping;

    public CoreSupervisor(CoreWorld world, string path, int attempt, HistoryChild spec, CoreSupervisor? parent, long incarnation)
        : base(path, attempt, spec, parent, incarnation)
    {
        _world = world;
        var flags = new CoreFlags
        {
            Strategy = spec.Strategy switch
            {
                "rest_for_one" => RestartStrategy.RestForOne,
                "one_for_all" => RestartStrategy.OneForAll,
                _ => RestartStrategy.OneForOne,
            },
            Intensity = new Budget(spec.Intensity, TimeSpan.FromSeconds(spec.Period)),
            AutoShutdown = spec.AutoShutdown switch
            {
                "any_significant" => AutoShutdown.AnySignificant,
                "all_significant" => AutoShutdown.AllSignificant,
                _ => AutoShutdown.Never,
            },
            Simple = spec.IsSimple,
        };
        _core = new SupervisorCore(flags, new CoreState());
        if (!spec.IsSimple)
        {
            foreach (var child in spec.Children)
            {
                _core.Add(Child(child));
            }
        }
    }

    public bool HasMail => _inbox.Count > 0 || _core.State.Mail.Count > 0;

    private CoreChild Child(HistoryChild spec)
    {
        var child = new CoreChild
        {
            Id = spec.Id,
            Restart = spec.Restart switch
            {
                "transient" => RestartType.Transient,
                "temporary" => RestartType.Temporary,
                _ => RestartType.Permanent,
            },
            Shutdown = spec.Shutdown switch
            {
                "brutal_kill" => Shutdown.BrutalKill,
                "infinity" => Shutdown.Infinity,
                var limit => Shutdown.After(TimeSpan.FromMilliseconds(int.Parse(limit, System.Globalization.CultureInfo.InvariantCulture))),
            },
            Significant = spec.Significant,
            IsSupervisor = spec.IsSupervisor,
        };
        _specs[child] = spec;
        return child;
    }

    /// <summary>Starts the children; false when one failed.</summary>
    public bool Begin()
    {
        Post(new CoreMail { Kind = CoreMailKind.Begin });
        Run();
        return Alive;
    }

    public void ShutDown()
    {
        _stopping = true;
        Post(new CoreMail { Kind = CoreMailKind.Shutdown });
        Run();
    }

    public void ChildExited(CoreProcess process)
    {
        var id = process.Path[(process.Path.LastIndexOf('/') + 1)..];
        Post(new CoreMail { Kind = CoreMailKind.Exited, Id = id, Incarnation = process.Incarnation, Reason = process.Ended });
    }

    public void Request(HistoryStep step, Action<string> reply)
    {
        if (step.Op == "which")
        {
            _inbox.Enqueue(() => reply(Which()));
            return;
        }

        _waiting[++_token] = (step, reply);
        var mail = new CoreMail { Kind = CoreMailKind.StartChild, Id = step.Id, Token = _token };
        Post(step.Op switch
        {
            "start" => mail with { Child = Child(step.Child ?? Spec.Children[0] with { Id = step.Key, Starts = step.Starts }) },
            "terminate" => mail with { Kind = CoreMailKind.TerminateChild },
            "restart" => mail with { Kind = CoreMailKind.RestartChild },
            "delete" => mail with { Kind = CoreMailKind.DeleteChild },
            _ => throw new ArgumentOutOfRangeException(nameof(step), step.Op, "No such request."),
        });
    }

    private void Post(CoreMail mail)
    {
        if (_world.QueueReads)
        {
            _inbox.Enqueue(() => _core.Post(mail));
        }
        else
        {
            _core.Post(mail);
        }
    }

    /// <summary>Takes in what has come, until there is nothing left to do or the supervisor has ended.</summary>
    public void Run()
    {
        RunSteps();
        while (Alive && _inbox.TryDequeue(out var next))
        {
            next();
            RunSteps();
        }
    }

    private void RunSteps()
    {
        while (_core.Next(_world.Now) is { } step)
        {
            foreach (var child in step.Children)
            {
                if (step.Kind == CoreStepKind.Stop)
                {
                    _core.Stopped(child.Id, _world.Stop(_processes[child.Id]));
                }
                else
                {
                    var (outcome, process) = _world.Start($"{Path}/{child.Id}", _specs[child], this, child.Incarnation);
                    if (process is not null)
                    {
                        _processes[child.Id] = process;
                    }

                    _core.Started(child.Id, outcome, _world.Now);
                }
            }

            TellAnswers();
            if (_world.QueueReads)
            {
                // What the core told itself waits behind what has come from outside.
                _core.State.Mail.ForEach(Post);
                _core.State.Mail.Clear();
            }
        }

        TellAnswers();
        if (Alive && _core.State.Ended is { } ended)
        {
            _world.Ended(this, ended == ExitReason.Shutdown ? "shutdown" : "failed");
            if (!_stopping && ended == ExitReason.Shutdown)
            {
                Parent?.ChildExited(this);
            }
        }
    }

    private void TellAnswers()
    {
        foreach (var (token, answer) in _core.Answers)
        {
            if (_waiting.Remove(token, out var waiting))
            {
                waiting.Reply(Told(answer, waiting.Step));
            }
        }

        _core.Answers.Clear();
    }

    private string Told(ChildAnswer answer, HistoryStep step) => answer.Kind switch
    {
        ChildAnswerKind.Ok when step.Op is "start" or "restart" => HistoryJournal.Name(_processes[IdOf(step)].Path, _processes[IdOf(step)].Attempt),
        ChildAnswerKind.Ok => "ok",
        ChildAnswerKind.Ignored => "undefined",
        ChildAnswerKind.AlreadyPresent => "already_present",
        ChildAnswerKind.AlreadyStarted => "already_started",
        ChildAnswerKind.NotFound => "not_found",
        ChildAnswerKind.Running => "running",
        ChildAnswerKind.Restarting => "restarting",
        ChildAnswerKind.StartFailed => "failed",
        ChildAnswerKind.SimpleOneForOne => "simple_one_for_one",
        ChildAnswerKind.NoSupervisor => "gone",
        var other => other.ToString(),
    };

    private static string IdOf(HistoryStep step) => step.Child?.Id ?? (step.Key.Length > 0 ? step.Key : step.Id);

    private string Which()
    {
        var all = Enumerable.Reverse(_core.State.Children).Select(child => child.Run switch
        {
            ChildRun.Running => HistoryJournal.Name(child.Id, _processes[child.Id].Attempt),
            ChildRun.Restarting => Spec.IsSimple ? "?" : child.Id + "?",
            _ => child.Id + "-",
        });
        return string.Join(',', Spec.IsSimple ? all.Order(StringComparer.Ordinal) : all);
    }

    public override string ToString()
    {
        var counts = _core.Count();
        return $"{Path}|{Which()}|{counts.Specs}/{counts.Active}/{counts.Supervisors}/{counts.Workers}";
    }
}
