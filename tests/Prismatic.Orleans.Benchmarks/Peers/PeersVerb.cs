using System.Globalization;
using Prismatic.Measuring;

namespace Prismatic.Peers;

/// <summary>
/// The same on Prismatic, bare Orleans, Erlang/OTP and Akka.NET, one after the other in one run, the order of the first two turning with
/// the rounds. The last lines say whether the goals were met.
/// </summary>
internal static class PeersVerb
{
    private const double LinearLimit = 12;
    private const double BareLimit = 1.5;
    private const double FlatLimit = 1.25;
    private const int Quarters = 4;

    /// <summary>Storms of 5,000 before any is measured, on each silo: the compiler is still at work for a while.</summary>
    private const int WarmUps = 12;

    /// <summary>Storms of each size that are not counted either: 100 x 100 goes other ways through the code than one family does.</summary>
    private const int SizeWarmUps = 3;

    private const int Ours = 0;
    private const int Bare = 1;
    private const int Filtered = 2;
    private const int Otp = 3;

    private static readonly (string Name, int Supervisors, int Children)[] Storms =
        [("1 x 1,000", 1, 1_000), ("1 x 2,000", 1, 2_000), ("1 x 5,000", 1, 5_000), ("1 x 10,000", 1, 10_000), ("100 x 100", 100, 100)];

    private static readonly TimeProvider Time = TimeProvider.System;

    /// <summary>True when all goals were met and every count was exact.</summary>
    public static async Task<bool> Run(Options options)
    {
        var rounds = options.Number("rounds", or: 15, max: 100);
        var restarts = options.Number("restarts", or: 20_000, max: 1_000_000);
        var peerRestarts = options.Number("peer-restarts", or: 3_000, max: 1_000_000);
        var only = options.Choice("only", or: "all", ["all", "storms", "restarts", "calls"]);
        var storm = options.Choice("storm", or: "all", ["all", .. Storms.Select(Size)]);
        var orleansOnly = options.Choice("peers", or: "all", ["all", "orleans"]) == "orleans";
        var output = options.Output();
        var machine = Machine.Now(Time);
        output.Line($"Peers. {machine}");

        await using var ours = new OrleansPeer(OrleansArm.Supervised);
        await using var bare = new OrleansPeer(OrleansArm.Bare);
        await using var filtered = new OrleansPeer(OrleansArm.Filtered);
        await using var erlang = orleansOnly ? null : await ErlangPeer.Find();
        await using var akka = orleansOnly ? null : new AkkaPeer();
        if (erlang is null && !orleansOnly)
        {
            output.Line("There is no `erl` on the path, so the column of Erlang/OTP stays empty. Debian and Ubuntu have it in the package erlang-base.");
        }

        IPeer?[] peers = [ours, bare, filtered, erlang, akka];
        var names = peers.Select((peer, at) => peer?.Name ?? (at == Otp ? "Erlang/OTP" : "Akka.NET")).ToArray();
        List<Goal> goals = [];
        List<StormRow> storms = [];
        Latency?[] latencies = [];
        List<CallsRow> calls = [];
        if (only is "all" or "storms")
        {
            storms = await MeasureStorms(peers, [.. Storms.Where(size => storm == "all" || storm == Size(size))], rounds);
            PrintStorms(output, names, storms);
            PrintMemory(output, names, storms);
            goals.AddRange(GoalsOf(storms, erlang is not null));
        }

        if (only is "all" or "restarts")
        {
            latencies = await MeasureRestarts(peers, restarts, peerRestarts);
            PrintRestarts(output, names, latencies);
            goals.Add(GoalOf(latencies[Ours]!));
        }

        if (only is "all" or "calls")
        {
            calls = await MeasureCalls(peers);
            output.Table(["calls per second", .. names], calls.Select(row => Row(row.Name, row.PerSecond, "#,0")));
        }

        foreach (var goal in goals)
        {
            output.Line($"{goal.Name}: {goal.Found}: {(goal.Met ? "met" : "NOT met")}");
        }

        var (crashes, counted, lessons, dropped) = await ours.Count();
        var exact = (crashes, counted, lessons, dropped) == (ours.Crashed, ours.Crashed, ours.Crashed, 0);
        output.Line(exact
            ? $"counts: exact: {crashes:#,0} crashes and restarts at the supervisors, as many crashes in the lessons, none dropped"
            : $"counts: NOT exact: of {ours.Crashed:#,0} crashes the supervisors have {crashes:#,0} and {counted:#,0} restarts, the lessons {lessons:#,0}; {dropped:#,0} were dropped");
        output.Document(new { verb = "peers", machine, rounds, peers = names, storms, restarts = latencies, calls, goals, exact });
        return exact && goals.TrueForAll(goal => goal.Met);
    }

