using System.Text.Json.Nodes;

namespace Prismatic.SystemTests.Infra.Policies;

/// <summary>What every pod keeps, whoever it is.</summary>
internal static class PodPolicies
{
    public static IEnumerable<string> Find(ManifestSet set) =>
        set.Workloads.SelectMany(workload => OfPod(workload)
            .Concat(workload.Containers.SelectMany(container => OfContainer(workload, container).Select(finding => $"container {container.TextAt("name")} {finding}")))
            .Select(finding => $"{workload}: {finding}"));

    private static IEnumerable<string> OfPod(Workload workload)
    {
        var pod = workload.Pod;
        if (!pod.IsTrueAt("securityContext.runAsNonRoot"))
        {
            yield return "may run as root";
        }

        if (pod.TextAt("securityContext.seccompProfile.type") != "RuntimeDefault")
        {
            yield return "has no seccomp profile";
        }

        foreach (var shared in new[] { "hostNetwork", "hostPID", "hostIPC" }.Where(pod.IsTrueAt))
        {
            yield return $"shares {shared} with its node";
        }

        if (!pod.IsFalseAt("enableServiceLinks"))
        {
            yield return "gets variables of every service, which could be taken for settings";
        }

        if (pod.NumberAt("terminationGracePeriodSeconds") is null && workload.Manifest.Kind != "Job")
        {
            yield return "does not say how long it may take to end";
        }

        foreach (var volume in pod.Each("volumes"))
        {
            var name = volume.TextAt("name");
            if (volume.At("hostPath") is not null)
            {
                yield return $"volume {name} is a directory of the node";
            }

            if (volume.At("emptyDir") is { } scratch && scratch.TextAt("sizeLimit").Length == 0)
            {
                yield return $"volume {name} has no size limit";
            }

            // 0440 is 288: read by owner and group, which is how a secret reaches a program that is not root.
            if (volume.At("secret") is { } secret && secret.NumberAt("defaultMode") is not (288 or 256))
            {
                yield return $"volume {name} holds a secret that others may read";
            }
        }
    }

    private static IEnumerable<string> OfContainer(Workload workload, JsonNode container)
    {
        if (!container.IsFalseAt("securityContext.allowPrivilegeEscalation"))
        {
            yield return "may gain rights";
        }

        if (!container.IsTrueAt("securityContext.readOnlyRootFilesystem"))
        {
            yield return "can write into its image";
        }

        if (!container.Each("securityContext.capabilities.drop").Any(capability => capability.ToString() == "ALL") || container.Each("securityContext.capabilities.add").Any())
        {
            yield return "keeps capabilities";
        }

        if (container.IsTrueAt("securityContext.privileged"))
        {
            yield return "is privileged";
        }

        foreach (var missing in new[] { "resources.requests.cpu", "resources.requests.memory", "resources.limits.memory" }.Where(path => container.TextAt(path).Length == 0))
        {
            yield return $"has no {missing}";
        }

        if (!IsPinned(container.TextAt("image")))
        {
            yield return $"has the image '{container.TextAt("image")}', which is not one version";
        }

        var volumes = workload.Pod.Each("volumes").Concat(workload.Manifest.Json.Each("spec.volumeClaimTemplates").Select(claim => claim.At("metadata")!)).ToList();
        foreach (var mount in container.Each("volumeMounts"))
        {
            var name = mount.TextAt("name");
            var volume = volumes.Find(volume => volume.TextAt("name") == name);
            if (volume is null)
            {
                yield return $"mounts {name}, which is no volume";
            }
            else if (volume.At("secret") is not null && !mount.IsTrueAt("readOnly"))
            {
                yield return $"mounts the secret {name} for writing";
            }
        }

        foreach (var variable in container.Each("env"))
        {
            if (variable.At("valueFrom.secretKeyRef") is not null || (LooksSecret(variable.TextAt("name")) && variable.TextAt("value").Length > 0))
            {
                yield return $"has a secret in the variable {variable.TextAt("name")}, where every child process and crash dump sees it; mount it as a file";
            }
        }
    }

    private static bool IsPinned(string image)
    {
        var name = image.Split('@') is [_, var digest] && digest.StartsWith("sha256:", StringComparison.Ordinal) ? "" : image.Split('/')[^1];
        return name.Length == 0 || (name.Split(':') is [_, { Length: > 0 } tag] && tag != "latest");
    }

    private static bool LooksSecret(string name) =>
        new[] { "PASSWORD", "TOKEN", "SECRET", "CONNECTION", "KEY" }.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase))
        && !name.EndsWith("FILE", StringComparison.OrdinalIgnoreCase);
}
