using System.Net;
using System.Net.Sockets;

namespace Prismatic.Silo;

/// <summary>Finds out at start what the machine would refuse later: directory, ports, files with secrets. Each mistake is one sentence.</summary>
internal static class MachineChecks
{
    private const int ShortestSecret = 32;
    private const string PodToken = "/var/run/secrets/kubernetes.io/serviceaccount/token";
    private static readonly string[] PodVariables = ["POD_NAME", "POD_NAMESPACE", "POD_IP", "ORLEANS_SERVICE_ID", "ORLEANS_CLUSTER_ID"];

    // A group too: Kubernetes gives the secrets of a pod that does not run as root to the pod's group.
    private const UnixFileMode OwnersAndGroups = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    public static IReadOnlyList<string> FindMistakes(SiloOptions options)
    {
        List<string?> found =
        [
            options.IsClustered ? null : CheckDirectory(options),
            CheckPort(options.ListenAddress ?? options.AdvertisedAddress, options.SiloPort, nameof(SiloOptions.SiloPort)),
            CheckPort(options.ListenAddress ?? options.AdvertisedAddress, options.GatewayPort, nameof(SiloOptions.GatewayPort)),
            .. options.Urls.Select(url => CheckUrl(url, nameof(SiloOptions.Urls))),
            options.MetricsUrl is { } metrics ? CheckUrl(metrics, nameof(SiloOptions.MetricsUrl)) : null,
            options.KubernetesHosting ? CheckPod() : null,
            CheckSecret(nameof(SiloOptions.AdminTokenFile), options.AdminTokenFile, token => CheckLength("a token", token)),
            CheckSecret(nameof(SiloOptions.LessonKeyFile), options.LessonKeyFile, key => CheckLength("a key", key)),
            CheckSecret(nameof(SiloOptions.ConnectionStringFile), options.ConnectionStringFile, text => PostgresDatabase.Parse(text) is null
                ? $"holds what {PostgresDatabase.WrongConnectionString}"
                : null),
        ];
        return [.. found.OfType<string>()];
    }

    /// <summary>What Orleans' hosting package reads of a pod, and would miss with a stack trace.</summary>
    private static string? CheckPod()
    {
        string[] missing = [.. PodVariables.Where(name => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)))];
        return missing.Length > 0
            ? $"Prismatic:KubernetesHosting is true, and {string.Join(", ", missing)} are not set in the environment; infra/kubernetes/components/hosting sets them."
            : File.Exists(PodToken)
                ? null
                : $"Prismatic:KubernetesHosting is true, and there is no {PodToken}: the pod holds no token of the API server.";
    }

    private static string? CheckDirectory(SiloOptions options)
    {
        var directory = Path.GetFullPath(options.DataDirectory);
        var probe = Path.Combine(directory, $".write-test-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(directory);
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"Prismatic:DataDirectory is {directory}, where nothing can be written: {e.Message}";
        }
    }

    private static string? CheckUrl(string url, string setting)
    {
        var address = BindingAddress.Parse(url);
        var ip = address.Host switch
        {
            "localhost" => IPAddress.Loopback,
            var host when IPAddress.TryParse(host.Trim('[', ']'), out var parsed) => parsed,
            _ => IPAddress.Any,
        };
        return address.Port == 0 ? null : CheckPort(ip, address.Port, setting);
    }

    private static string? CheckPort(IPAddress address, int port, string setting)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            return $"Prismatic:{setting} wants port {port} of {address}, which another program uses; is another silo running?";
        }
        catch (SocketException e)
        {
            return $"Prismatic:{setting} wants port {port} of {address}, which cannot be opened: {e.Message}";
        }
    }

    private static string? CheckLength(string what, string secret) => secret.Length >= ShortestSecret
        ? null
        : $"holds {what} of {secret.Length} characters; it must have {ShortestSecret} or more.";

    private static string? CheckSecret(string setting, string? file, Func<string, string?> findMistake)
    {
        if (file is null)
        {
            return null;
        }

        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~OwnersAndGroups) != 0)
            {
                return $"Prismatic:{setting} is {file}, which others may read; its mode must be 0600, or 0440 where a group reads it.";
            }

            return findMistake(File.ReadAllText(file).Trim()) is { } mistake ? $"Prismatic:{setting} is {file}, which {mistake}" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"Prismatic:{setting} is {file}, which cannot be read: {e.Message}";
        }
    }
}
