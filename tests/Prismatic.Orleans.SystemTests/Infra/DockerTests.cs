using System.Text.Json.Nodes;
using Prismatic.Silo;
using Prismatic.SystemTests.Harness;
using Prismatic.SystemTests.Infra.Policies;
using Xunit;

namespace Prismatic.SystemTests.Infra;

/// <summary>What can be said of image and compose file where no container engine runs.</summary>
public sealed class DockerTests(AskedHost host)
{
    private static readonly string Folder = Path.Combine(Overlay.Infra.FullName, "docker");

    [Fact]
    public async Task Every_silo_of_the_compose_file_gets_settings_that_the_host_takes()
    {
        var silos = (await Services()).Where(service => service.Key.StartsWith("silo-", StringComparison.Ordinal)).ToList();

        Assert.Equal(3, silos.Count);
        var facts = await host.Facts;
        foreach (var (name, silo) in silos)
        {
            var environment = silo.PairsAt("environment");
            Assert.True(facts.FindMistakes(environment) is [], $"{name}: {string.Join(' ', facts.FindMistakes(environment))}");
            Assert.All(environment.Keys, variable => Assert.StartsWith("PRISMATIC__", variable, StringComparison.Ordinal));
            Assert.DoesNotContain("PRISMATIC__CONNECTIONSTRING", environment.Keys);

            // What a silo tells the others of itself is where it is.
            Assert.Equal(silo.TextAt("networks.prismatic.ipv4_address"), environment["PRISMATIC__ADVERTISEDADDRESS"]);
            Assert.True(Seconds(silo.TextAt("stop_grace_period")) >= int.Parse(environment["PRISMATIC__SHUTDOWNSECONDS"], System.Globalization.CultureInfo.InvariantCulture) + 10);
            Assert.Equal("true", silo.TextAt("read_only"));
            Assert.Equal("ALL", silo.TextAt("cap_drop.0"));
        }

        Assert.Equal(3, silos.Select(silo => silo.Value.TextAt("networks.prismatic.ipv4_address")).Distinct().Count());
        Assert.Equal(3, silos.Select(silo => silo.Value.TextAt("ports.0")).Distinct().Count());
    }

