using System.Reflection;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>
/// The table of conformance, <c>conformance.md</c>, holds every case of the suites that <c>cases.txt</c> lists, with what became of it; and every test of a
/// case is in the table.
/// </summary>
public sealed class ConformanceTableTests
{
    private static readonly string[] Verdicts = ["passes", "adapted", "not applicable"];

    private static readonly Type[] CaseClasses =
    [
        typeof(StartingTests), typeof(StoppingTests), typeof(RestartTypeTests), typeof(StrategyTests), typeof(DynamicApiTests), typeof(HangingRestartTests),
        typeof(SignificantTests), typeof(CodeChangeTests), typeof(ReportTests), typeof(ScaleTests), typeof(ElixirTests), typeof(AkkaTests),
    ];

    private sealed record Row(string Suite, string Case, string Verdict, string[] Tests, string How);

    private static readonly IReadOnlyList<Row> Table =
    [
        .. Lines("conformance.md").Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line[1..^1].Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells[0] != "suite")
            .Select(cells => new Row(cells[0], cells[1], cells[2], cells[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), cells[4])),
    ];

    [Fact]
    public void Every_case_of_the_suites_is_in_the_table_once()
    {
        var cases = Lines("cases.txt").Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t')).Select(parts => (parts[0], parts[1])).ToList();
        Assert.Equal(91, cases.Count(known => known.Item1 == "supervisor_SUITE"));
        Assert.Equal(cases, Table.Select(row => (row.Suite, row.Case)));
        Assert.Equal(cases.Count, cases.Distinct().Count());
    }

    [Fact]
    public void Every_row_says_what_became_of_the_case_and_why()
    {
        Assert.All(Table, row => Assert.Contains(row.Verdict, Verdicts));
        Assert.All(Table.Where(row => row.Verdict != "passes"), row => Assert.False(row.How.Length == 0, $"{row.Suite} {row.Case} is {row.Verdict} and does not say how or why."));
        Assert.All(Table.Where(row => row.Verdict == "not applicable"), row => Assert.Empty(row.Tests));
    }

    [Fact]
    public void Every_case_that_applies_has_its_test()
    {
        var tests = typeof(ConformanceTableTests).Assembly.GetTypes().SelectMany(TestsOf).ToHashSet();
        foreach (var row in Table.Where(row => row.Verdict != "not applicable"))
        {
            Assert.True(row.Tests.Length > 0, $"{row.Suite} {row.Case} {row.Verdict} and has no test.");
            Assert.All(row.Tests, test => Assert.True(tests.Contains(test), $"{row.Suite} {row.Case}: there is no test {test}."));
        }
    }

    [Fact]
    public void Every_case_of_otps_suite_has_a_test_of_its_own_name() => Assert.All(
        Table.Where(row => row is { Suite: "supervisor_SUITE", Verdict: not "not applicable" }),
        row => Assert.Equal(row.Case, Assert.Single(row.Tests).Split('.')[1].TrimEnd('_')));

    [Fact]
    public void Every_test_of_a_case_is_in_the_table()
    {
        var named = Table.SelectMany(row => row.Tests).ToHashSet();
        Assert.All(CaseClasses.SelectMany(TestsOf), test => Assert.Contains(test, named));
    }

    private static IEnumerable<string> TestsOf(Type type) => type
        .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(method => method.GetCustomAttributes().Any(attribute => attribute is FactAttribute))
        .Select(method => $"{type.Name}.{method.Name}");

    private static string[] Lines(string name)
    {
        using var stream = typeof(ConformanceTableTests).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The test assembly has no resource {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries);
    }
}
