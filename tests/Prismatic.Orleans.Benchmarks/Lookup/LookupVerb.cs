using System.Collections.Immutable;
using System.Globalization;
using Prismatic.Lessons;
using Prismatic.Measuring;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Lookup;

/// <summary>
/// How long a silo looks for the rule of a crash, by the number of rules. The rules are drawn with a seed over all parts that a pattern can have;
/// the crashes are those that some of these rules are for, and crashes that no added rule is for.
/// </summary>
internal static class LookupVerb
{
    private static readonly string[] Codes = ["socket", "http", "sqlstate", "errno", "grpc", "hresult"];

    public static void Run(Options options)
    {
        var sizes = options.Numbers("rules", or: [10, 1_000, 10_000], max: RuleBook.MaxRules);
        var lookups = options.Number("lookups", or: 200_000, max: 100_000_000);
        var seed = options.Number("seed", or: 1, max: int.MaxValue);
        var output = options.Output();
        var machine = Machine.Now(TimeProvider.System);
        var rows = sizes.SelectMany(size => Measure(size, lookups, seed)).ToList();

        output.Line($"Looking for the rule of a crash. {machine}");
        output.Line($"{lookups} look-ups each, seed {seed}; besides the built-in rules. Five runs, the median and the slowest.");
        output.Line();
        output.Table(
            ["crash", "rules", "median ns", "slowest ns", "B", "compile ms"],
            rows.Select(row => new[] { row.Crash, N(row.Rules), N(row.MedianNs), N(row.SlowestNs), N(row.Bytes), N(row.CompileMs) }));
        output.Document(new { verb = "lookup", machine, lookups, seed, rows });
    }

    private static IEnumerable<Row> Measure(int size, int lookups, int seed)
    {
        var random = new Random(seed);
        ImmutableArray<RemediationRule> rules = [.. Enumerable.Range(0, size).Select(i => Rule(i, random))];
        var start = TimeProvider.System.GetTimestamp();
        var snapshot = RuleSnapshot.From(new RuleTable { Version = 1, Rules = [.. rules, .. BuiltInRules.All] });
        var compile = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        var known = Enumerable.Range(0, 256).Select(_ => CrashFor(rules[random.Next(size)])).ToArray();
        var unknown = Enumerable.Range(0, 256).Select(i => Crash($"Nobody.Knows{i}Exception", $"something {i} of a kind that no rule names", null)).ToArray();
        yield return Time("a rule is for it", size, snapshot, known, lookups, compile);
        yield return Time("no rule is for it", size, snapshot, unknown, lookups, compile);
    }

    private static Row Time(string name, int size, RuleSnapshot snapshot, CrashFacts[] crashes, int lookups, double compile)
    {
        Look(lookups / 10);
        var runs = new List<double>();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var run = 0; run < 5; run++)
        {
            var start = TimeProvider.System.GetTimestamp();
            Look(lookups);
            runs.Add(TimeProvider.System.GetElapsedTime(start).TotalNanoseconds / lookups);
        }

        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (5.0 * lookups);
        runs.Sort();
        return new Row(name, size, runs[2], runs[^1], Math.Round(bytes, 1), compile);

        void Look(int times)
        {
            for (var i = 0; i < times; i++)
            {
                snapshot.Decide(crashes[i & 255], "0123456789abcdef", FailureClass.ExternalDependency);
            }
        }
    }

    /// <summary>As a large service would have them: mostly types, codes and texts, of a few hundred types and namespaces.</summary>
    private static RemediationRule Rule(int i, Random random)
    {
        var type = $"Shop.Area{random.Next(40)}.Failure{random.Next(400)}Exception";
        var pattern = random.Next(8) switch
        {
            0 => new CrashPattern { Signature = random.NextInt64().ToString("x16", CultureInfo.InvariantCulture) },
            1 => new CrashPattern { Code = Codes[random.Next(Codes.Length)], CodeValues = [Value(random)] },
            2 => new CrashPattern { ExceptionType = type },
            3 => new CrashPattern { ExceptionType = type, MessageContains = $"part {random.Next(50_000)} is missing" },
            4 => new CrashPattern { MessageContains = $"order {random.Next(50_000)} was refused" },
            5 => new CrashPattern { FrameStartsWith = $"Shop.Area{random.Next(40)}.Place{random.Next(5_000)}." },
            6 => new CrashPattern { ExceptionType = type, Under = $"shop/area-{random.Next(40)}" },
            _ => new CrashPattern { Worker = $"IWorker{random.Next(2_000)}Grain", Class = FailureClass.ExternalDependency },
        };
        return new RemediationRule { Id = $"rule-{i}", Pattern = pattern, Action = new CircuitBreak { Target = $"target:{i}" }, Priority = i };
    }

    private static string Value(Random random) => $"V{random.Next(5_000)}";

    private static CrashFacts CrashFor(RemediationRule rule)
    {
        var pattern = rule.Pattern;
        return Crash(
            pattern.ExceptionType ?? "Shop.SomeException",
            pattern.MessageContains ?? "something went wrong",
            pattern.Code is { } code ? (code, pattern.CodeValues[0]) : null,
            pattern.FrameStartsWith ?? "Shop.Somewhere.",
            pattern.Under ?? "shop/area-1",
            pattern.Worker ?? "IAnyGrain");
    }

    private static CrashFacts Crash(string type, string message, (string Name, string Value)? code, string frame = "Shop.Somewhere.", string under = "shop/area-1", string worker = "IAnyGrain") => new()
    {
        Exceptions =
        [
            new ExceptionFact { Type = "Shop.WrapperException", Message = $"while it worked: {message}", BaseTypes = ["Shop.ShopException"] },
            new ExceptionFact
            {
                Type = type,
                Message = message,
                BaseTypes = ["Shop.ShopException"],
                Codes = code is { } known ? ImmutableDictionary<string, string>.Empty.Add(known.Name, known.Value) : ImmutableDictionary<string, string>.Empty,
            },
        ],
        Stack = string.Join('\n', Enumerable.Range(0, 12).Select(i => $"   at Shop.Layer{i}.Thing.Work(String text)").Append($"   at {frame}Do()")),
        Child = $"{under}/worker",
        WorkerType = worker,
    };

    private static string N(double value) => value.ToString(value < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture);

    private sealed record Row(string Crash, int Rules, double MedianNs, double SlowestNs, double Bytes, double CompileMs);
}
