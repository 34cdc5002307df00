using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Prismatic.SystemTests.Harness;

namespace Prismatic.SystemTests.Infra;

/// <summary>
/// The two schemas, which complete each other: KubernetesClient knows every field and refuses others and wrong types, and lets a required field
/// be missing; kubernetes-models sees what is missing, and lets unknown fields pass.
/// </summary>
internal static class Validators
{
    private static readonly Dictionary<string, Type> Operators = new()
    {
        ["monitoring.coreos.com/v1/ServiceMonitor"] = typeof(ServiceMonitor),
        ["monitoring.coreos.com/v1/PrometheusRule"] = typeof(PrometheusRule),
    };

    /// <summary>Fields and types that no such kind has, one finding for each manifest that has some.</summary>
    public static IEnumerable<string> StrictParsing(ManifestSet set)
    {
        foreach (var manifest in set.All)
        {
            string? finding = null;
            try
            {
                var parsed = KubernetesYaml.LoadAllFromString(manifest.Json.ToJsonString(), Operators, strict: true);
                finding = parsed.Count == 1 ? null : $"{parsed.Count} objects";
            }
            catch (Exception e)
            {
                finding = e.InnerException is null ? e.Message : $"{e.Message}: {e.InnerException.Message}";
            }

            if (finding is not null)
            {
                yield return $"{manifest}: {finding}";
            }
        }
    }

    /// <summary>Required fields that are missing, and wrong types.</summary>
    public static async Task<IReadOnlyList<string>> RequiredFields(ManifestSet set)
    {
        var (node, script) = Requirement.KubernetesModels();
        var (code, output, errors) = await Command.Run(node, [script], set.ToYaml());
        return code is 0 or 1
            ? [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)).Select(line => $"{line.TextAt("kind")} {line.TextAt("name")}: {line.TextAt("message")}")]
            : throw new InvalidOperationException($"{script} ended with {code}: {errors}");
    }
}

// The two kinds of the Prometheus operator, with the fields that these manifests use: any other is a mistake.
#pragma warning disable CA1812 // made by the deserializer

internal sealed class ServiceMonitor : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public ServiceMonitorSpec Spec { get; set; } = new();
}

internal sealed class ServiceMonitorSpec
{
    public string? JobLabel { get; set; }

    public V1LabelSelector? Selector { get; set; }

    public List<ServiceMonitorEndpoint> Endpoints { get; set; } = [];
}

internal sealed class ServiceMonitorEndpoint
{
    public string? Port { get; set; }

    public string? Path { get; set; }

    public string? Interval { get; set; }

    public string? ScrapeTimeout { get; set; }
}

internal sealed class PrometheusRule : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public PrometheusRuleSpec Spec { get; set; } = new();
}

internal sealed class PrometheusRuleSpec
{
    public List<PrometheusRuleGroup> Groups { get; set; } = [];
}

internal sealed class PrometheusRuleGroup
{
    public string? Name { get; set; }

    public List<PrometheusAlert> Rules { get; set; } = [];
}

internal sealed class PrometheusAlert
{
    public string? Alert { get; set; }

    public string? Expr { get; set; }

    public string? For { get; set; }

    public Dictionary<string, string> Labels { get; set; } = [];

    public Dictionary<string, string> Annotations { get; set; } = [];
}
