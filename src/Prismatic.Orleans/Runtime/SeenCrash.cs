using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// A crash on its way to its supervisor, with its first success when that comes before it has left: in a storm most children serve again while
/// their crash still waits to be told, and the two travel as one.
/// </summary>
internal sealed class SeenCrash
{
    private static readonly object Left = new();

    /// <summary>Null while it waits; then the success, or that it left without one.</summary>
    private object? _end;

    /// <summary>What is told; set before it is handed to the outbox.</summary>
    public CrashReport Report { get; set; } = null!;

    /// <summary>Adds the first success. False when the crash has left: then the success is told by itself.</summary>
    public bool Serve(ServedReport served) => Interlocked.CompareExchange(ref _end, served, null) is null;

    /// <summary>It leaves now; what leaves with it is the same each time that it is asked, since a batch may be sent again.</summary>
    public ServedReport? Leave() => Interlocked.CompareExchange(ref _end, Left, null) as ServedReport;
}
