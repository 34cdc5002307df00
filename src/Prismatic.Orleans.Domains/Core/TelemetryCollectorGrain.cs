using System.Collections.Immutable;
using Prismatic.Domains.Evolution;

namespace Prismatic.Domains.Core;

internal sealed class TelemetryCollectorGrain(TimeProvider time) : Grain, ITelemetryCollectorGrain
{
    private readonly TelemetryBoard _board = new();

    public Task Record(TelemetryEvent e)
    {
        Demand.That(TelemetryBoard.IsName(e.Name), nameof(e), $"'{e.Name}' is not of the form app/domain/entity/action.");
        Demand.That(double.IsFinite(e.Value), nameof(e), $"The value of {e.Name} is {e.Value}, which is not a finite number.");
        _board.Add(e, e.At ?? time.GetUtcNow());
        return Task.CompletedTask;
    }

    public Task<MetricSummary> Query(string pattern, TimeSpan window)
    {
        Demand.That(TelemetryBoard.IsName(pattern), nameof(pattern), $"'{pattern}' has not four parts.");
        Demand.Positive(window, nameof(window));
        return Task.FromResult(_board.Summarise(pattern, time.GetUtcNow() - window, window));
    }

    public Task<string> PrometheusText() => Task.FromResult(_board.ToPrometheus());

    public Task<IncidentTrace> ExportTrace(DateTimeOffset from, DateTimeOffset to)
    {
        Demand.That(from < to, nameof(to), $"{to:O} is not after {from:O}.");
        return Task.FromResult(_board.ToTrace(from, to));
    }

    public Task<ImmutableArray<string>> Contract() => Task.FromResult(_board.Names.ToImmutableArray());
}
