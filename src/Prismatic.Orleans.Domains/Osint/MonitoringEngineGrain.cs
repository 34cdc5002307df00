using System.Collections.Immutable;
using Prismatic.Domains.Records;
using Prismatic.Storage;

namespace Prismatic.Domains.Osint;

internal sealed class Watches
{
    public Dictionary<string, WatchSpec> Specs { get; set; } = [];

    public List<Alert> Alerts { get; set; } = [];
}

internal sealed class MonitoringEngineGrain(
    [SupervisedState("watches")] ISupervisedState<Watches> watches,
    IGrainFactory grains,
    TimeProvider time) : Grain, IMonitoringEngineGrain
{
    private const int MostAlerts = 200;
    private const int MostWatches = 1_000;
    private readonly Dictionary<string, IGrainTimer> _timers = [];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var spec in watches.Value.Specs.Values)
        {
            Arm(spec);
        }

        return Task.CompletedTask;
    }

    public async Task<string> Watch(WatchSpec spec)
    {
        Demand.Slug(spec.Id, nameof(spec));
        Demand.That(spec.Brand is null != (spec.Source is null && spec.Query is null), nameof(spec), "A watch has either a brand, or a source and its query.");
        Demand.That(spec.Brand is not null || (spec.Source is not null && spec.Query is not null), nameof(spec), "A watched source needs a query.");
        Demand.That(spec.Interval == TimeSpan.Zero || spec.Interval >= TimeSpan.FromSeconds(1), nameof(spec), $"The interval {spec.Interval} is below one second.");
        Demand.That(watches.Value.Specs.Count < MostWatches || watches.Value.Specs.ContainsKey(spec.Id), nameof(spec), $"There are {MostWatches} watches already.");
        watches.Value.Specs[spec.Id] = spec;
        await watches.WriteAsync();
        Arm(spec);
        return spec.Id;
    }

    public async Task Unwatch(string id)
    {
        Disarm(id);
        if (watches.Value.Specs.Remove(id))
        {
            await watches.WriteAsync();
            await Record(id).Clear();
        }
    }

    public async Task<ChangeSet> RunOnce(string id)
    {
        var spec = watches.Value.Specs.GetValueOrDefault(id) ?? throw new ArgumentException($"There is no watch '{id}'.", nameof(id));
        Demand.That(spec.Source is not null && spec.Query is not null, nameof(id), $"Watch '{id}' is of a brand: use ScanNames.");
        var result = await grains.GetGrain<ISourceManagerGrain>(ISourceManagerGrain.Key).Query(spec.Source, spec.Query);
        if (result.Status is not FetchStatus.Fetched)
        {
            return new ChangeSet { WatchId = id };
        }

        var before = await Record(id).Read();
        var changes = before is null ? new ChangeSet { WatchId = id } : SnapshotDiff.Compare(id, before.Items, result.Items);
        await Record(id).Write(new WatchBaseline { Items = result.Items });
        if (!changes.IsEmpty)
        {
            watches.Value.Alerts.Add(new Alert { WatchId = id, At = time.GetUtcNow(), Changes = changes });
            watches.Value.Alerts.RemoveRange(0, Math.Max(0, watches.Value.Alerts.Count - MostAlerts));
            await watches.WriteAsync();
        }

        return changes;
    }

    public Task<ImmutableArray<Alert>> Alerts(string? id, int max)
    {
        Demand.Range(max, 1, MostAlerts, nameof(max));
        return Task.FromResult(watches.Value.Alerts.Where(alert => id is null || alert.WatchId == id).Reverse().Take(max).ToImmutableArray());
    }

    public Task<ImmutableArray<NameHit>> ScanNames(ImmutableArray<string> newNames)
    {
        var brands = watches.Value.Specs.Values.Select(spec => spec.Brand).OfType<string>().ToArray();
        return Task.FromResult(newNames.SelectMany(name => brands.Select(brand => LookAlikes.Judge(name, brand)).OfType<NameHit>()).ToImmutableArray());
    }

    private IWatchRecordGrain Record(string id) => grains.GetGrain<IWatchRecordGrain>(id);

    /// <summary>A timer's run takes its turn among the calls, so that two runs never overlap; what it throws is a crash like any other.</summary>
    private void Arm(WatchSpec spec)
    {
        Disarm(spec.Id);
        if (spec.Interval > TimeSpan.Zero)
        {
            var options = new GrainTimerCreationOptions(spec.Interval, spec.Interval) { KeepAlive = true };
            _timers[spec.Id] = this.RegisterGrainTimer(_ => (Task)RunOnce(spec.Id), options);
        }
    }

    private void Disarm(string id)
    {
        if (_timers.Remove(id, out var timer))
        {
            timer.Dispose();
        }
    }
}

/// <summary>The answer that the next one is compared with.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.WatchBaseline")]
internal sealed record WatchBaseline
{
    [Id(0)] public required ImmutableArray<OsintItem> Items { get; init; }
}

[Alias("prismatic.domains.IWatchRecordGrain")]
internal interface IWatchRecordGrain : IRecordGrain<WatchBaseline>;

internal sealed class WatchRecordGrain([SupervisedState("watch-baseline")] ISupervisedState<Held<WatchBaseline>> state)
    : RecordGrain<WatchBaseline>(state), IWatchRecordGrain;
