using System.Collections.Immutable;
using Orleans.Concurrency;
using Prismatic.Domains.Evolution;

namespace Prismatic.Domains.Core;

/// <summary>
/// Collects measurements under names of the form <c>app/domain/entity/action</c> and answers rates and percentiles.
/// It holds the last 1,000 samples of at most 1,000 names, in memory only; a name beyond that crashes it, since names made of
/// ids or messages are a mistake that somebody must see.
/// </summary>
[Alias("prismatic.ITelemetryCollectorGrain")]
public interface ITelemetryCollectorGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "telemetry-collector";

    /// <summary>Adds a sample. The sender does not wait.</summary>
    /// <exception cref="ArgumentException">The name has not four parts, or the value is not a finite number.</exception>
    [OneWay, Alias("Record")]
    Task Record(TelemetryEvent e);

    /// <summary>The samples of the last <paramref name="window"/> whose name fits <paramref name="pattern"/>.</summary>
    /// <param name="pattern">Four parts; <c>*</c> stands for any one part.</param>
    /// <param name="window">More than zero.</param>
    [Alias("Query")]
    Task<MetricSummary> Query(string pattern, TimeSpan window);

    /// <summary>Count and sum of each name in the Prometheus text format.</summary>
    [Alias("PrometheusText")]
    Task<string> PrometheusText();

    /// <summary>The samples between two times as a trace that <see cref="IFitnessEvaluatorGrain"/> can replay; the entity is the dependency, the value its latency in ms.</summary>
    [Alias("ExportTrace")]
    Task<IncidentTrace> ExportTrace(DateTimeOffset from, DateTimeOffset to);

    /// <summary>The names seen, sorted.</summary>
    [Alias("Contract")]
    Task<ImmutableArray<string>> Contract();
}

/// <summary>One measurement.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.TelemetryEvent")]
public sealed record TelemetryEvent
{
    /// <summary><c>app/domain/entity/action</c>.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>The value; finite. Durations are milliseconds.</summary>
    [Id(1)] public required double Value { get; init; }

    /// <summary>Whether what was measured succeeded.</summary>
    [Id(2)] public bool Succeeded { get; init; } = true;

    /// <summary>When it happened; null for the time of arrival.</summary>
    [Id(3)] public DateTimeOffset? At { get; init; }
}

/// <summary>Figures of the samples that a query selected; all zero when there were none.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.MetricSummary")]
public sealed record MetricSummary
{
    /// <summary>Samples.</summary>
    [Id(0)] public required long Count { get; init; }

    /// <summary>Samples for each second of the window.</summary>
    [Id(1)] public required double RatePerSecond { get; init; }

    /// <summary>Share of samples that did not succeed, 0 to 1.</summary>
    [Id(2)] public required double FailureShare { get; init; }

    /// <summary>The median, by the nearest-rank method.</summary>
    [Id(3)] public required double P50 { get; init; }

    /// <summary>The 95th percentile.</summary>
    [Id(4)] public required double P95 { get; init; }

    /// <summary>The 99th percentile.</summary>
    [Id(5)] public required double P99 { get; init; }
}
