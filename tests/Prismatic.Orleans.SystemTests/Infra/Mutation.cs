using System.Text.Json.Nodes;

namespace Prismatic.SystemTests.Infra;

/// <summary>A way to break a manifest on purpose, and what must be said about it.</summary>
/// <param name="Kind">The kind that is broken.</param>
/// <param name="Name">Which one of that kind; null for the first.</param>
/// <param name="What">What is done to it.</param>
/// <param name="Break">Does it.</param>
/// <param name="Finding">Words of the finding.</param>
internal sealed record Mutation(string Kind, string? Name, string What, Action<JsonObject> Break, string Finding)
{
    public override string ToString() => $"{Kind} {Name}: {What}";
}

/// <summary>The permanent mutants of the rules and schemas: at least one for every kind that is applied anywhere.</summary>
internal static class Mutations
{
    /// <summary>A required field is gone, or a type is wrong where a kind has no required field of its own.</summary>
    public static readonly IReadOnlyDictionary<string, Action<JsonObject>> OfSchema = new Dictionary<string, Action<JsonObject>>
    {
        ["Namespace"] = json => Set(json, "metadata.labels", "restricted"),
        ["ServiceAccount"] = json => Set(json, "automountServiceAccountToken", "no"),
        ["ConfigMap"] = json => Set(json, "data", "PRISMATIC__LOGGING=json"),
        ["Deployment"] = json => Remove(json, "spec.selector"),
        ["StatefulSet"] = json => Remove(json, "spec.template"),
        ["Job"] = json => Remove(json, "spec.template"),
        ["Service"] = json => Remove(json, "spec.ports.0.port"),
        ["NetworkPolicy"] = json => Set(json, "spec.policyTypes", "Ingress"),
        ["PodDisruptionBudget"] = json => Set(json, "spec.selector", "prismatic-silo"),
        ["HorizontalPodAutoscaler"] = json => Remove(json, "spec.maxReplicas"),
        ["PriorityClass"] = json => Set(json, "value", "high"),
        ["Role"] = json => Remove(json, "rules.0.verbs"),
        ["RoleBinding"] = json => Remove(json, "roleRef"),
        ["ServiceMonitor"] = json => Remove(json, "spec.selector"),
        ["PrometheusRule"] = json => Remove(json, "spec.groups.0.name"),
    };

    private const string Container = "spec.template.spec.containers.0";

