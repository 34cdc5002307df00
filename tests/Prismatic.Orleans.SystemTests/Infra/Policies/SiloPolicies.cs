using System.Globalization;
using System.Text.Json.Nodes;

namespace Prismatic.SystemTests.Infra.Policies;

/// <summary>What a silo's pod keeps so that the host in it works: settings, ports, probes, and time to end.</summary>
internal static class SiloPolicies
{
    /// <summary>Variables that others than the host's settings read: the runtime, PostgreSQL, and Orleans' hosting package.</summary>
    private static readonly string[] ReadByOthers = ["DOTNET_EnableDiagnostics", "DOTNET_gcServer", "OTEL_EXPORTER_OTLP_ENDPOINT"];
    private static readonly string[] ReadByHosting = ["POD_NAME", "POD_NAMESPACE", "POD_IP", "ORLEANS_SERVICE_ID", "ORLEANS_CLUSTER_ID"];

    /// <summary>What a cold start may take when the members of a cluster that was killed as a whole must be found dead first.</summary>
    private const int LongestStart = 120;

    public static IEnumerable<string> Find(ManifestSet set, HostFacts host) =>
        from silo in set.Silos
        let container = silo.Pod.Each("containers").FirstOrDefault(container => container.TextAt("name") == "silo")
        from finding in container is null ? ["has no container named silo"] : OfSilo(silo, container, silo.Environment(container, set), host)
        select $"{silo}: {finding}";

    private static IEnumerable<string> OfSilo(Workload silo, JsonNode container, IReadOnlyDictionary<string, string> environment, HostFacts host) =>
        Settings(silo, environment, host)
            .Concat(Ports(container, environment))
            .Concat(Files(container, environment))
            .Concat(Probes(container, host))
            .Concat(Ending(silo, container, environment))
            .Concat(Rollout(silo))
            .Concat(Spread(silo))
            .Concat(container.TextAt("resources.limits.cpu").Length > 0 ? ["has a limit of the processor: a throttled silo misses the probes of the others"] : []);

    private static IEnumerable<string> Settings(Workload silo, IReadOnlyDictionary<string, string> environment, HostFacts host)
    {
        foreach (var mistake in host.FindMistakes(environment))
        {
            yield return mistake;
        }

        var hosting = environment.GetValueOrDefault("PRISMATIC__KUBERNETESHOSTING") == "true";
        foreach (var name in environment.Keys.Where(name => !name.StartsWith("PRISMATIC__", StringComparison.Ordinal) && !ReadByOthers.Contains(name) && !(hosting && ReadByHosting.Contains(name))))
        {
            yield return $"sets {name}, which nobody reads";
        }

        if (hosting)
        {
            foreach (var name in ReadByHosting.Where(name => !environment.ContainsKey(name)))
            {
                yield return $"uses the hosting package, which needs {name}";
            }

            foreach (var (label, setting) in new[] { ("orleans/serviceId", "PRISMATIC__SERVICEID"), ("orleans/clusterId", "PRISMATIC__CLUSTERID") })
            {
                if (silo.Labels.GetValueOrDefault(label, "") != environment.GetValueOrDefault(setting, ""))
                {
                    yield return $"has a label {label} that differs from {setting}";
                }
            }
        }
    }

    private static IEnumerable<string> Ports(JsonNode container, IReadOnlyDictionary<string, string> environment)
    {
        var ports = container.Each("ports").ToDictionary(port => port.TextAt("name"), port => port.TextAt("containerPort"));
        var wanted = new List<(string Name, string Port)>
        {
            ("silo", environment.GetValueOrDefault("PRISMATIC__SILOPORT", "11111")),
            ("gateway", environment.GetValueOrDefault("PRISMATIC__GATEWAYPORT", "30000")),
            ("http", PortOf(environment.GetValueOrDefault("PRISMATIC__URLS", ""))),
        };
        if (environment.TryGetValue("PRISMATIC__METRICSURL", out var metrics))
        {
            wanted.Add(("metrics", PortOf(metrics)));
        }

        return wanted.Where(port => ports.GetValueOrDefault(port.Name) != port.Port).Select(port => $"listens on {port.Port} for {port.Name}, and its port of that name is '{ports.GetValueOrDefault(port.Name)}'")
            .Concat(ports.Keys.Except(wanted.Select(port => port.Name)).Select(name => $"has a port {name}, where nobody listens"));
    }

