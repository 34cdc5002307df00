using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Prismatic.Introspection;
using Prismatic.Tests.Silo;
using Xunit;

namespace Prismatic.Tests.Docs;

public sealed class ReadmeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_readme_shows_the_code_that_is_compiled_here()
    {
        var readme = await Lines("README.md");
        var source = await Lines("tests/Prismatic.Orleans.Tests/Docs/OwnSiloSnippet.cs");

        Assert.Equal(Dedented(Between(source, "// README begins", "// README ends")), Between(readme, "```csharp", "```"));
    }

    [Fact]
    public async Task Every_file_that_a_readme_links_to_is_there()
    {
        var root = Root();
        foreach (var readme in Directory.EnumerateFiles(root, "README.md", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 }))
        {
            foreach (var link in Links(await File.ReadAllTextAsync(readme, Stop)))
            {
                var target = Path.Combine(Path.GetDirectoryName(readme)!, link);
                Assert.True(Path.Exists(target), $"{Path.GetRelativePath(root, readme)} links to {link}, which is not there.");
            }
        }
    }

    [Fact]
    public async Task The_silo_of_the_readme_starts_and_observes_without_acting()
    {
        using var host = Shop();
        await host.StartAsync(Stop);
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        var prices = grains.GetGrain<IPriceListGrain>("price-list");

        await Assert.ThrowsAsync<KeyNotFoundException>(() => prices.PriceOf("coffee"));

        Assert.Equal(3.20m, await prices.PriceOf("tea"));
        Assert.Equal(1, await grains.GetGrain<ICartGrain>("anna").Add("tea"));
        var health = await grains.GetGrain<ISupervisionIntrospectorGrain>(ISupervisionIntrospectorGrain.Key).GetTreeHealth();
        Assert.Equal(["shop", "shop/prices", "shop/prices/price-list", "shop/sales", "shop/sales/carts"], health.Nodes.Select(node => node.Path));
        Assert.Empty(health.RestartCounts);
        Assert.Empty(health.Missing);
        Assert.Equal(100, health.HealthScore);
        await host.StopAsync(Stop);
    }

    /// <summary>The README's silo, on free ports.</summary>
    private static IHost Shop()
    {
        var builder = OwnSiloSnippet.Shop([]);
        var port = FreePort.Find();
        builder.Services.PostConfigure<EndpointOptions>(endpoint => (endpoint.SiloPort, endpoint.GatewayPort) = (port, FreePort.Find()));
        builder.Services.PostConfigure<DevelopmentClusterMembershipOptions>(membership => membership.PrimarySiloEndpoint = new(System.Net.IPAddress.Loopback, port));
        builder.Logging.ClearProviders();
        return builder.Build();
    }

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Prismatic.Orleans.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
        }

        return directory;
    }

    private static async Task<string[]> Lines(string file) => await File.ReadAllLinesAsync(Path.Combine(Root(), file), Stop);

    private static string[] Between(IEnumerable<string> lines, string begin, string end) =>
        [.. lines.SkipWhile(line => line.Trim() != begin).Skip(1).TakeWhile(line => line.Trim() != end)];

    private static string[] Dedented(string[] lines)
    {
        var indent = lines.Min(line => line.Length - line.TrimStart().Length);
        return [.. lines.Select(line => line[indent..])];
    }

    /// <summary>Links to files of this repository.</summary>
    private static IEnumerable<string> Links(string markdown) =>
        from part in markdown.Split("](").Skip(1)
        let link = part[..part.IndexOf(')', StringComparison.Ordinal)].Split('#')[0]
        where link.Length > 0 && !link.Contains("://", StringComparison.Ordinal)
        select link;
}
