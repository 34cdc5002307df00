using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Prismatic.SystemTests.Infra;

/// <summary>All that one overlay makes.</summary>
internal sealed record ManifestSet(IReadOnlyList<Manifest> All)
{
    public IEnumerable<Manifest> OfKind(string kind) => All.Where(manifest => manifest.Kind == kind);

    public Manifest? Find(string kind, string name) => OfKind(kind).FirstOrDefault(manifest => manifest.Name == name);

    /// <summary>What runs pods.</summary>
    public IEnumerable<Workload> Workloads => All.Where(manifest => manifest.Kind is "Deployment" or "StatefulSet" or "Job").Select(manifest => new Workload(manifest));

    public IEnumerable<Workload> Silos => Workloads.Where(workload => workload.App == Workload.Silo);

    /// <summary>The set with a copy of one manifest changed.</summary>
    public ManifestSet With(Manifest manifest, Action<JsonObject> change)
    {
        var copy = manifest.Copy();
        change(copy.Json);
        return new ManifestSet([.. All.Select(other => other == manifest ? copy : other)]);
    }

    /// <summary>As YAML documents; JSON is YAML.</summary>
    public string ToYaml() => string.Join("\n---\n", All.Select(manifest => manifest.Json.ToJsonString()));

    public static ManifestSet Parse(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return new ManifestSet([.. stream.Documents.Select(document => new Manifest((JsonObject)ToJson(document.RootNode)!))]);
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(child => KeyValuePair.Create(((YamlScalarNode)child.Key).Value!, ToJson(child.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(ToJson)]),
        YamlScalarNode scalar => ToJson(scalar),
        _ => throw new YamlException($"A {node.NodeType} is not expected in a manifest."),
    };

    private static JsonValue? ToJson(YamlScalarNode scalar) => scalar switch
    {
        { Style: not ScalarStyle.Plain } => JsonValue.Create(scalar.Value),
        { Value: null or "" or "null" or "~" } => null,
        { Value: "true" or "false" } => JsonValue.Create(scalar.Value == "true"),
        { Value: var text } when long.TryParse(text, out var number) => JsonValue.Create(number),
        { Value: var text } => JsonValue.Create(text),
    };
}

/// <summary>A manifest that runs pods.</summary>
internal sealed record Workload(Manifest Manifest)
{
    public const string Silo = "prismatic-silo";
    public const string AppLabel = "app.kubernetes.io/name";

    // A label's name has dots, so that a path does not reach it.
    public string App => Labels.GetValueOrDefault(AppLabel, "");

    public IReadOnlyDictionary<string, string> Labels => Manifest.Json.PairsAt("spec.template.metadata.labels");

    public JsonNode? Pod => Manifest.At("spec.template.spec");

    public IEnumerable<JsonNode> Containers => Pod.Each("initContainers").Concat(Pod.Each("containers"));

    /// <summary>The variables of a container as the kubelet would set them, on a pod that has some address.</summary>
    public IReadOnlyDictionary<string, string> Environment(JsonNode container, ManifestSet set)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in container.Each("envFrom").SelectMany(source => set.Find("ConfigMap", source.TextAt("configMapRef.name"))?.Json.PairsAt("data") ?? new Dictionary<string, string>()))
        {
            variables[name] = value;
        }

        foreach (var variable in container.Each("env"))
        {
            variables[variable.TextAt("name")] = variable.At("value") is { } value ? value.ToString() : Field(variable.TextAt("valueFrom.fieldRef.fieldPath"));
        }

        return variables;
    }

    public override string ToString() => Manifest.ToString();

    private string Field(string path) => path switch
    {
        "status.podIP" => "10.42.0.7",
        "metadata.name" => $"{Manifest.Name}-5d4f8c7b9-x2x4z",
        "metadata.namespace" => Manifest.Text("metadata.namespace"),
        _ when path.StartsWith("metadata.labels['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) => Labels.GetValueOrDefault(path["metadata.labels['".Length..^2], ""),
        _ => "",
    };
}