    private static string Size((string Name, int Supervisors, int Children) storm) => $"{storm.Supervisors}x{storm.Children}";

    /// <summary>A storm that is over in 20 ms says little: the smaller ones are repeated until they have had as many crashes as one of 5,000.</summary>
    private static int Repeats(int crashes) => Math.Max(1, (5_000 + crashes - 1) / crashes);

    private static async Task<List<StormRow>> MeasureStorms(IPeer?[] peers, IReadOnlyList<(string Name, int Supervisors, int Children)> sizes, int rounds)
    {
        var rows = new List<StormRow>();
        for (var warmUp = 0; warmUp < WarmUps; warmUp++)
        {
            for (var at = Ours; at <= Filtered; at++)
            {
                await peers[at]!.Storm(1, 5_000, runs: 1);
            }
        }

        foreach (var (name, supervisors, children) in sizes)
        {
            var times = peers.Select(_ => new List<StormTime>()).ToArray();
            var repeated = rounds * Repeats(supervisors * children);
            for (var round = -SizeWarmUps; round < repeated; round++)
            {
                // Ours and the bare one are compared with each other, so they are measured next to each other.
                foreach (var at in round % 2 == 0 ? new[] { Ours, Bare, Filtered } : [Filtered, Bare, Ours])
                {
                    var time = await peers[at]!.Storm(supervisors, children, runs: 1);
                    times[at].AddRange(round < 0 ? [] : time);
                }
            }

            for (var at = Otp; at < peers.Length; at++)
            {
                times[at].AddRange(peers[at] is { } peer ? (await peer.Storm(supervisors, children, rounds + 1)).Skip(1) : []);
            }

            rows.Add(new StormRow(
                name,
                supervisors * children,
                [.. times.Select(of => of.Count == 0 ? null : (double?)PairedRatio.MedianOf(of.Select(time => time.Answered)))],
                [.. times.Select(of => of.Count == 0 ? null : $"{N(of.Min(time => time.Answered), "0")}..{N(of.Max(time => time.Answered), "0")}")],
                Over(Bare),
                Over(Filtered),
                PairedRatio.MedianOf(times[Ours].Select(time => time.Reported!.Value)),
                [.. times.Take(Otp).Select(of => new Memory(PairedRatio.MedianOf(of.Select(time => time.Allocated / 1024.0 / supervisors / children)), PairedRatio.MedianOf(of.Select(time => time.Paused))))]));

            PairedRatio Over(int other) => PairedRatio.Of([.. times[Ours].Select(time => time.Answered)], [.. times[other].Select(time => time.Answered)]);
        }

        return rows;
    }

    private static async Task<Latency?[]> MeasureRestarts(IPeer?[] peers, int own, int others)
    {
        var latencies = new Latency?[peers.Length];
        for (var at = 0; at < peers.Length; at++)
        {
            if (peers[at] is { } peer)
            {
                latencies[at] = Latency.Of(await peer.Restarts(peer is OrleansPeer ? own : others));
            }
        }

        return latencies;
    }

    private static async Task<List<CallsRow>> MeasureCalls(IPeer?[] peers)
    {
        var rows = new List<CallsRow>();
        foreach (var clients in new[] { 1, 16 })
        {
            var perSecond = new double?[peers.Length];
            for (var at = 0; at < peers.Length; at++)
            {
                perSecond[at] = peers[at] is { } peer ? await peer.Calls(clients, TimeSpan.FromSeconds(2)) : null;
            }

            rows.Add(new CallsRow(clients == 1 ? "1 client" : $"{clients} clients, a child each", perSecond));
        }

        return rows;
    }

    private static Goal GoalOf(Latency ours)
    {
        var flat = ours.Quarters[^1] / ours.Quarters[0];
        return new("restarts stay flat", $"p50 of the last quarter is {N(flat, "0.00")} times that of the first (limit {FlatLimit})", flat <= FlatLimit);
    }

