using System.Text.Json;
using Prismatic.Drills;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Silo.Drills;
using Prismatic.Tests.Architecture;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Drills;

/// <summary>
/// The drills of <c>infra/drills</c>, each on a platform of its own, several at a time and beside no other tests: a drill runs on the machine's own time, and what it
/// strikes second has to have recovered from the first.
/// </summary>
[Collection(nameof(Alone))]
public sealed class DrillSuiteTests
{
    private const int AtATime = 4;

    private static readonly string[] Actions =
        [nameof(RestartWithBackoff), nameof(RestartWithStateReset), nameof(RedirectToFallback), nameof(CircuitBreak), nameof(Escalate)];

    [Fact]
    public async Task Every_drill_passes_twice_with_the_same_plan_signatures_classes_remediations_and_verdicts()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root.FullName, "infra", "drills"), "*.json").Order(StringComparer.Ordinal).ToList();
        Assert.True(files.Count >= 20, $"There are {files.Count} drills.");
        using var slots = new SemaphoreSlim(AtATime);
        var runs = await Task.WhenAll(files.SelectMany(file => new[] { Run(file, slots), Run(file, slots) }));

        Covers(runs.SelectMany(run => run.Actions), Actions);
        Covers(runs.SelectMany(run => run.Classes), Enum.GetNames<FailureClass>());
        Findings.MustBeNone(runs.Select(run => run.Problem).OfType<string>());
        Findings.MustBeNone(runs.GroupBy(run => run.File).Where(pair => pair.Select(run => run.Figure).Distinct().Count() > 1)
            .Select(pair => $"{pair.Key} differed: {string.Join(" | ", pair.Select(run => run.Figure))}"));
    }

    /// <summary>That the suite as a whole shows each of them.</summary>
    private static void Covers(IEnumerable<string> seen, IReadOnlyCollection<string> all) => Assert.Equal(all.Order(StringComparer.Ordinal), seen.Distinct().Order(StringComparer.Ordinal));

    private static async Task<DrilledFile> Run(string path, SemaphoreSlim slots)
    {
        var file = Path.GetFileName(path);
        await slots.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            var start = await DrillPlatform.Run(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), _ => { }, TestContext.Current.CancellationToken);
            if (start.Started is not { Report: { } report } view)
            {
                return new DrilledFile(file, "", $"{file}: {string.Join(' ', start.Mistakes)}{start.Started?.Trouble}", [], []);
            }

            using var json = JsonDocument.Parse(report);
            return new DrilledFile(
                file,
                Figure(json.RootElement),
                view.Status == DrillStatus.Passed ? null : $"{file}: {Missed(json.RootElement)}",
                Of(json.RootElement, "remediation"),
                Of(json.RootElement, "class"));
        }
        finally
        {
            slots.Release();
        }
    }

    private static string[] Of(JsonElement report, string what) =>
        [.. report.GetProperty("crashes").EnumerateArray().Select(crash => crash.GetProperty(what).GetString()).OfType<string>()];

    /// <summary>What the same seed must repeat.</summary>
    private static string Figure(JsonElement report) => string.Join("; ",
        report.GetProperty("plan").GetRawText().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal),
        string.Join(",", report.GetProperty("crashes").EnumerateArray()
            .Select(crash => $"{crash.GetProperty("child")} {crash.GetProperty("signature")} {crash.GetProperty("class")} {crash.GetProperty("remediation")}").Distinct().Order(StringComparer.Ordinal)),
        string.Join(",", report.GetProperty("expectations").EnumerateArray().Select(expectation => $"{expectation.GetProperty("name")}={expectation.GetProperty("met")}")));

    private static string Missed(JsonElement report) => string.Join("; ", report.GetProperty("expectations").EnumerateArray()
        .Where(expectation => !expectation.GetProperty("met").GetBoolean())
        .Select(expectation => $"{expectation.GetProperty("name")} expected {expectation.GetProperty("expected")}, seen {expectation.GetProperty("seen")}"))
        + $" (crashes: {string.Join(", ", report.GetProperty("crashes").EnumerateArray().Select(crash => $"{crash.GetProperty("at")} {crash.GetProperty("child")} {crash.GetProperty("class")} {crash.GetProperty("remediation")} {crash.GetProperty("rule")}"))}; bystanders: {report.GetProperty("bystanderFailures").GetRawText()})";

    private sealed record DrilledFile(string File, string Figure, string? Problem, string[] Actions, string[] Classes);
}
