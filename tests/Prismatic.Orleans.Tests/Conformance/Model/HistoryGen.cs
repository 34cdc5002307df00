using CsCheck;

namespace Prismatic.Tests.Conformance;

/// <summary>
/// Random histories beyond the recorded ones. What is generated is a tree and a list of intentions in plain numbers; which child an intention
/// means is found in the reference model while it plays, so that a shorter list is still a history and failures shrink.
/// </summary>
internal static class HistoryGen
{
    private const int Hour = 3600;

    private static readonly Gen<string> Restart = Weighted((5, "permanent"), (3, "transient"), (2, "temporary"));

    /// <summary>The first start mostly goes well; then anything.</summary>
    private static readonly Gen<string> Starts = Gen.Frequency(
        (5, Gen.Const("")),
        (4, Gen.Select(Weighted((40, "o"), (1, "f"), (2, "i")), Weighted((4, 'o'), (5, 'f'), (1, 'i')).Array[0, 5], (first, rest) => first + new string(rest))),
        (1, Gen.Int[1, 6].Select(fails => "o" + new string('f', fails))));

    private static readonly Gen<HistoryChild> Worker = Gen.Select(Restart, Starts, Gen.Bool, Weighted(
            (8, ("polite", "5000")), (4, ("polite", "brutal_kill")), (4, ("polite", "infinity")), (1, ("stuck", "3")), (1, ("stuck", "brutal_kill")), (1, ("normal", "5000")), (1, ("error", "infinity"))),
        (restart, starts, significant, stop) => new HistoryChild { Id = "", Kind = "worker", Restart = restart, Starts = starts, Significant = significant, Stop = stop.Item1, Shutdown = stop.Item2 });

    /// <summary>A history, played on the model.</summary>
    public static Gen<History> Histories { get; } = Gen.Select(Gen.Int[1, 3].SelectMany(Supervisor), Intention().List[1, 16], (root, intentions) =>
        Play(Named("r", root with { Starts = "" }, "never"), intentions));

    private static Gen<HistoryChild> Supervisor(int levels) => Gen.Select(
        Gen.Select(Weighted((4, "one_for_one"), (4, "rest_for_one"), (4, "one_for_all"), (2, "simple_one_for_one")), Gen.Int[0, 5], Weighted((6, "never"), (2, "any_significant"), (2, "all_significant"))),
        Restart, Starts, Gen.Bool,
        levels == 1 ? Worker.List[0, 4] : Gen.Frequency((6, Worker), (4, Supervisor(levels - 1))).List[0, 4],
        Worker,
        (flags, restart, starts, significant, children, template) => new HistoryChild
        {
            Id = "",
            Kind = "supervisor",
            Restart = restart,
            Starts = starts,
            Significant = significant,
            Period = Hour,
            Strategy = flags.Item1,
            Intensity = flags.Item2,
            AutoShutdown = flags.Item1 == "simple_one_for_one" ? "never" : flags.Item3,
            Children = flags.Item1 == "simple_one_for_one" ? [template with { Starts = "" }] : children,
        });

    /// <summary>Ids by place, and significant only where OTP allows it.</summary>
    private static HistoryChild Named(string id, HistoryChild child, string auto) => child with
    {
        Id = id,
        Significant = child.Significant && auto != "never" && child.Restart != "permanent",
        Children = [.. child.Children.Select((one, place) => Named(child.IsSimple ? "t" : ((char)('a' + place)).ToString(), one, child.AutoShutdown))],
    };

    /// <summary>What somebody is about to do; which supervisor and which child it will be is chosen by the numbers when the time comes.</summary>
    private sealed record Wish(string Op, int Where, int Which, string Reason, HistoryChild New, IReadOnlyList<Wish> Burst);

