using System.Diagnostics.Metrics;
using Prismatic.Introspection;

namespace Prismatic.Silo;

/// <summary>
/// Asks the introspector for the tree's health now and then and shows it as gauges. Every silo shows the same picture, so that it outlives each
/// of them; <c>prismatic.tree.age</c> tells when a silo could not get a new one.
/// </summary>
internal sealed partial class ClusterGauges : BackgroundService
{
    public const string MeterName = "Prismatic.Orleans.Silo";
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private readonly IGrainFactory _grains;
    private readonly TimeProvider _time;
    private readonly ILogger<ClusterGauges> _log;
    private readonly long _startedAt;
    private volatile Seen? _last;

    public ClusterGauges(IGrainFactory grains, TimeProvider time, IMeterFactory meters, ILogger<ClusterGauges> log)
    {
        _grains = grains;
        _time = time;
        _log = log;
        _startedAt = time.GetTimestamp();
        var meter = meters.Create(MeterName);
        Show("prismatic.tree.health", "{point}", "Health of the tree, 0 to 100.", picture => picture.Score);
        Show("prismatic.tree.silos", "{silo}", "Silos that answered the introspector.", picture => picture.Silos);
        Show("prismatic.tree.missing", "{part}", "Supervisors and silos that did not answer, and hooks of supervision that are silent.", picture => picture.Missing);
        Show("prismatic.tree.hotspots", "{child}", "Children that are restarted again and again.", picture => picture.Hotspots);
        Show("prismatic.tickets.open", "{ticket}", "Tickets that wait for a person.", picture => picture.OpenTickets);
        Show("prismatic.tickets.oldest", "s", "Age of the oldest open ticket; 0 while none is open.", OldestTicket);
        meter.CreateObservableGauge("prismatic.tree.children", Children, "{child}", "Workers and families by state.");
        meter.CreateObservableGauge("prismatic.tree.age", Age, "s", "Age of the picture that the other figures of the tree come from.");

        void Show(string name, string unit, string meaning, Func<ClusterPicture, double> figure) =>
            meter.CreateObservableGauge(name, () => _last is { } seen ? [new Measurement<double>(figure(seen.Picture))] : Array.Empty<Measurement<double>>(), unit, meaning);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, _time);
        do
        {
            try
            {
                await Look().WaitAsync(Every, _time, stoppingToken);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                NotSeen(_log, failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task Look()
    {
        var introspector = _grains.GetGrain<ISupervisionIntrospectorGrain>(ISupervisionIntrospectorGrain.Key);
        var picture = ClusterPicture.Of(await introspector.GetTreeHealth(), await introspector.GetTickets());
        _last = new Seen(picture, _time.GetTimestamp());
    }

    private double OldestTicket(ClusterPicture picture) =>
        picture.OldestTicket is { } opened ? Math.Max(0, (_time.GetUtcNow() - opened).TotalSeconds) : 0;

    private double Age() => _time.GetElapsedTime(_last?.At ?? _startedAt).TotalSeconds;

    private IEnumerable<Measurement<int>> Children() =>
        _last?.Picture.Children.Select(count => new Measurement<int>(count.Value, new KeyValuePair<string, object?>("status", count.Key.ToString()))) ?? [];

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The health of the tree could not be read for the metrics; the figures shown grow older.")]
    private static partial void NotSeen(ILogger log, Exception exception);

    private sealed record Seen(ClusterPicture Picture, long At);
}
