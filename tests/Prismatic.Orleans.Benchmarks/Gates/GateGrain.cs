using System.Collections.Concurrent;

namespace Prismatic.Gates;

/// <summary>A grain that crashes when it is told to and says when.</summary>
public interface IGateGrain : IGrainWithStringKey
{
    /// <summary>Throws; the number makes each crash another request.</summary>
    Task Crash(int number);

    /// <summary>Does nothing, so that the grain is active.</summary>
    Task Serve();
}

internal sealed class GateGrain(Thrown thrown, TimeProvider time) : Grain, IGateGrain
{
    public Task Crash(int number)
    {
        thrown.At[number] = time.GetTimestamp();
        throw new InvalidOperationException($"crash number {number}");
    }

    public Task Serve() => Task.CompletedTask;
}

/// <summary>When each crash was thrown. The silos of the benchmark share it.</summary>
internal sealed class Thrown
{
    public ConcurrentDictionary<int, long> At { get; } = new();
}
