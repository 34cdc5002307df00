using System.Text.Json.Nodes;

namespace Prismatic.SystemTests.Infra.Policies;

/// <summary>What one manifest says of another is so: selectors match, names exist, and all of it is in one namespace.</summary>
internal static class ReferencePolicies
{
    private static readonly string[] OfTheCluster = ["Namespace", "PriorityClass"];

    /// <summary>Secrets are made by whoever runs the host; their names and keys are in the README.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Secrets = new Dictionary<string, string[]>
    {
        ["prismatic-database"] = ["connection-string", "password", "owner-connection-string"],
        ["prismatic-admin"] = ["token"],
    };

    public static IEnumerable<string> Find(ManifestSet set) =>
        Namespaces(set).Concat(set.All.SelectMany(manifest => Of(manifest, set).Select(finding => $"{manifest}: {finding}")));

    private static IEnumerable<string> Namespaces(ManifestSet set)
    {
        foreach (var manifest in set.All.Where(manifest => !OfTheCluster.Contains(manifest.Kind) && manifest.Text("metadata.namespace") != "prismatic"))
        {
            yield return $"{manifest}: is in the namespace '{manifest.Text("metadata.namespace")}'";
        }

        foreach (var space in set.OfKind("Namespace").Where(space => space.Json.PairsAt("metadata.labels").GetValueOrDefault("pod-security.kubernetes.io/enforce") != "restricted"))
        {
            yield return $"{space}: lets pods in that are not restricted";
        }

        foreach (var secret in set.OfKind("Secret"))
        {
            yield return $"{secret}: a secret's value is in a file of the repository";
        }
    }

    private static IEnumerable<string> Of(Manifest manifest, ManifestSet set) => manifest.Kind switch
    {
        "Deployment" or "StatefulSet" => OwnSelector(manifest).Concat(OfPod(manifest, set)),
        "Job" => OfPod(manifest, set),
        "Service" => OfService(manifest, set),
        "ServiceAccount" => set.Workloads.Any(workload => workload.Pod.TextAt("serviceAccountName") == manifest.Name) ? [] : ["no pod runs as it"],
        "ConfigMap" => set.Workloads.SelectMany(workload => workload.Containers).SelectMany(container => container.Each("envFrom")).Any(source => source.TextAt("configMapRef.name") == manifest.Name) ? [] : ["nobody reads it"],
        "PriorityClass" => set.Workloads.Any(workload => workload.Pod.TextAt("priorityClassName") == manifest.Name) ? [] : ["no pod has it"],
        "PodDisruptionBudget" => Selects(manifest.At("spec.selector"), set) ? [] : ["its selector matches no pod"],
        "NetworkPolicy" => manifest.At("spec.podSelector") is JsonObject { Count: 0 } || Selects(manifest.At("spec.podSelector"), set) ? [] : ["its selector matches no pod"],
        "HorizontalPodAutoscaler" => set.Find(manifest.Text("spec.scaleTargetRef.kind"), manifest.Text("spec.scaleTargetRef.name")) is null ? ["there is nothing of the name that it scales"] : [],
        "RoleBinding" => OfBinding(manifest, set),
        "ServiceMonitor" => OfMonitor(manifest, set),
        _ => [],
    };

    private static IEnumerable<string> OwnSelector(Manifest manifest)
    {
        var workload = new Workload(manifest);
        if (!Labels.Match(manifest.At("spec.selector"), workload.Labels))
        {
            yield return "its selector does not match its own pods";
        }

        foreach (var constraint in workload.Pod.Each("topologySpreadConstraints").Where(constraint => !Labels.Match(constraint.At("labelSelector"), workload.Labels)))
        {
            yield return $"is spread over {constraint.TextAt("topologyKey")} by pods that are not its own";
        }
    }

