using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Prismatic.Silo;

/// <summary>
/// The way of the meters out of the process: pushed by OTLP where the usual variable <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector, and
/// fetched by Prometheus from <see cref="SiloOptions.MetricsUrl"/>. Neither is on by itself.
/// </summary>
internal static class MetricsExport
{
    public const string Path = "/metrics";
    public const string CollectorVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The library's, this host's, Orleans' and the runtime's.</summary>
    public static readonly string[] Meters = ["Prismatic.Orleans", ClusterGauges.MeterName, "Microsoft.Orleans", "System.Runtime"];

    public static void AddMetricsExport(this WebApplicationBuilder builder, SiloOptions options)
    {
        var pushed = builder.Configuration[CollectorVariable] is { Length: > 0 };
        if (options.MetricsUrl is null && !pushed)
        {
            return;
        }

        builder.Services.AddHostedService<ClusterGauges>();
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("prismatic-silo", serviceNamespace: options.ClusterId))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Meters);
                if (options.MetricsUrl is not null)
                {
                    metrics.AddPrometheusExporter();
                }

                if (pushed)
                {
                    metrics.AddOtlpExporter();
                }
            });
    }

    /// <summary>
    /// Serves <see cref="Path"/> on the address of its own and nothing else there, so that a network that lets Prometheus reach it has not opened
    /// the pages. By the port that the connection came in on: the Host header is what the caller likes.
    /// </summary>
    public static void UseMetricsExport(this WebApplication app, SiloOptions options)
    {
        if (options.MetricsUrl is null)
        {
            return;
        }

        var port = BindingAddress.Parse(options.MetricsUrl).Port;
        app.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Connection.LocalPort == port && context.Request.Path == Path);
        app.Use((context, next) => context.Connection.LocalPort == port
            ? Results.NotFound().ExecuteAsync(context)
            : next(context));
    }
}
