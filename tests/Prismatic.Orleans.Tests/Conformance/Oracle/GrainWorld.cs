using Prismatic.Supervision;

namespace Prismatic.Tests.Conformance;

/// <summary>
/// A history on real grains: its tree stands under a supervisor of its own (<c>app/h17/r</c>), so that many of them share a cluster. Its root is
/// temporary there: what ends it ends nothing else. The grain of <c>r/a/b</c> has the key <c>h17:r:a:b</c>.
/// </summary>
internal sealed class GrainWorld(OtpCluster otp, History history)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, HistoryChild> _supervisors = SupervisorsOf("r", history.Root).ToDictionary();

    private string Home => $"app/{HomeId(history)}";

    private static string HomeId(History history) => $"h{history.Number}";

    private static string KeyOf(History history, string path) => $"{HomeId(history)}:{path.Replace('/', ':')}";

    /// <summary>Where it stands, for people.</summary>
    public override string ToString() => $"history {history.Number}, step {_at} ({ErlangHistories.Text(history.Steps[_at] with { Tree = [] })}) of {ErlangHistories.Text(history.Root)}\n{_trail}";

    private readonly string _prefix = $" {HomeId(history)}:";
    private int _at;
    private int _seen;
    private string _trail = "";

    // ---- which histories, and how far ----

    /// <summary>
    /// The first steps of a history, as far as grains can go through it. It ends before a step that needs what they do not have: a crash and a request in one
    /// moment, a supervisor that is added at run time, one that itself fails to start or is ignored, an hour that passes.
    /// </summary>
    public static History Playable(History history)
    {
        var supervisors = SupervisorsOf("r", history.Root).Select(one => one.Path).ToHashSet();
        var steps = history.Steps.TakeWhile(step =>
            step.Op is not ("burst" or "pass")
            && step.Child is not { IsSupervisor: true }
            && (step.Op != "boot" || step.Reply[0] == "ok")
            && !step.Journal.Any(told => told[0] is '!' or '~' && supervisors.Contains(PathOf(told))));
        return history with { Steps = [.. steps] };
    }

    /// <summary>
    /// Whether in it a supervisor below fails to start because of its child, and then does start: what the silo has to tell of that child's failed start may
    /// arrive after the second start.
    /// </summary>
    public static bool HasLateNews(History history) => history.Steps.Any(step =>
        step.Journal.Any(told => told.EndsWith(" failed", StringComparison.Ordinal) && step.Tree.Any(line => line.StartsWith(PathOf(told) + "|", StringComparison.Ordinal))));

    // ---- before it begins ----

    /// <summary>Declares the tree, as far as it is there from the start.</summary>
    public static void Declare(SupervisionTreeBuilder tree, History history) =>
        tree.Supervisor(HomeId(history), RestartStrategy.OneForOne, home => Declare(home, history, "r", history.Root with { Restart = "temporary", Significant = false }));

    private static void Declare(SupervisorBuilder parent, History history, string path, HistoryChild child)
    {
        if (!child.IsSupervisor)
        {
            parent.Worker<IActorGrain>(child.Id, worker => Configure(worker, child).Key(KeyOf(history, path)));
        }
        else if (child.IsSimple)
        {
            parent.DynamicSupervisor<IActorGrain>(child.Id, each: worker => Configure(worker, child.Children[0]), configure: supervisor => Configure(supervisor, child));
        }
        else
        {
            parent.Supervisor(child.Id, StrategyOf(child), supervisor =>
            {
                Configure(supervisor, child).Accepts<IActorGrain>();
                foreach (var below in child.Children)
                {
                    Declare(supervisor, history, $"{path}/{below.Id}", below);
                }
            });
        }
    }

    private static SupervisorBuilder Configure(SupervisorBuilder supervisor, HistoryChild child)
    {
        supervisor.Intensity(child.Intensity, TimeSpan.FromSeconds(child.Period)).Lifetime(RestartOf(child)).StopWithin(ShutdownOf(child)).AutoShutdown(child.AutoShutdown switch
        {
            "any_significant" => AutoShutdown.AnySignificant,
            "all_significant" => AutoShutdown.AllSignificant,
            _ => AutoShutdown.Never,
        });
        return child.Significant ? supervisor.Significant() : supervisor;
    }

    private static WorkerBuilder<IActorGrain> Configure(WorkerBuilder<IActorGrain> worker, HistoryChild child)
    {
        worker.Lifetime(RestartOf(child)).StopWithin(ShutdownOf(child));
        return child.Significant ? worker.Significant() : worker;
    }

    /// <summary>The n-th start of each worker goes as it went in Erlang.</summary>
    public static void Script(StartScripts scripts, History history)
    {
        foreach (var told in history.Steps.SelectMany(step => step.Journal).Where(told => told[0] != '-'))
        {
            scripts.Next(KeyOf(history, PathOf(told)), told[0] switch { '!' => StartOutcome.Failed, '~' => StartOutcome.Ignored, _ => StartOutcome.Started });
        }
    }

    // ---- going through it ----

    /// <summary>Where grains go another way, told for people; null when they do not.</summary>
    public async Task<string?> Difference()
    {
        for (var i = 0; i < history.Steps.Count; i++)
        {
            var step = history.Steps[_at = i];
            var reply = step.Op == "boot" ? "ok" : await Perform(step);
            await Settle();
            var journal = otp.Journal.Where(told => told.Contains(_prefix, StringComparison.Ordinal)).Skip(_seen).ToList();
            _seen += journal.Count;
            List<string> found = [reply, .. SideBySide(CrashFirst(step, journal.Select(Told))), .. await Tree()];
            List<string> expected = [Expected(step), .. SideBySide(step.Journal.Where(told => !_supervisors.ContainsKey(PathOf(told))).Select(told => told[0] + PathOf(told))), .. step.Tree.Select(WithoutAttempts)];
            _trail += $"{ErlangHistories.Text(step with { Tree = [] })}\n";
            if (!expected.SequenceEqual(found))
            {
                return $"""
                    history {history.Number}, step {i} of {history.Steps.Count - 1}: {ErlangHistories.Text(step with { Reply = [], Journal = [], Tree = [] })}
                    root      {ErlangHistories.Text(history.Root)}
                    before    {(i == 0 ? "" : string.Join("  ", history.Steps[i - 1].Tree))}
                    expected  {string.Join("  ", expected)}
                    found     {string.Join("  ", found)}
                    """;
            }
        }

        return null;
    }

    private async Task<string> Perform(HistoryStep step)
    {
        var supervisor = otp.Supervisor($"{Home}/{step.Sup}");
        var id = step.Id.StartsWith('k') ? KeyOf(history, $"{step.Sup}/{step.Id}") : step.Id;
        switch (step.Op)
        {
            case "crash":
                await Crash(step);
                return "ok";
            case "start":
                return Told(await supervisor.StartChild(NewChild(step)));
            case "terminate":
                return Told(await supervisor.TerminateChild(id));
            case "restart":
                return Told(await supervisor.RestartChild(id));
            case "delete":
                return Told(await supervisor.DeleteChild(id));
            default:
                return Told(await otp.Supervisor(Home).TerminateChild("r"));
        }
    }

    /// <summary>Ends a worker, and returns when its supervisor knows: whatever it decided, that incarnation does not run any more.</summary>
    private async Task Crash(HistoryStep step)
    {
        var (supervisor, id) = (otp.Supervisor($"{Home}/{step.Path[..step.Path.LastIndexOf('/')]}"), step.Path[(step.Path.LastIndexOf('/') + 1)..]);
        id = id.StartsWith('k') ? KeyOf(history, step.Path) : id;
        var before = await supervisor.GetChildSpec(id);
        await otp.Exit(KeyOf(history, step.Path), step.Reason switch
        {
            "normal" => ExitReason.Normal,
            "shutdown" or "shutdown_term" => ExitReason.Shutdown,
            _ => ExitReason.Error,
        }, Home);
        using var patience = new CancellationTokenSource(Patience);
        while (await supervisor.GetChildSpec(id) is { Run: ChildRun.Running } now && now.Incarnation == before!.Incarnation)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>Returns when nothing moves and nothing is about to be tried again.</summary>
    private async Task Settle()
    {
        using var patience = new CancellationTokenSource(Patience);
        do
        {
            await otp.Settled(Home);
            patience.Token.ThrowIfCancellationRequested();
        }
        while ((await Tree()).Any(line => line.Contains('?', StringComparison.Ordinal)));
    }

    private ChildSpec NewChild(HistoryStep step)
    {
        var child = step.Child ?? _supervisors[step.Sup].Children[0] with { Id = step.Key };
        return ChildSpec.For(otp.Actor(KeyOf(history, $"{step.Sup}/{child.Id}")), child.Id) with { Restart = RestartOf(child), Shutdown = ShutdownOf(child), Significant = child.Significant };
    }

    /// <summary>Every live supervisor as the histories tell it, but for the numbers of starts, which the journal tells.</summary>
    private async Task<IReadOnlyList<string>> Tree()
    {
        var told = new List<string>();
        foreach (var (path, supervisor) in _supervisors.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            var above = path.LastIndexOf('/') is > 0 and var slash ? $"{Home}/{path[..slash]}" : Home;
            if (above != Home && !told.Exists(line => line.StartsWith($"{above[(Home.Length + 1)..]}|", StringComparison.Ordinal)))
            {
                continue;
            }

            if (!(await otp.Supervisor(above).WhichChildren()).Any(child => child.Id == path[(path.LastIndexOf('/') + 1)..] && child.Run == ChildRun.Running && child.IsSupervisor))
            {
                continue;
            }

            var children = (await otp.Supervisor($"{Home}/{path}").WhichChildren()).Reverse().Select(child =>
                (supervisor.IsSimple ? child.Id[(child.Id.LastIndexOf(':') + 1)..] : child.Id) + child.Run switch { ChildRun.Running => "", ChildRun.Restarting => "?", _ => "-" });
            var counts = await otp.Supervisor($"{Home}/{path}").CountChildren();
            told.Add($"{path}|{string.Join(',', supervisor.IsSimple ? children.Order(StringComparer.Ordinal) : children)}|{counts.Specs}/{counts.Active}/{counts.Supervisors}/{counts.Workers}");
        }

        return told;
    }

    // ---- one way of telling it for both ----

    /// <summary>The stage's word: <c>stop h17:r:a</c> is <c>-r/a</c>.</summary>
    private static string Told(string entry)
    {
        var (what, key) = (entry.Split(' ')[0], entry.Split(' ')[1]);
        return (what switch { "start" => "+", "fail" => "!", "ignore" => "~", _ => "-" }) + key[(key.IndexOf(':', StringComparison.Ordinal) + 1)..].Replace(':', '/');
    }

    private static string Told(ChildAnswer answer) => answer.Kind switch
    {
        ChildAnswerKind.Ok => "ok",
        ChildAnswerKind.Ignored => "undefined",
        ChildAnswerKind.AlreadyPresent => "already_present",
        ChildAnswerKind.AlreadyStarted => "already_started",
        ChildAnswerKind.NotFound => "not_found",
        ChildAnswerKind.Running => "running",
        ChildAnswerKind.Restarting => "restarting",
        ChildAnswerKind.StartFailed => "failed",
        ChildAnswerKind.SimpleOneForOne => "simple_one_for_one",
        _ => answer.ToString(),
    };

    /// <summary>OTP's answer; a pid is told as ok, and a key without a child is not found (see <see cref="Documented.KeyWithoutChild"/>).</summary>
    private static string Expected(HistoryStep step) =>
        step.Reply[0].Contains('#', StringComparison.Ordinal) ? "ok"
        : step is { Op: "terminate", Journal: [] } && step.Id.StartsWith('k') ? "not_found"
        : step.Reply[0];

    /// <summary>
    /// An Erlang process is gone when its supervisor hears of it. The supervisor of a grain hears of the crash itself, and may have stopped siblings when
    /// the crashed activation has run its OnDeactivateAsync: that one end is told where it was caused. (A new activation never begins before it.)
    /// </summary>
    private static IEnumerable<string> CrashFirst(HistoryStep step, IEnumerable<string> told)
    {
        var all = told.ToList();
        return step.Op == "crash" && all.Remove($"-{step.Path}") ? all.Prepend($"-{step.Path}") : all;
    }

    private IEnumerable<string> SideBySide(IEnumerable<string> told)
    {
        var left = told.ToList();
        while (left.Count > 0)
        {
            var parent = left[0][1..left[0].LastIndexOf('/')];
            var run = left[0][0] == '-' && _supervisors[parent].IsSimple ? left.TakeWhile(one => one[0] == '-' && one[1..one.LastIndexOf('/')] == parent).ToList() : [left[0]];
            foreach (var one in run.Order(StringComparer.Ordinal))
            {
                yield return one;
            }

            left.RemoveRange(0, run.Count);
        }
    }

    private static string WithoutAttempts(string line)
    {
        var parts = line.Split('|');
        return $"{parts[0]}|{string.Join(',', parts[1].Split(',').Select(child => child.Split('#')[0]))}|{parts[2]}";
    }

    private static string PathOf(string told) => told[1..told.IndexOf('#', StringComparison.Ordinal)];

    private static IEnumerable<(string Path, HistoryChild Child)> SupervisorsOf(string path, HistoryChild child) =>
        child.IsSupervisor ? child.Children.SelectMany(below => SupervisorsOf($"{path}/{below.Id}", below)).Prepend((path, child)) : [];

    private static RestartStrategy StrategyOf(HistoryChild child) => child.Strategy switch
    {
        "rest_for_one" => RestartStrategy.RestForOne,
        "one_for_all" => RestartStrategy.OneForAll,
        _ => RestartStrategy.OneForOne,
    };

    private static RestartType RestartOf(HistoryChild child) => child.Restart switch
    {
        "transient" => RestartType.Transient,
        "temporary" => RestartType.Temporary,
        _ => RestartType.Permanent,
    };

    private static Shutdown ShutdownOf(HistoryChild child) => child.Shutdown switch
    {
        "brutal_kill" => Shutdown.BrutalKill,
        "infinity" => Shutdown.Infinity,
        _ => Shutdown.After(TimeSpan.FromSeconds(5)),
    };
}
