using System.Collections.Immutable;
using System.Text.Json;

namespace Prismatic.Domains.Security;

/// <summary>A measure of the rule book and the controls that prove it.</summary>
internal sealed record Measure(string Letter, string Title, string[] Controls);

/// <summary>What evidence is worth at a time.</summary>
internal static class ComplianceRules
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static readonly ImmutableArray<Measure> Nis2 = Load();

    public static bool Knows(string control) => Nis2.Any(measure => measure.Controls.Contains(control));

    public static ComplianceReport Assess(string organisation, IReadOnlyCollection<Evidence> evidence, DateTimeOffset now)
    {
        var valid = evidence.Where(each => IsValid(each, now)).Select(each => each.Control).ToHashSet();
        var measures = Nis2.Select(measure => Result(measure, (double)measure.Controls.Count(valid.Contains) / measure.Controls.Length)).ToImmutableArray();
        var score = measures.Average(measure => measure.Score);
        return new ComplianceReport { Organisation = organisation, Score = score, Status = Status(score), Measures = measures };
    }

    public static ImmutableArray<Gap> Gaps(IReadOnlyCollection<Evidence> evidence, DateTimeOffset now) =>
    [
        .. from measure in Nis2
           from control in measure.Controls
           let about = evidence.Where(each => each.Control == control).ToArray()
           where !about.Any(each => IsValid(each, now))
           select new Gap { Measure = measure.Letter, Control = control, Reason = about.Any(each => each.Expires <= now) ? "expired" : "missing" },
    ];

    public static IncidentClock Clock(DateTimeOffset awareAt)
    {
        var notification = awareAt.AddHours(72);
        return new IncidentClock { EarlyWarningBy = awareAt.AddHours(24), NotificationBy = notification, FinalReportBy = notification.AddMonths(1) };
    }

    internal static string Status(double score) => score switch { >= 0.8 => "compliant", >= 0.5 => "partial", _ => "non-compliant" };

    private static bool IsValid(Evidence evidence, DateTimeOffset now) => evidence.Date <= now && now < evidence.Expires;

    private static MeasureResult Result(Measure measure, double score) => new() { Letter = measure.Letter, Title = measure.Title, Score = score, Status = Status(score) };

    private static ImmutableArray<Measure> Load()
    {
        using var file = typeof(ComplianceRules).Assembly.GetManifestResourceStream("nis2.json")!;
        return [.. JsonSerializer.Deserialize<Measure[]>(file, Web)!];
    }
}