    private static Gen<Wish> Intention(bool inBurst = false) => Gen.Select(
        inBurst
            ? Weighted((6, "crash"), (1, "start"), (1, "terminate"), (1, "restart"), (1, "delete"), (2, "which"))
            : Weighted((40, "crash"), (12, "start"), (11, "terminate"), (11, "restart"), (7, "delete"), (6, "pass"), (13, "burst")),
        Gen.Int[0, 999],
        Gen.Int[0, 999],
        Weighted((8, "error"), (2, "normal"), (2, "shutdown"), (2, "shutdown_term"), (3, "kill")),
        Gen.Frequency((4, Worker), (1, Supervisor(1))),
        inBurst ? Gen.Const<IReadOnlyList<Wish>>([]) : Intention(true).List[1, 4].Select(wishes => (IReadOnlyList<Wish>)wishes),
        (op, where, which, reason, added, burst) => new Wish(op, where, which, reason, added, burst));

    private static History Play(HistoryChild root, IReadOnlyList<Wish> wishes)
    {
        var world = new ModelWorld();
        var steps = new List<HistoryStep> { world.Boot(root) };
        var fresh = 0;
        foreach (var wish in wishes)
        {
            if (world.RootAlive && Step(world, wish, null, ref fresh) is { } step)
            {
                steps.Add(world.Perform(step));
            }
        }

        if (world.RootAlive)
        {
            steps.Add(world.Perform(new HistoryStep { Op = "stop" }));
        }

        return new History { Root = root, Steps = steps };
    }

    /// <param name="world">As it is now.</param>
    /// <param name="wish">What is to be done.</param>
    /// <param name="only">In a burst, the supervisor that all of it reaches.</param>
    /// <param name="fresh">Numbers new children.</param>
    private static HistoryStep? Step(ModelWorld world, Wish wish, ModelSupervisor? only, ref int fresh)
    {
        var alive = world.Processes.Where(process => process.Alive).OrderBy(process => process.Path, StringComparer.Ordinal).ToList();
        var supervisors = alive.OfType<ModelSupervisor>().ToList();
        var supervisor = only ?? supervisors[wish.Where % supervisors.Count];
        var workers = alive.Where(process => !process.Spec.IsSupervisor && (only is null || process.Path.StartsWith(only.Path + "/", StringComparison.Ordinal))).ToList();
        var op = wish.Op == "crash" && workers.Count == 0 ? "start" : wish.Op;
        switch (op)
        {
            case "pass":
                return new HistoryStep { Op = op, Seconds = 1000 * (1 + (wish.Which % 4)) };

            case "crash":
                return new HistoryStep { Op = op, Path = workers[wish.Which % workers.Count].Path, Reason = wish.Reason };

            case "which":
                return new HistoryStep { Op = op, Sup = supervisor.Path };

            case "burst":
                var ops = new List<HistoryStep>();
                foreach (var one in wish.Burst)
                {
                    // Nothing crashes twice at once.
                    if (Step(world, one, supervisor, ref fresh) is { } step && !(step.Op == "crash" && ops.Exists(other => other.Path == step.Path)))
                    {
                        ops.Add(step);
                    }
                }

                return new HistoryStep { Op = op, Sup = supervisor.Path, Ops = ops };

            case "start" when supervisor.Spec.IsSimple:
                return new HistoryStep { Op = op, Sup = supervisor.Path, Key = $"k{++fresh}", Starts = OnceIgnored(wish.New.Starts) };

            case "start":
                var known = supervisor.Children;
                var id = known.Count > 0 && wish.Which % 3 == 0 ? known[wish.Which / 3 % known.Count].Spec.Id : $"n{++fresh}";
                return new HistoryStep { Op = op, Sup = supervisor.Path, Child = Named(id, wish.New, supervisor.Spec.AutoShutdown) };

            default:
                var children = supervisor.Children.Where(child => op == "terminate" || wish.Which % 4 == 0 || child.Undefined).ToList();
                return children.Count == 0 ? null : new HistoryStep { Op = op, Sup = supervisor.Path, Id = children[wish.Which % children.Count].Spec.Id };
        }
    }

    /// <summary>A child of simple_one_for_one may be ignored at its first start alone: OTP 25 keeps a broken entry when a restart is ignored, and crashes on it when it stops.</summary>
    private static string OnceIgnored(string starts) => starts.Length == 0 ? "" : starts[0] + starts[1..].Replace('i', 'f');

    private static Gen<T> Weighted<T>(params (int Weight, T Value)[] choices) =>
        Gen.Frequency([.. choices.Select(choice => (choice.Weight, (IGen<T>)Gen.Const(choice.Value)))]);
}