    private static string PortOf(string url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed.Port.ToString(CultureInfo.InvariantCulture) : "";

    /// <summary>Every file and directory that a setting names is mounted.</summary>
    private static IEnumerable<string> Files(JsonNode container, IReadOnlyDictionary<string, string> environment)
    {
        var mounts = container.Each("volumeMounts").Select(mount => mount.TextAt("mountPath")).ToList();
        return environment
            .Where(variable => variable.Value.StartsWith('/') && variable.Key.StartsWith("PRISMATIC__", StringComparison.Ordinal))
            .Where(variable => !mounts.Exists(mount => variable.Value == mount || variable.Value.StartsWith($"{mount}/", StringComparison.Ordinal)))
            .Select(variable => $"reads {variable.Value} for {variable.Key}, and nothing is mounted there");
    }

    private static IEnumerable<string> Probes(JsonNode container, HostFacts host)
    {
        foreach (var (probe, path) in new[] { ("startupProbe", "/health/startup"), ("readinessProbe", "/health/ready"), ("livenessProbe", "/health/live") })
        {
            var asked = container.TextAt($"{probe}.httpGet.path");
            if (asked != path)
            {
                yield return $"its {probe} asks '{asked}' and not {path}: another question would let one fault restart every silo";
            }

            if (asked.Length > 0 && !host.Routes.Contains(asked))
            {
                yield return $"its {probe} asks {asked}, which the host does not serve";
            }

            var port = container.TextAt($"{probe}.httpGet.port");
            if (!container.Each("ports").Any(known => known.TextAt("name") == port))
            {
                yield return $"its {probe} asks port '{port}', which it does not have";
            }
        }

        if (container.NumberAt("startupProbe.periodSeconds") * container.NumberAt("startupProbe.failureThreshold") is not >= LongestStart)
        {
            yield return $"is killed before it could have started: a start after the loss of the whole cluster may take {LongestStart} s";
        }

        if (container.NumberAt("livenessProbe.periodSeconds") * container.NumberAt("livenessProbe.failureThreshold") is not >= 30)
        {
            yield return "is killed for a pause that it would survive: its livenessProbe must fail for 30 s";
        }
    }

    private static IEnumerable<string> Ending(Workload silo, JsonNode container, IReadOnlyDictionary<string, string> environment)
    {
        var grace = silo.Pod.NumberAt("terminationGracePeriodSeconds") ?? 30;
        var shutdown = int.Parse(environment.GetValueOrDefault("PRISMATIC__SHUTDOWNSECONDS", "25"), CultureInfo.InvariantCulture);
        var drain = int.Parse(environment.GetValueOrDefault("PRISMATIC__DRAINSECONDS", "0"), CultureInfo.InvariantCulture);
        if (drain < container.NumberAt("readinessProbe.periodSeconds"))
        {
            yield return $"stops {drain} s after SIGTERM, when callers may not have heard yet that it is not ready";
        }

        if (grace < shutdown + 10)
        {
            yield return $"is killed after {grace} s, and needs {shutdown} s for its shutdown, and 10 s to spare";
        }
    }

    private static IEnumerable<string> Rollout(Workload silo)
    {
        if (silo.Manifest.Text("spec.strategy.rollingUpdate.maxUnavailable") != "0" || silo.Manifest.Json.NumberAt("spec.strategy.rollingUpdate.maxSurge") is not >= 1)
        {
            yield return "has fewer silos than wanted during a rollout";
        }

        if (silo.Manifest.Json.NumberAt("spec.minReadySeconds") is not >= 10)
        {
            yield return "a rollout goes on before the new silo has shown that it stays up";
        }
    }

    private static IEnumerable<string> Spread(Workload silo)
    {
        var keys = silo.Pod.Each("topologySpreadConstraints").Select(constraint => constraint.TextAt("topologyKey")).ToList();
        return new[] { "topology.kubernetes.io/zone", "kubernetes.io/hostname" }.Except(keys).Select(key => $"is not spread over {key}");
    }
}
