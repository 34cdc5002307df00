namespace Prismatic.Tests.Conformance;

/// <summary>
/// The differences between real OTP and our decisions that are meant, each with its reason. What is not listed here must be the same.
/// One instance per history, because one of them lasts.
/// </summary>
internal sealed class Documented
{
    /// <summary>OTP's which_children waits in the supervisor's inbox like any call. Ours reads the state as it is, and never waits for a round to end.</summary>
    public const string ReadsDoNotQueue = "reads do not queue";

    /// <summary>
    /// A child of simple_one_for_one is terminated by its pid in OTP, by its key here. A dead pid is fine to OTP, since what was wanted is so; a key
    /// without a child may as well be a mistake: not found.
    /// </summary>
    public const string KeyWithoutChild = "a key without a child";

    /// <summary>
    /// And a key means whichever incarnation runs: terminating a child whose crash is still in the inbox stops its successor too, where OTP's pid
    /// meant the dead one alone. The trees differ from there on, so that the rest of the history is not compared.
    /// </summary>
    public const string KeyMeansSuccessor = "a key means the successor too";

    /// <summary>
    /// OTP 25 counts the restarting children of simple_one_for_one apart, and when one of them is terminated it stays in that count: count_children
    /// tells one active child too few from then on. Ours counts what runs.
    /// </summary>
    public const string Miscount = "OTP's miscount";

    private readonly HashSet<string> _terminatedByKey = [];

    /// <summary>Those that were met in this history.</summary>
    public HashSet<string> Met { get; } = [];

    /// <summary>What we found, with OTP's word in the place of ours where the difference is meant.</summary>
    public HistoryStep WithoutThem(HistoryStep expected, HistoryStep found)
    {
        _terminatedByKey.UnionWith(Calls(expected).Where(IsTerminateByKey).Select(call => call.Sup));
        return found with
        {
            Reply = [.. Calls(expected).Zip(expected.Reply, found.Reply).Select(one => Reply(one.First.Op, one.Second, one.Third))],
            Tree = [.. found.Tree.Select((told, i) => i < expected.Tree.Count ? Tree(expected.Tree[i], told) : told)],
        };
    }

    /// <summary>Whether what comes of that step, and of all that follow, may differ.</summary>
    public bool EndsComparison(HistoryStep step)
    {
        var crashed = step.Ops.Where(op => op.Op == "crash").Select(op => op.Path).ToHashSet();
        var ends = step.Ops.Any(op => IsTerminateByKey(op) && crashed.Contains($"{op.Sup}/{op.Id}"));
        if (ends)
        {
            Met.Add(KeyMeansSuccessor);
        }

        return ends;
    }

    private static IReadOnlyList<HistoryStep> Calls(HistoryStep step) => step.Op == "burst" ? step.Ops : [step];

    /// <summary>Keys are k1, k2 and so on; no child of another supervisor is called so.</summary>
    private static bool IsTerminateByKey(HistoryStep call) => call.Op == "terminate" && call.Id.StartsWith('k');

    private string Reply(string op, string otp, string ours) => (op, otp, ours) switch
    {
        ("which", _, "not queued") => Is(ReadsDoNotQueue, otp),
        ("terminate", "ok", "not_found") => Is(KeyWithoutChild, otp),
        _ => ours,
    };

    private string Tree(string otp, string ours) =>
        otp != ours && _terminatedByKey.Contains(otp.Split('|')[0]) && WithoutActive(otp) == WithoutActive(ours) ? Is(Miscount, otp) : ours;

    private static (string Path, string Children, string Specs, string Supervisors, string Workers) WithoutActive(string told)
    {
        var parts = told.Split('|');
        var counts = parts[2].Split('/');
        return (parts[0], parts[1], counts[0], counts[2], counts[3]);
    }

    private string Is(string difference, string otp)
    {
        Met.Add(difference);
        return otp;
    }
}
