using System.Text.RegularExpressions;

namespace Prismatic.SystemTests.Infra;

/// <summary>Reads the names out of a PromQL expression. Knows as much of the language as these rules and dashboards use.</summary>
internal static partial class PromQuery
{
    private static readonly HashSet<string> Words = ["by", "without", "on", "ignoring", "or", "and", "unless", "offset", "bool", "group_left", "group_right"];

    /// <summary>Labels of our instruments, of histograms, and those that Prometheus adds.</summary>
    public static readonly IReadOnlySet<string> KnownLabels = new HashSet<string> { "kind", "class", "remediation", "status", "le", "job", "instance" };

    /// <summary>The time series that it looks at.</summary>
    public static IEnumerable<string> Series(string expression)
    {
        var bare = Grouping().Replace(Range().Replace(Matchers().Replace(expression, ""), ""), " ");
        return Name().Matches(bare).Where(name => !Words.Contains(name.Value)).Select(name => name.Value).Distinct();
    }

    /// <summary>The labels that it asks for or groups by.</summary>
    public static IEnumerable<string> Labels(string expression) =>
        Matchers().Matches(expression).SelectMany(match => MatchedLabel().Matches(match.Value)).Select(label => label.Groups[1].Value)
            .Concat(Grouping().Matches(expression).SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
            .Distinct();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Matchers();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Range();

    [GeneratedRegex(@"\b(?:by|without|on)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)")]
    private static partial Regex MatchedLabel();

    // A name that an opening bracket follows is a function.
    [GeneratedRegex(@"(?<![\w.])[a-zA-Z_:][\w:]*\b(?!\s*\()")]
    private static partial Regex Name();
}
