using System.Collections.Immutable;

namespace Prismatic.Domains.Osint;

/// <summary>Watches sources for change and new names for look-alikes. Watches are durable; their timers are armed again by each incarnation.</summary>
[Alias("prismatic.IMonitoringEngineGrain")]
public interface IMonitoringEngineGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "monitoring-engine";

    /// <summary>Adds a watch, or replaces the one with its id, and returns the id.</summary>
    [Alias("Watch")]
    Task<string> Watch(WatchSpec spec);

    /// <summary>Removes a watch; nothing happens when there is none.</summary>
    [Alias("Unwatch")]
    Task Unwatch(string id);

    /// <summary>Asks the watched source now and compares with the time before. The first run makes the baseline and reports no change.</summary>
    [Alias("RunOnce")]
    Task<ChangeSet> RunOnce(string id);

    /// <summary>The newest alerts, of one watch or of all when <paramref name="id"/> is null. The last 200 are kept.</summary>
    [Alias("Alerts")]
    Task<ImmutableArray<Alert>> Alerts(string? id, int max);

    /// <summary>Which of these names look like a watched brand.</summary>
    [Alias("ScanNames")]
    Task<ImmutableArray<NameHit>> ScanNames(ImmutableArray<string> newNames);
}

/// <summary>A watch: of a source's answer, or of a brand.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.WatchSpec")]
public sealed record WatchSpec
{
    /// <summary>Its id: 1 to 64 characters of a-z, 0-9 and '-'.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>The source to ask; null for a brand.</summary>
    [Id(1)] public string? Source { get; init; }

    /// <summary>What to ask it; null for a brand.</summary>
    [Id(2)] public OsintQuery? Query { get; init; }

    /// <summary>The domain name to find look-alikes of; null for a source.</summary>
    [Id(3)] public string? Brand { get; init; }

    /// <summary>How often to ask by itself. Zero: only on request. Otherwise at least 1 s; default zero.</summary>
    [Id(4)] public TimeSpan Interval { get; init; }
}

/// <summary>A field that differs.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.FieldChange")]
public sealed record FieldChange
{
    /// <summary>The row's id.</summary>
    [Id(0)] public required string Item { get; init; }

    /// <summary>The field.</summary>
    [Id(1)] public required string Field { get; init; }

    /// <summary>The value before; null when the field is new.</summary>
    [Id(2)] public string? Before { get; init; }

    /// <summary>The value now; null when the field is gone.</summary>
    [Id(3)] public string? After { get; init; }
}

/// <summary>What changed between two answers.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.ChangeSet")]
public sealed record ChangeSet
{
    /// <summary>The watch.</summary>
    [Id(0)] public required string WatchId { get; init; }

    /// <summary>Ids of new rows.</summary>
    [Id(1)] public ImmutableArray<string> Added { get; init; } = [];

    /// <summary>Ids of rows that are gone.</summary>
    [Id(2)] public ImmutableArray<string> Removed { get; init; } = [];

    /// <summary>Fields that differ.</summary>
    [Id(3)] public ImmutableArray<FieldChange> Changed { get; init; } = [];

    /// <summary>Whether nothing differs.</summary>
    public bool IsEmpty => Added.IsEmpty && Removed.IsEmpty && Changed.IsEmpty;
}

/// <summary>A change that was seen.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.Alert")]
public sealed record Alert
{
    /// <summary>The watch.</summary>
    [Id(0)] public required string WatchId { get; init; }

    /// <summary>When.</summary>
    [Id(1)] public required DateTimeOffset At { get; init; }

    /// <summary>What.</summary>
    [Id(2)] public required ChangeSet Changes { get; init; }
}

/// <summary>A name that looks like a brand.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.NameHit")]
public sealed record NameHit
{
    /// <summary>The name.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>The brand.</summary>
    [Id(1)] public required string Brand { get; init; }

    /// <summary><c>homoglyph</c>, <c>edit-distance</c> or <c>contains</c>.</summary>
    [Id(2)] public required string Reason { get; init; }

    /// <summary>Edits between the two after look-alike letters were made equal.</summary>
    [Id(3)] public required int Distance { get; init; }
}