    private static IEnumerable<string> OfPod(Manifest manifest, ManifestSet set)
    {
        var workload = new Workload(manifest);
        if (set.Find("ServiceAccount", workload.Pod.TextAt("serviceAccountName")) is null)
        {
            yield return $"runs as '{workload.Pod.TextAt("serviceAccountName")}', which is not there";
        }

        if (workload.Pod.TextAt("priorityClassName") is { Length: > 0 } priority && set.Find("PriorityClass", priority) is null)
        {
            yield return $"has the priority {priority}, which is not there";
        }

        foreach (var name in workload.Containers.SelectMany(container => container.Each("envFrom")).Select(source => source.TextAt("configMapRef.name")).Where(name => set.Find("ConfigMap", name) is null))
        {
            yield return $"reads the ConfigMap '{name}', which is not there";
        }

        foreach (var secret in workload.Pod.Each("volumes").Select(volume => volume.At("secret")).OfType<JsonNode>())
        {
            var name = secret.TextAt("secretName");
            var keys = Secrets.GetValueOrDefault(name);
            if (keys is null || secret.Each("items").Select(item => item.TextAt("key")).Except(keys).Any())
            {
                yield return $"mounts of the secret {name} what the README does not tell to put there";
            }
        }

        if (manifest.Kind == "StatefulSet" && set.Find("Service", manifest.Text("spec.serviceName")) is null)
        {
            yield return $"its service '{manifest.Text("spec.serviceName")}' is not there";
        }
    }

    private static IEnumerable<string> OfService(Manifest service, ManifestSet set)
    {
        var selector = service.Json.PairsAt("spec.selector");
        var behind = set.Workloads.Where(workload => selector.Count > 0 && selector.All(pair => workload.Labels.GetValueOrDefault(pair.Key) == pair.Value)).ToList();
        if (behind.Count == 0)
        {
            yield return "its selector matches no pod";
        }

        foreach (var target in service.Json.Each("spec.ports").Select(port => port.TextAt("targetPort")).Where(target => !behind.SelectMany(workload => workload.Containers).SelectMany(container => container.Each("ports")).Any(port => port.TextAt("name") == target)))
        {
            yield return $"its target '{target}' is no port of the pods behind it";
        }
    }

    private static IEnumerable<string> OfBinding(Manifest binding, ManifestSet set)
    {
        if (set.Find(binding.Text("roleRef.kind"), binding.Text("roleRef.name")) is null)
        {
            yield return $"its role '{binding.Text("roleRef.name")}' is not there";
        }

        foreach (var subject in binding.Json.Each("subjects").Where(subject => set.Find(subject.TextAt("kind"), subject.TextAt("name")) is null))
        {
            yield return $"its subject '{subject.TextAt("name")}' is not there";
        }
    }

    private static IEnumerable<string> OfMonitor(Manifest monitor, ManifestSet set)
    {
        var services = set.OfKind("Service").Where(service => Labels.Match(monitor.At("spec.selector"), service.Json.PairsAt("metadata.labels"))).ToList();
        if (services.Count == 0)
        {
            yield return "its selector matches no service";
        }

        foreach (var port in monitor.Json.Each("spec.endpoints").Select(endpoint => endpoint.TextAt("port")).Where(port => !services.SelectMany(service => service.Json.Each("spec.ports")).Any(known => known.TextAt("name") == port)))
        {
            yield return $"its endpoint '{port}' is no port of the service";
        }
    }

    private static bool Selects(JsonNode? selector, ManifestSet set) => set.Workloads.Any(workload => Labels.Match(selector, workload.Labels));
}

/// <summary>Whether a label selector matches, as Kubernetes has it.</summary>
internal static class Labels
{
    public static bool Match(JsonNode? selector, IReadOnlyDictionary<string, string> labels) =>
        selector is not null
        && selector.PairsAt("matchLabels").All(pair => labels.GetValueOrDefault(pair.Key) == pair.Value)
        && selector.Each("matchExpressions").All(expression => Holds(expression, labels))
        && (selector.At("matchLabels") is JsonObject { Count: > 0 } || selector.Each("matchExpressions").Any());

    private static bool Holds(JsonNode expression, IReadOnlyDictionary<string, string> labels)
    {
        var value = labels.GetValueOrDefault(expression.TextAt("key"));
        var among = value is not null && expression.Each("values").Any(one => one.ToString() == value);
        return expression.TextAt("operator") switch
        {
            "In" => among,
            "NotIn" => !among,
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            _ => false,
        };
    }
}
