namespace Prismatic.Tests.Conformance;

/// <summary>One history: a tree, and what was done to it, with what came of each step.</summary>
internal sealed record History
{
    public int Number { get; init; }

    public required HistoryChild Root { get; init; }

    /// <summary>The first is <c>boot</c>. They end with <c>stop</c> unless the root has ended before.</summary>
    public required IReadOnlyList<HistoryStep> Steps { get; init; }
}

/// <summary>A child specification; for a supervisor with its flags and its own children. Words and values are OTP's.</summary>
internal sealed record HistoryChild
{
    public required string Id { get; init; }

    /// <summary>worker or supervisor.</summary>
    public required string Kind { get; init; }

    public string Restart { get; init; } = "permanent";

    public bool Significant { get; init; }

    /// <summary>brutal_kill, infinity, or milliseconds.</summary>
    public string Shutdown { get; init; } = "infinity";

    /// <summary>How the n-th start of this child goes, a letter each: ok, fails, ignored. Past the end: ok.</summary>
    public string Starts { get; init; } = "";

    /// <summary>What a worker does when it is asked to stop: polite (it does), stuck (it never does), or it ends with normal or error.</summary>
    public string Stop { get; init; } = "polite";

    public string Strategy { get; init; } = "";

    public int Intensity { get; init; }

    /// <summary>In seconds.</summary>
    public int Period { get; init; } = 3600;

    public string AutoShutdown { get; init; } = "never";

    /// <summary>For simple_one_for_one the template alone.</summary>
    public IReadOnlyList<HistoryChild> Children { get; init; } = [];

    public bool IsSupervisor => Kind == "supervisor";

    public bool IsSimple => Strategy == "simple_one_for_one";

    public bool IsTemporary => Restart == "temporary";

    /// <summary>How a worker ends when its supervisor stops it.</summary>
    public string StopReason() => Shutdown == "brutal_kill" || Stop == "stuck" ? "killed" : Stop == "polite" ? "shutdown" : Stop;
}

/// <summary>One operation and, once it was carried out, what came of it.</summary>
internal sealed record HistoryStep
{
    /// <summary>boot, crash, start, terminate, restart, delete, which, pass (of time), burst or stop.</summary>
    public required string Op { get; init; }

    /// <summary>The worker that crashes.</summary>
    public string Path { get; init; } = "";

    /// <summary>error, normal, shutdown, shutdown_term or kill.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The supervisor that is called, by its path.</summary>
    public string Sup { get; init; } = "";

    public string Id { get; init; } = "";

    /// <summary>The new child of a start.</summary>
    public HistoryChild? Child { get; init; }

    /// <summary>The new child of a start under simple_one_for_one, and how its starts go.</summary>
    public string Key { get; init; } = "";

    public string Starts { get; init; } = "";

    public int Seconds { get; init; }

    /// <summary>What reaches one supervisor before it can act on the first of them.</summary>
    public IReadOnlyList<HistoryStep> Ops { get; init; } = [];

    /// <summary>The answer; of a burst, the answer to each of its operations.</summary>
    public IReadOnlyList<string> Reply { get; init; } = [];

    /// <summary>
    /// What happened until all was quiet: <c>+r/a#2</c> the second start of r/a went well, <c>!</c> it failed, <c>~</c> it was ignored,
    /// <c>-r/a#2 killed</c> it ended.
    /// </summary>
    public IReadOnlyList<string> Journal { get; init; } = [];

    /// <summary>Each live supervisor: path, children (newest first; <c>-</c> does not run, <c>?</c> restarting), and specs/active/supervisors/workers.</summary>
    public IReadOnlyList<string> Tree { get; init; } = [];

    public IEnumerable<string> Outcome() => [.. Reply, .. Journal, .. Tree];
}

/// <summary>Something that supervises as OTP does, and can be put through a history.</summary>
internal interface IHistoryWorld
{
    /// <summary>Starts the tree.</summary>
    HistoryStep Boot(HistoryChild root);

    /// <summary>Carries out one operation and tells what came of it.</summary>
    HistoryStep Perform(HistoryStep step);

    bool RootAlive { get; }
}
