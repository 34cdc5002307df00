namespace Prismatic.SystemTests.Infra.Policies;

/// <summary>Who may ask the API server for what: by default nobody for nothing.</summary>
internal static class AccessPolicies
{
    private static readonly string[] MayBeDone = ["get", "list", "watch", "patch"];

    public static IEnumerable<string> Find(ManifestSet set)
    {
        foreach (var role in set.All.Where(manifest => manifest.Kind is "ClusterRole" or "ClusterRoleBinding"))
        {
            yield return $"{role}: gives rights in the whole cluster";
        }

        foreach (var role in set.OfKind("Role"))
        {
            foreach (var rule in role.Json.Each("rules"))
            {
                if (rule.Each("resources").Any(resource => resource.ToString() != "pods") || rule.Each("verbs").Select(verb => verb.ToString()).Except(MayBeDone).Any())
                {
                    yield return $"{role}: gives more than to {string.Join(", ", MayBeDone)} pods";
                }
            }

            if (!set.OfKind("RoleBinding").Any(binding => binding.Text("roleRef.name") == role.Name))
            {
                yield return $"{role}: is given to nobody";
            }
        }

        var trusted = set.OfKind("RoleBinding").SelectMany(binding => binding.Json.Each("subjects")).Select(subject => subject.TextAt("name")).ToHashSet();
        foreach (var workload in set.Workloads)
        {
            var account = workload.Pod.TextAt("serviceAccountName");
            if (!trusted.Contains(account) && !workload.Pod.IsFalseAt("automountServiceAccountToken"))
            {
                yield return $"{workload}: holds a token of the API server that it needs for nothing";
            }

            if (trusted.Contains(account) && !workload.Pod.IsTrueAt("automountServiceAccountToken"))
            {
                yield return $"{workload}: may ask the API server and has no token to do so";
            }
        }

        foreach (var account in set.OfKind("ServiceAccount").Where(account => !trusted.Contains(account.Name) && !account.Json.IsFalseAt("automountServiceAccountToken")))
        {
            yield return $"{account}: gives a token to every pod that names it";
        }
    }
}
