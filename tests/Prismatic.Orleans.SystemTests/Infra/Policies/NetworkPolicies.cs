using System.Text.Json.Nodes;

namespace Prismatic.SystemTests.Infra.Policies;

/// <summary>Nothing may talk but what is named, and everything that must talk is.</summary>
internal static class NetworkPolicies
{
    private static readonly string[] Both = ["Ingress", "Egress"];

    public static IEnumerable<string> Find(ManifestSet set)
    {
        var policies = set.OfKind("NetworkPolicy").ToList();
        if (!policies.Exists(IsDefaultDeny))
        {
            yield return "No NetworkPolicy denies what the others do not name.";
        }

        foreach (var policy in policies)
        {
            foreach (var finding in OfPolicy(policy))
            {
                yield return $"{policy}: {finding}";
            }
        }

        foreach (var finding in set.Workloads.SelectMany(workload => OfWorkload(workload, policies).Select(finding => $"{workload}: {finding}")))
        {
            yield return finding;
        }
    }

    private static bool IsDefaultDeny(Manifest policy) =>
        policy.At("spec.podSelector") is JsonObject { Count: 0 }
        && policy.At("spec.ingress") is null
        && policy.At("spec.egress") is null
        && !Both.Except(policy.Json.Each("spec.policyTypes").Select(type => type.ToString())).Any();

    private static IEnumerable<string> OfPolicy(Manifest policy)
    {
        foreach (var rule in policy.Json.Each("spec.ingress"))
        {
            if (!rule.Each("from").Any() || rule.Each("from").Any(peer => peer is JsonObject { Count: 0 } || peer.At("ipBlock") is not null || (peer.At("podSelector") is not { } pods || pods is JsonObject { Count: 0 })))
            {
                yield return "lets in others than labelled pods";
            }

            if (!rule.Each("ports").Any())
            {
                yield return "lets in on every port";
            }
        }

        foreach (var rule in policy.Json.Each("spec.egress"))
        {
            if (!rule.Each("ports").Any())
            {
                yield return "lets out to every port";
            }

            foreach (var block in rule.Each("to").Select(peer => peer.At("ipBlock")).OfType<JsonNode>().Where(block => block.TextAt("cidr") == "0.0.0.0/0"))
            {
                var except = block.Each("except").Select(range => range.ToString());
                foreach (var range in new[] { "10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16" }.Except(except))
                {
                    yield return $"lets out to {range}, where the cluster's own or the cloud's services are";
                }
            }
        }

        foreach (var (direction, rules) in new[] { ("Ingress", "spec.ingress"), ("Egress", "spec.egress") })
        {
            if (policy.Json.Each(rules).Any() && !policy.Json.Each("spec.policyTypes").Any(type => type.ToString() == direction))
            {
                yield return $"has rules for {direction} and does not say so";
            }
        }
    }

    private static IEnumerable<string> OfWorkload(Workload workload, List<Manifest> policies)
    {
        var own = policies.Where(policy => Labels.Match(policy.At("spec.podSelector"), workload.Labels)).ToList();
        var open = (
            from policy in own
            from rule in policy.Json.Each("spec.ingress")
            from port in rule.Each("ports")
            select (Port: port.TextAt("port"), Rule: rule)).ToList();
        var ports = workload.Containers.SelectMany(container => container.Each("ports")).ToDictionary(port => port.TextAt("name"), port => port.TextAt("containerPort"));

        foreach (var (name, port) in ports.Where(port => !open.Exists(rule => rule.Port == port.Value)))
        {
            yield return $"nobody is let in on its port {name} ({port})";
        }

        foreach (var port in open.Select(rule => rule.Port).Distinct().Except(ports.Values))
        {
            yield return $"a policy opens {port}, where it does not listen";
        }

        if (workload.App != Workload.Silo)
        {
            yield break;
        }

        var intoSilo = open.Where(rule => rule.Port == ports.GetValueOrDefault("silo")).SelectMany(rule => rule.Rule.Each("from")).ToList();
        if (intoSilo.Exists(peer => peer.At("namespaceSelector") is not null || peer.At("podSelector").PairsAt("matchLabels").GetValueOrDefault(Workload.AppLabel) != Workload.Silo))
        {
            yield return "others than silos are let in on the silos' own port";
        }

        var intoGateway = open.Where(rule => rule.Port == ports.GetValueOrDefault("gateway")).SelectMany(rule => rule.Rule.Each("from")).ToList();
        if (intoGateway.Exists(peer => peer.At("podSelector").PairsAt("matchLabels").GetValueOrDefault("prismatic.orleans/client") != "true"))
        {
            yield return "others than labelled clients are let in on the gateway";
        }

        var outgoing = own.SelectMany(policy => policy.Json.Each("spec.egress")).SelectMany(rule => rule.Each("ports")).Select(port => port.TextAt("port")).ToHashSet();
        foreach (var port in new[] { ports.GetValueOrDefault("silo", ""), "5432" }.Where(port => !outgoing.Contains(port)))
        {
            yield return $"may not reach port {port}, which it needs";
        }
    }
}
