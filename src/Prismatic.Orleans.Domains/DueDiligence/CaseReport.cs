using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Prismatic.Domains.DueDiligence;

/// <summary>A case as a document. The score is the newest one in the evidence; without one the report says so.</summary>
internal static class CaseReport
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    public static string Json(CaseView view, DateTimeOffset at) =>
        JsonSerializer.Serialize(new { generatedAt = at, score = Score(view), @case = view }, JsonOptions);

    public static string Markdown(CaseView view, DateTimeOffset at)
    {
        var text = new StringBuilder();
        Line($"# Due diligence: {Escape(view.Subject.Name)}");
        Line($"");
        Line($"Case {view.Id}, {view.State}, {view.Evidence.Length} pieces of evidence. Report of {at:yyyy-MM-dd HH:mm} UTC.");
        Summary();
        Section("Entity", EntityLines());
        Section("Sources that could not be asked", Items(view, item => item.Kind is EvidenceKind.SourceMissing));
        foreach (var dimension in Enum.GetValues<RiskDimension>())
        {
            Section(dimension.ToString(), Items(view, item => item.Dimension == dimension && item.Kind is not EvidenceKind.SourceMissing));
        }

        Section("History", view.Steps.Select(step => FormattableString.Invariant($"{step.At:yyyy-MM-dd HH:mm}: {step.State} by {Escape(step.Actor)}. {Escape(step.Reason)}")));
        Line($"");
        Line($"Evidence chain: `{view.HeadHash}`");
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

        void Section(string title, IEnumerable<string> lines)
        {
            Line($"");
            Line($"## {title}");
            Line($"");
            var any = false;
            foreach (var line in lines)
            {
                any = true;
                Line($"- {line}");
            }

            if (!any)
            {
                Line($"None.");
            }
        }

        void Summary()
        {
            Line($"");
            Line($"## Risk");
            Line($"");
            if (Score(view) is not { } score)
            {
                Line($"Not scored.");
                return;
            }

            Line($"{score.Total:0.00}, between {score.Low:0.00} and {score.High:0.00}.");
            Line($"");
            Line($"| dimension | score | from | to | evidence |");
            Line($"|---|---|---|---|---|");
            foreach (var d in score.Dimensions)
            {
                Line($"| {d.Dimension} | {d.Score:0.00} | {d.Low:0.00} | {d.High:0.00} | {d.Evidence.Length} |");
            }
        }

        IEnumerable<string> EntityLines() =>
            new[] { ("Kind", view.Subject.Kind.ToString()), ("Country", view.Subject.Country), ("Born", view.Subject.BirthDate) }
                .Concat(view.Subject.Identifiers.OrderBy(id => id.Key, StringComparer.Ordinal).Select(id => (id.Key, (string?)id.Value)))
                .Where(field => field.Item2 is { Length: > 0 })
                .Select(field => $"{field.Item1}: {Escape(field.Item2!)}");
    }

    private static IEnumerable<string> Items(CaseView view, Func<EvidenceItem, bool> wanted) =>
        view.Evidence.Where(wanted).Select(item => $"{Escape(item.Summary)} ({Escape(item.Source)})");

    private static RiskScore? Score(CaseView view) =>
        view.Evidence.LastOrDefault(item => item.Kind is EvidenceKind.Score) is { } item ? JsonSerializer.Deserialize<RiskScore>(item.Payload) : null;

    // What sources say is text, never markup.
    private static string Escape(string text)
    {
        var safe = new StringBuilder();
        foreach (var c in text)
        {
            if (c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '|' or '#')
            {
                safe.Append('\\');
            }

            safe.Append(char.IsControl(c) ? ' ' : c);
        }

        return safe.ToString();
    }
}
