using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Prismatic.Silo;
using Prismatic.SystemTests.Harness;
using Prismatic.SystemTests.Infra;
using Prismatic.SystemTests.Infra.Policies;
using Xunit;

[assembly: AssemblyFixture(typeof(AskedHost))]

namespace Prismatic.SystemTests.Infra;

/// <summary>What the host reads, serves and measures, asked of the host itself: it runs for a moment in the process of the tests.</summary>
public sealed class AskedHost
{
    private readonly Lazy<Task<HostFacts>> _facts = new(Ask);

    internal Task<HostFacts> Facts => _facts.Value;

    private static async Task<HostFacts> Ask()
    {
        using var directory = new TemporaryDirectory();
        var seen = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                lock (seen)
                {
                    seen.Add(instrument);
                }
            },
        };
        listener.Start();

        var builder = WebApplication.CreateBuilder();
        var variables = SiloProcess.Settings(directory, SiloPlace.Find());
        variables["PRISMATIC__METRICSURL"] = $"http://127.0.0.1:{Ports.FindFree(1)[0]}";
        var (options, mistakes) = SiloOptionsReader.Read(Configuration(variables));
        Assert.Empty(mistakes);
        await using var app = SiloHost.Build(builder, options);
        Directory.CreateDirectory(options.DataDirectory);
        await SchemaMigration.Apply(app.Services.GetRequiredService<Database>(), TestContext.Current.CancellationToken);
        await app.StartAsync(TestContext.Current.CancellationToken);
        var routes = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Select(endpoint => endpoint.RoutePattern.RawText ?? "");
        HashSet<string> served = [.. routes, MetricsExport.Path];
        await app.StopAsync(TestContext.Current.CancellationToken);
        lock (seen)
        {
            HashSet<string> series = [.. seen.Where(instrument => MetricsExport.Meters.Contains(instrument.Meter.Name)).SelectMany(PrometheusNames.Of), "up"];
            return new HostFacts(FindMistakes, served, series, Runbook());
        }
    }

    /// <summary>What the host's own reader says about variables, with whatever it reads of the machine left out.</summary>
    private static IReadOnlyList<string> FindMistakes(IReadOnlyDictionary<string, string> variables) => SiloOptionsReader.Read(Configuration(variables)).Mistakes;

    // As the host's provider for environment variables reads them.
    private static IConfiguration Configuration(IReadOnlyDictionary<string, string> variables) => new ConfigurationBuilder()
        .AddInMemoryCollection(variables.Select(variable => KeyValuePair.Create(variable.Key.Replace("__", ":", StringComparison.Ordinal), (string?)variable.Value)))
        .Build();

    private static HashSet<string> Runbook()
    {
        const string File = "infra/prometheus/README.md";
        var lines = System.IO.File.ReadLines(Path.Combine(Overlay.Infra.FullName, "prometheus", "README.md"));
        return [.. lines.Where(line => line.StartsWith('#')).Select(line => $"{File}#{Anchor(line.TrimStart('#').Trim())}")];
    }

    // As the pages of repositories make anchors of headings.
    private static string Anchor(string heading) =>
        heading.ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-').Aggregate(new StringBuilder(), (anchor, letter) => anchor.Append(letter == ' ' ? '-' : letter)).ToString();
}

/// <summary>The time series that an instrument becomes, by the rules that the Prometheus exporter follows.</summary>
internal static class PrometheusNames
{
    public static IEnumerable<string> Of(Instrument instrument)
    {
        var name = new string([.. instrument.Name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_')]);
        var unit = instrument.Unit switch
        {
            null or "" => "",
            ['{', ..] => "",
            "s" => "seconds",
            "ms" => "milliseconds",
            "By" => "bytes",
            "1" => IsCounter(instrument) ? "" : "ratio",
            var other => other,
        };
        if (unit.Length > 0 && !name.EndsWith($"_{unit}", StringComparison.Ordinal))
        {
            name = $"{name}_{unit}";
        }

        return instrument.GetType().Name.StartsWith("Histogram", StringComparison.Ordinal)
            ? [$"{name}_bucket", $"{name}_sum", $"{name}_count"]
            : IsCounter(instrument) ? [$"{name}_total"] : [name];
    }

    private static bool IsCounter(Instrument instrument) => instrument.GetType().Name.Split('`')[0] is "Counter" or "ObservableCounter";
}
