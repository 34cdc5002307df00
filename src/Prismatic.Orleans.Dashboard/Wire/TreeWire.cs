using System.Text.Json.Serialization;
using Prismatic.Supervision;

namespace Prismatic.Dashboard;

internal sealed record TreeWire
{
    public required int TotalProcesses { get; init; }

    public required IReadOnlyDictionary<string, long> RestartCounts { get; init; }

    public required IReadOnlyDictionary<string, MemoryWire> MemoryPerSupervisor { get; init; }

    public required HotspotWire[] Hotspots { get; init; }

    public required double HealthScore { get; init; }

    public required NodeWire[] Nodes { get; init; }

    public required int Silos { get; init; }

    public required string[] Missing { get; init; }

    public required DateTimeOffset At { get; init; }
}

internal sealed record MemoryWire
{
    public required long? Bytes { get; init; }

    public required string Method { get; init; }

    public required int Activations { get; init; }
}

internal sealed record HotspotWire
{
    public required string Path { get; init; }

    public required int Restarts { get; init; }

    public required double WindowSeconds { get; init; }

    public required string? LastCrash { get; init; }
}

internal sealed record NodeWire
{
    public required string Path { get; init; }

    public required string Name { get; init; }

    public required string Kind { get; init; }

    [JsonConverter(typeof(CamelCaseName<RestartStrategy>))]
    public required RestartStrategy? Strategy { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<ChildStatus>))]
    public required ChildStatus Status { get; init; }

    public required bool Verifying { get; init; }

    public required bool NeedsAttention { get; init; }

    public required long Incarnation { get; init; }

    public required long Restarts { get; init; }

    public required int RecentRestarts { get; init; }

    public required int Activations { get; init; }

    public required string? Silo { get; init; }

    public required string? LastCrash { get; init; }

    public required string? Ticket { get; init; }

    public required double? AvailableInSeconds { get; init; }
}