    [Fact]
    public async Task Every_secret_of_a_service_is_declared_and_read_where_it_is_mounted()
    {
        var compose = await Compose();
        var declared = (compose.At("secrets") as JsonObject)!.Select(secret => secret.Key).ToHashSet();

        foreach (var (name, service) in await Services())
        {
            var mounted = service.Each("secrets").Select(secret => secret.ToString()).ToList();
            Assert.True(mounted.TrueForAll(declared.Contains), $"{name} mounts a secret that is not declared.");
            var read = service.PairsAt("environment").Values.Where(value => value.StartsWith("/run/secrets/", StringComparison.Ordinal)).Select(value => value["/run/secrets/".Length..]);
            Assert.Equal(mounted.Order(), read.Order());
        }

        Assert.All((await Services()).Select(service => service.Value), service => Assert.DoesNotContain(":latest", service.TextAt("image"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_prepare_makes_is_what_the_compose_file_reads_and_the_host_takes()
    {
        using var directory = new TemporaryDirectory();
        var script = Path.Combine(directory.Path, "prepare.sh");
        File.Copy(Path.Combine(Folder, "prepare.sh"), script);

        var (code, output, errors) = await Command.Run("/usr/bin/env", ["bash", script], input: "");
        Assert.True(code == 0, errors);

        var files = ((await Compose()).At("secrets") as JsonObject)!.Select(secret => secret.Value.TextAt("file")).ToList();
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(directory.Path, file)), file));
        var options = new SiloOptions
        {
            DataDirectory = directory.Combine("data"),
            SiloPort = Ports.FindFree(1)[0],
            GatewayPort = Ports.FindFree(1)[0],
            Urls = ["http://127.0.0.1:0"],
            AdminTokenFile = Path.Combine(directory.Path, "secrets", "token"),
        };
        Assert.Empty(MachineChecks.FindMistakes(options));
        var password = await File.ReadAllTextAsync(Path.Combine(directory.Path, "secrets", "password"), TestContext.Current.CancellationToken);
        Assert.Contains($"Password={password}", await File.ReadAllTextAsync(Path.Combine(directory.Path, "secrets", "connection-string"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain(password, output, StringComparison.Ordinal);

        // A second run changes no password that a database already has.
        await Command.Run("/usr/bin/env", ["bash", script], input: "");
        Assert.Equal(password, await File.ReadAllTextAsync(Path.Combine(directory.Path, "secrets", "password"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Every_file_that_the_image_is_built_from_is_there_and_reaches_the_build()
    {
        var root = Overlay.Infra.Parent!.FullName;
        var lines = await File.ReadAllLinesAsync(Path.Combine(Folder, "Dockerfile"), TestContext.Current.CancellationToken);
        var copied = lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal)).SelectMany(line => line.Split(' ')[1..^1]).ToList();
        var sent = (await File.ReadAllLinesAsync(Path.Combine(Folder, "Dockerfile.dockerignore"), TestContext.Current.CancellationToken)).Where(line => line.StartsWith('!')).Select(line => line[1..]);
        var projects = lines.SelectMany(line => line.Split(' ')).Where(word => word.EndsWith(".csproj", StringComparison.Ordinal));

        Assert.NotEmpty(copied);
        Assert.All(copied.Concat(projects), path => Assert.True(Path.Exists(Path.Combine(root, path)), path));
        Assert.Equal(copied.Order(), sent.Order());
        Assert.Contains("USER 1654:1654", lines);
        Assert.All(lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)), line => Assert.Matches(@"^FROM \$\{DOTNET_IMAGES\}/[a-z]+:10\.0-", line));
    }

    [Fact]
    public async Task The_image_and_the_manifests_start_the_same_programs_under_the_same_name()
    {
        var dockerfile = await File.ReadAllTextAsync(Path.Combine(Folder, "Dockerfile"), TestContext.Current.CancellationToken);
        var images = (await Overlay.BuildAll()).SelectMany(built => built.Set.Workloads).SelectMany(workload => workload.Containers).Select(container => container.TextAt("image"))
            .Where(image => image.StartsWith("prismatic", StringComparison.Ordinal)).Distinct();
        var compose = (await Services()).Single(service => service.Key == "silo-1").Value.TextAt("image");
        var schema = (await Overlay.Build(Overlay.Schema)).OfKind("Job").Single().Json.Each("spec.template.spec.containers.0.command").Select(word => word.ToString());

        Assert.Equal([compose], images);
        Assert.Contains($"--tag {compose} ", dockerfile, StringComparison.Ordinal);
        Assert.Contains("""ENTRYPOINT ["dotnet", "/app/Prismatic.Orleans.Silo.dll"]""", dockerfile, StringComparison.Ordinal);
        Assert.Equal(["dotnet", "/app/tool/prismatic.dll"], schema);
    }

    private static async Task<Manifest> Compose() =>
        ManifestSet.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "compose.yaml"), TestContext.Current.CancellationToken)).All.Single();

    /// <summary>The services, with what they merge from others.</summary>
    private static async Task<IReadOnlyList<KeyValuePair<string, JsonNode?>>> Services() =>
        [.. ((await Compose()).At("services") as JsonObject)!.Select(service => KeyValuePair.Create(service.Key, Merged(service.Value)))];

    /// <summary>YAML's merge key: what a mapping does not say itself it takes from the one that <c>&lt;&lt;</c> names.</summary>
    private static JsonNode? Merged(JsonNode? node)
    {
        if (node is not JsonObject mapping)
        {
            return node?.DeepClone();
        }

        var merged = Merged(mapping["<<"]) as JsonObject ?? [];
        foreach (var (key, value) in mapping.Where(pair => pair.Key != "<<"))
        {
            merged[key] = Merged(value);
        }

        return merged;
    }

    private static int Seconds(string duration) => int.Parse(duration.TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture);
}