    private static List<Goal> GoalsOf(List<StormRow> storms, bool withErlang)
    {
        var (thousand, tenThousand) = (storms.Find(row => row.Name == "1 x 1,000"), storms.Find(row => row.Name == "1 x 10,000"));
        var goals = new List<Goal>();
        if (thousand is not null && tenThousand is not null)
        {
            var growth = tenThousand.Milliseconds[Ours]!.Value / thousand.Milliseconds[Ours]!.Value;
            goals.Add(new("grows linearly", $"10,000 children take {N(growth, "0.0")} times as long as 1,000 (limit {LinearLimit})", growth <= LinearLimit));
        }

        if (withErlang && tenThousand is not null)
        {
            goals.Add(new(
                "under OTP's one_for_one at 10,000",
                $"{N(tenThousand.Milliseconds[Ours]!.Value, "0")} ms to {N(tenThousand.Milliseconds[Otp]!.Value, "0")} ms",
                tenThousand.Milliseconds[Ours] < tenThousand.Milliseconds[Otp]));
        }

        goals.AddRange(storms.Select(row => new Goal(
            $"within {N(BareLimit, "0.0")} times of bare Orleans, {row.Name}", row.OverBare.ToString(), row.OverBare.Median <= BareLimit)));
        return goals;
    }

    private static void PrintStorms(Output output, string[] names, List<StormRow> storms)
    {
        output.Line();
        output.Table(["storm: ms until all have answered again", .. names], storms.Select(row => Row(row.Name, row.Milliseconds, "0")));
        output.Table(["the same, least..most", .. names], storms.Select(row => (string[])[row.Name, .. row.Spread.Select(spread => spread ?? "")]));
        output.Table(
            ["Prismatic", "of bare Orleans, median [95 %]", "of Orleans + filter", "crashes/s", "ms until all is reported too"],
            storms.Select(row => new[] { row.Name, row.OverBare.ToString(), row.OverFiltered.ToString(), N(row.Children * 1_000 / row.Milliseconds[Ours]!.Value, "#,0"), N(row.Reported, "0") }));
    }

    private static void PrintMemory(Output output, string[] names, List<StormRow> storms) => output.Table(
        ["until all have answered again", .. names.Take(Otp).SelectMany(name => (string[])[$"{name}, KB per child", "ms in the GC"])],
        storms.Select(row => (string[])[row.Name, .. row.Memory.SelectMany(memory => (string[])[N(memory.KilobytesPerChild, "0.0"), N(memory.PausedMilliseconds, "0")])]));

    private static void PrintRestarts(Output output, string[] names, Latency?[] latencies)
    {
        output.Table(
            ["crash to next answer, us", .. names],
            [
                Row("p50", [.. latencies.Select(latency => latency?.P50)], "0.0"),
                Row("p99", [.. latencies.Select(latency => latency?.P99)], "0.0"),
                .. Enumerable.Range(0, Quarters).Select(quarter =>
                    Row($"p50, quarter {quarter + 1}", [.. latencies.Select(latency => latency is { Quarters.Length: Quarters } ? latency.Quarters[quarter] : (double?)null)], "0.0")),
            ]);
    }

    private static string[] Row(string name, double?[] values, string format) =>
        [name, .. values.Select(value => value is { } number ? N(number, format) : "")];

    private static string N(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed record StormRow(string Name, int Children, double?[] Milliseconds, string?[] Spread, PairedRatio OverBare, PairedRatio OverFiltered, double Reported, IReadOnlyList<Memory> Memory);

    /// <summary>Of a storm on Orleans: what was allocated for each child, and how long the garbage collector stopped the process.</summary>
    private sealed record Memory(double KilobytesPerChild, double PausedMilliseconds);

    private sealed record CallsRow(string Name, double?[] PerSecond);

    private sealed record Goal(string Name, string Found, bool Met);

    private sealed record Latency(double P50, double P99, double[] Quarters)
    {
        /// <summary>Two values are percentiles already, from a process that does not hand over each time.</summary>
        public static Latency Of(IReadOnlyList<double> times) => times.Count == 2
            ? new Latency(times[0], times[1], [])
            : new Latency(
                At(times, 0.5),
                At(times, 0.99),
                [.. times.Chunk((times.Count + PeersVerb.Quarters - 1) / PeersVerb.Quarters).Select(quarter => At(quarter, 0.5))]);

        private static double At(IEnumerable<double> times, double quantile)
        {
            var sorted = times.Order().ToArray();
            return sorted[Math.Max(0, (int)Math.Ceiling(quantile * sorted.Length) - 1)];
        }
    }
}
