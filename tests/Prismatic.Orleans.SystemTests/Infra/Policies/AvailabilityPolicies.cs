namespace Prismatic.SystemTests.Infra.Policies;

/// <summary>Silos come and go one at a time, and a node can always be emptied.</summary>
internal static class AvailabilityPolicies
{
    private const int SlowestScaleIn = 300;

    public static IEnumerable<string> Find(ManifestSet set) =>
        set.OfKind("PodDisruptionBudget").SelectMany(budget => OfBudget(budget, set).Select(finding => $"{budget}: {finding}"))
            .Concat(set.OfKind("HorizontalPodAutoscaler").SelectMany(scaler => OfScaler(scaler, set).Select(finding => $"{scaler}: {finding}")))
            .Concat(set.OfKind("Deployment").Where(deployment => !set.OfKind("PodDisruptionBudget").Any(budget => Labels.Match(budget.At("spec.selector"), new Workload(deployment).Labels)))
                .Select(deployment => $"{deployment}: no disruption budget holds its pods"));

    private static IEnumerable<string> OfBudget(Manifest budget, ManifestSet set)
    {
        foreach (var deployment in set.OfKind("Deployment").Where(deployment => Labels.Match(budget.At("spec.selector"), new Workload(deployment).Labels)))
        {
            var fewest = Scaler(deployment, set)?.Json.NumberAt("spec.minReplicas") ?? deployment.Json.NumberAt("spec.replicas") ?? 1;
            if (budget.Json.NumberAt("spec.minAvailable") >= fewest || budget.Json.NumberAt("spec.maxUnavailable") is 0)
            {
                yield return "no pod may ever be evicted: a node could not be emptied";
            }
        }

        if (budget.Json.NumberAt("spec.maxUnavailable") > 1)
        {
            yield return "lets several silos leave at once";
        }
    }

    private static IEnumerable<string> OfScaler(Manifest scaler, ManifestSet set)
    {
        if (set.Find("Deployment", scaler.Text("spec.scaleTargetRef.name"))?.At("spec.replicas") is not null)
        {
            yield return "what it scales has replicas of its own, which each apply would set back to";
        }

        if (scaler.Json.NumberAt("spec.minReplicas") is not >= 2)
        {
            yield return "may leave one silo alone";
        }

        var down = scaler.At("spec.behavior.scaleDown");
        if (down.NumberAt("stabilizationWindowSeconds") is not >= SlowestScaleIn
            || !down.Each("policies").Any()
            || down.Each("policies").Any(policy => policy.TextAt("type") != "Pods" || policy.NumberAt("value") != 1 || policy.NumberAt("periodSeconds") is not >= 60))
        {
            yield return "takes silos away too quickly: one at a time, a minute or more apart, after five minutes or more of lesser load";
        }
    }

    private static Manifest? Scaler(Manifest deployment, ManifestSet set) =>
        set.OfKind("HorizontalPodAutoscaler").FirstOrDefault(scaler => scaler.Text("spec.scaleTargetRef.name") == deployment.Name);
}