    /// <summary>Well-formed, and wrong.</summary>
    public static readonly IReadOnlyList<Mutation> OfRules =
    [
        new("Namespace", null, "it lets any pod in", json => Set(json, "metadata.labels", new JsonObject()), "lets pods in that are not restricted"),
        new("ServiceAccount", "prismatic-silo", "it gives a token", json => Set(json, "automountServiceAccountToken", true), "gives a token to every pod that names it"),
        new("ServiceAccount", "prismatic-silo", "another name", json => Set(json, "metadata.name", "silo"), "which is not there"),
        new("ConfigMap", null, "a setting that the host does not know", json => Set(json, "data.PRISMATIC__SILOPORTS", "11111"), "Prismatic:SILOPORTS is not a setting"),
        new("ConfigMap", null, "a value that the host refuses", json => Set(json, "data.PRISMATIC__LOGGING", "xml"), "Prismatic:Logging is 'xml'"),
        new("ConfigMap", null, "a variable that nobody reads", json => Set(json, "data.PRISMATIC_LOGGING", "json"), "sets PRISMATIC_LOGGING, which nobody reads"),
        new("ConfigMap", null, "another port", json => Set(json, "data.PRISMATIC__GATEWAYPORT", "30001"), "listens on 30001 for gateway"),
        new("ConfigMap", null, "a shutdown longer than the grace", json => Set(json, "data.PRISMATIC__SHUTDOWNSECONDS", "90"), "is killed after 90 s"),
        new("ConfigMap", null, "a file that is nowhere", json => Set(json, "data.PRISMATIC__ADMINTOKENFILE", "/etc/token"), "nothing is mounted there"),
        new("ConfigMap", null, "another name", json => Set(json, "metadata.name", "settings"), "which is not there"),
        new("Deployment", null, "a grace shorter than the shutdown", json => Set(json, "spec.template.spec.terminationGracePeriodSeconds", 30), "is killed after 30 s"),
        new("ConfigMap", null, "no time to drain", json => Set(json, "data.PRISMATIC__DRAINSECONDS", "1"), "may not have heard yet"),
        new("ConfigMap", null, "draining longer than the shutdown", json => Set(json, "data.PRISMATIC__DRAINSECONDS", "60"), "draining is a part of the shutdown"),
        new("Deployment", null, "liveness asks for readiness", json => Set(json, $"{Container}.livenessProbe.httpGet.path", "/health/ready"), "would let one fault restart every silo"),
        new("Deployment", null, "a probe of a path that is not served", json => Set(json, $"{Container}.readinessProbe.httpGet.path", "/healthz"), "which the host does not serve"),
        new("Deployment", null, "a probe of a port that is not there", json => Set(json, $"{Container}.startupProbe.httpGet.port", "web"), "which it does not have"),
        new("Deployment", null, "half a minute to start", json => Set(json, $"{Container}.startupProbe.failureThreshold", 6), "is killed before it could have started"),
        new("Deployment", null, "an impatient liveness probe", json => Set(json, $"{Container}.livenessProbe.failureThreshold", 1), "is killed for a pause"),
        new("Deployment", null, "the newest image, whatever it is", json => Set(json, $"{Container}.image", "prismatic-orleans:latest"), "which is not one version"),
        new("Deployment", null, "an image without a version", json => Set(json, $"{Container}.image", "prismatic-orleans"), "which is not one version"),
        new("Deployment", null, "root", json => Set(json, "spec.template.spec.securityContext.runAsNonRoot", false), "may run as root"),
        new("Deployment", null, "no seccomp", json => Remove(json, "spec.template.spec.securityContext.seccompProfile"), "has no seccomp profile"),
        new("Deployment", null, "an image that can be written", json => Set(json, $"{Container}.securityContext.readOnlyRootFilesystem", false), "can write into its image"),
        new("Deployment", null, "rights can be gained", json => Remove(json, $"{Container}.securityContext.allowPrivilegeEscalation"), "may gain rights"),
        new("Deployment", null, "capabilities", json => Set(json, $"{Container}.securityContext.capabilities", new JsonObject { ["drop"] = new JsonArray("NET_RAW") }), "keeps capabilities"),
        new("Deployment", null, "privileged", json => Set(json, $"{Container}.securityContext.privileged", true), "is privileged"),
        new("Deployment", null, "the node's network", json => Set(json, "spec.template.spec.hostNetwork", true), "shares hostNetwork with its node"),
        new("Deployment", null, "a directory of the node", json => Set(json, "spec.template.spec.volumes.2", new JsonObject { ["name"] = "temporary", ["hostPath"] = new JsonObject { ["path"] = "/tmp" } }), "is a directory of the node"),
        new("Deployment", null, "a scratch volume without end", json => Set(json, "spec.template.spec.volumes.2.emptyDir", new JsonObject()), "has no size limit"),
        new("Deployment", null, "a secret for all to read", json => Set(json, "spec.template.spec.volumes.0.secret.defaultMode", 420), "holds a secret that others may read"),
        new("Deployment", null, "a secret that the README does not name", json => Set(json, "spec.template.spec.volumes.0.secret.secretName", "database"), "what the README does not tell"),
        new("Deployment", null, "a literal secret", json => At(json, $"{Container}.env").AsArray().Add(new JsonObject { ["name"] = "PRISMATIC_PASSWORD", ["value"] = "x" }), "has a secret in the variable PRISMATIC_PASSWORD"),
        new("Deployment", null, "a mount of nothing", json => Set(json, $"{Container}.volumeMounts.0.name", "databases"), "which is no volume"),
        new("Deployment", null, "no memory limit", json => Remove(json, $"{Container}.resources.limits"), "has no resources.limits.memory"),
        new("Deployment", null, "a processor limit", json => Set(json, $"{Container}.resources.limits.cpu", "1"), "has a limit of the processor"),
        new("Deployment", null, "a rollout that takes silos away first", json => Set(json, "spec.strategy.rollingUpdate.maxUnavailable", 1), "has fewer silos than wanted during a rollout"),
        new("Deployment", null, "no spread", json => Remove(json, "spec.template.spec.topologySpreadConstraints"), "is not spread over topology.kubernetes.io/zone"),
        new("Deployment", null, "pods of another name", json => Set(json, "spec.selector.matchLabels", new JsonObject { ["app"] = "silo" }), "its selector does not match its own pods"),
        new("Deployment", null, "a token of the API server", json => Set(json, "spec.template.spec.automountServiceAccountToken", true), "holds a token of the API server"),
        new("Deployment", null, "a port that no policy opens", json => At(json, $"{Container}.ports").AsArray().Add(new JsonObject { ["name"] = "debug", ["containerPort"] = 5005 }), "nobody is let in on its port debug"),
        new("Deployment", null, "service links", json => Remove(json, "spec.template.spec.enableServiceLinks"), "gets variables of every service"),
        new("Deployment", null, "another namespace", json => Set(json, "metadata.namespace", "default"), "is in the namespace 'default'"),
        new("StatefulSet", null, "an image without a version", json => Set(json, $"{Container}.image", "postgres"), "which is not one version"),
        new("StatefulSet", null, "no service of its own", json => Set(json, "spec.serviceName", "postgres"), "its service 'postgres' is not there"),
        new("StatefulSet", null, "root", json => Remove(json, "spec.template.spec.securityContext"), "may run as root"),
        new("Job", null, "root", json => Remove(json, "spec.template.spec.securityContext"), "may run as root"),
        new("Job", null, "a secret that the README does not name", json => Set(json, "spec.template.spec.volumes.0.secret.items.0.key", "password2"), "what the README does not tell"),
        new("Service", "prismatic-http", "pods of another name", json => Set(json, "spec.selector", new JsonObject { [Workload.AppLabel] = "silo" }), "its selector matches no pod"),
        new("Service", "prismatic-http", "a port that is not there", json => Set(json, "spec.ports.0.targetPort", "web"), "is no port of the pods behind it"),
        new("NetworkPolicy", "default-deny", "it denies only what comes in", json => Set(json, "spec.policyTypes", new JsonArray("Ingress")), "No NetworkPolicy denies what the others do not name."),
        new("NetworkPolicy", "silo-to-silo", "clients may be silos", json => Set(json, "spec.ingress.0.from.0.podSelector.matchLabels", new JsonObject { ["prismatic.orleans/client"] = "true" }), "others than silos are let in"),
        new("NetworkPolicy", "silo-to-silo", "from anywhere", json => Remove(json, "spec.ingress.0.from"), "lets in others than labelled pods"),
        new("NetworkPolicy", "silo-to-silo", "every port", json => Remove(json, "spec.ingress.0.ports"), "lets in on every port"),
        new("NetworkPolicy", "silo-to-silo", "silos may not call each other", json => Remove(json, "spec.egress"), "may not reach port 11111"),
        new("NetworkPolicy", "clients-to-gateway", "any pod", json => Set(json, "spec.ingress.0.from.0.podSelector", new JsonObject()), "lets in others than labelled pods"),
        new("NetworkPolicy", "clients-to-gateway", "operators too", json => Set(json, "spec.ingress.0.from.0.podSelector.matchLabels", new JsonObject { ["prismatic.orleans/operator"] = "true" }), "others than labelled clients"),
        new("NetworkPolicy", "to-database", "another port", json => Set(json, "spec.egress.0.ports.0.port", 5433), "may not reach port 5432"),
        new("NetworkPolicy", "to-sources", "the cloud's own services", json => At(json, "spec.egress.0.to.0.ipBlock.except").AsArray().RemoveAt(3), "lets out to 169.254.0.0/16"),
        new("NetworkPolicy", "operators-to-http", "for no pod", json => Set(json, "spec.podSelector.matchLabels", new JsonObject { [Workload.AppLabel] = "web" }), "its selector matches no pod"),
        new("PodDisruptionBudget", null, "no eviction ever", json => Set(json, "spec.maxUnavailable", 0), "no pod may ever be evicted"),
        new("PodDisruptionBudget", null, "two at once", json => Set(json, "spec.maxUnavailable", 2), "lets several silos leave at once"),
        new("PodDisruptionBudget", null, "for no pod", json => Set(json, "spec.selector.matchLabels", new JsonObject { ["app"] = "silo" }), "its selector matches no pod"),
        new("HorizontalPodAutoscaler", null, "down to one", json => Set(json, "spec.minReplicas", 1), "may leave one silo alone"),
        new("HorizontalPodAutoscaler", null, "scales in at once", json => Set(json, "spec.behavior.scaleDown.stabilizationWindowSeconds", 0), "takes silos away too quickly"),
        new("HorizontalPodAutoscaler", null, "half of them at a time", json => Set(json, "spec.behavior.scaleDown.policies.0", new JsonObject { ["type"] = "Percent", ["value"] = 50, ["periodSeconds"] = 300 }), "takes silos away too quickly"),
        new("HorizontalPodAutoscaler", null, "scales nothing", json => Set(json, "spec.scaleTargetRef.name", "silo"), "there is nothing of the name that it scales"),
        new("PriorityClass", null, "another name", json => Set(json, "metadata.name", "silo"), "which is not there"),
        new("Role", null, "pods may be deleted", json => At(json, "rules.0.verbs").AsArray().Add("delete"), "gives more than to get, list, watch, patch pods"),
        new("Role", null, "secrets too", json => At(json, "rules.0.resources").AsArray().Add("secrets"), "gives more than to get, list, watch, patch pods"),
        new("RoleBinding", null, "a role that is not there", json => Set(json, "roleRef.name", "pods"), "its role 'pods' is not there"),
        new("RoleBinding", null, "nobody", json => Set(json, "subjects.0.name", "default"), "its subject 'default' is not there"),
        new("ServiceMonitor", null, "no service", json => Set(json, "spec.selector.matchLabels", new JsonObject { ["app"] = "silo" }), "its selector matches no service"),
        new("ServiceMonitor", null, "no port", json => Set(json, "spec.endpoints.0.port", "http"), "is no port of the service"),
        new("PrometheusRule", null, "a metric that nobody measures", json => Set(json, "spec.groups.0.rules.0.expr", "max(prismatic_ticket_age_seconds) > 900"), "looks at prismatic_ticket_age_seconds, which nobody measures"),
        new("PrometheusRule", null, "a label that no series has", json => Set(json, "spec.groups.0.rules.0.expr", "max by (tenant) (prismatic_tickets_open) > 9"), "asks for the label tenant"),
        new("PrometheusRule", null, "no runbook", json => Set(json, "spec.groups.0.rules.0.annotations.runbook", "infra/prometheus/README.md#nothing"), "does not tell what to do"),
        new("PrometheusRule", null, "an unknown severity", json => Set(json, "spec.groups.0.rules.0.labels.severity", "critical"), "has the severity 'critical'"),
    ];

    private static JsonNode At(JsonObject json, string path) => json.At(path) ?? throw new InvalidOperationException($"There is no {path}.");

    private static void Set(JsonObject json, string path, JsonNode? value)
    {
        var (parent, name) = Split(json, path);
        if (parent is JsonArray items)
        {
            items[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)] = value;
        }
        else
        {
            parent[name] = value;
        }
    }

    private static void Remove(JsonObject json, string path)
    {
        var (parent, name) = Split(json, path);
        if (!parent.AsObject().Remove(name))
        {
            throw new InvalidOperationException($"There is no {path} to remove.");
        }
    }

    private static (JsonNode Parent, string Name) Split(JsonObject json, string path)
    {
        var last = path.LastIndexOf('.');
        return last < 0 ? (json, path) : (At(json, path[..last]), path[(last + 1)..]);
    }
}
