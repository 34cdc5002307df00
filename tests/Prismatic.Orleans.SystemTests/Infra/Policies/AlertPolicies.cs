using System.Text.Json.Nodes;

namespace Prismatic.SystemTests.Infra.Policies;

/// <summary>An alert looks at what is measured and says what to do.</summary>
internal static class AlertPolicies
{
    private static readonly string[] Severities = ["page", "warn"];

    public static IEnumerable<string> Find(ManifestSet set, HostFacts host) =>
        from rules in set.OfKind("PrometheusRule")
        from finding in OfGroups(rules.At("spec"), host)
        select $"{rules}: {finding}";

    /// <summary>The mistakes in the groups of a rule file.</summary>
    public static IEnumerable<string> OfGroups(JsonNode? file, HostFacts host)
    {
        foreach (var alert in file.Each("groups").SelectMany(group => group.Each("rules")))
        {
            var name = alert.TextAt("alert");
            foreach (var series in PromQuery.Series(alert.TextAt("expr")).Where(series => !host.Series.Contains(series)))
            {
                yield return $"{name} looks at {series}, which nobody measures";
            }

            foreach (var label in PromQuery.Labels(alert.TextAt("expr")).Except(PromQuery.KnownLabels))
            {
                yield return $"{name} asks for the label {label}, which no series has";
            }

            if (!Severities.Contains(alert.TextAt("labels.severity")))
            {
                yield return $"{name} has the severity '{alert.TextAt("labels.severity")}'";
            }

            if (alert.TextAt("annotations.summary").Length == 0 || !host.Anchors.Contains(alert.TextAt("annotations.runbook")))
            {
                yield return $"{name} does not tell what to do";
            }
        }
    }
}
