using Prismatic.Supervision;

namespace Prismatic.Breakers;

/// <summary>The state of a breaker, in Polly's words.</summary>
[GenerateSerializer, Alias("prismatic.BreakerState")]
public enum BreakerState
{
    /// <summary>Calls flow.</summary>
    Closed,

    /// <summary>Calls are refused at once.</summary>
    Open,

    /// <summary>One probe is allowed.</summary>
    HalfOpen,
}

/// <summary>One breaker.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.BreakerView")]
public sealed record BreakerView
{
    /// <summary>What it protects from: an external target such as <c>source:justice</c>, or a child path.</summary>
    [Id(0)] public required string Target { get; init; }

    /// <summary>Its state.</summary>
    [Id(1)] public required BreakerState State { get; init; }

    /// <summary>Grows each time it opens.</summary>
    [Id(2)] public long Epoch { get; init; }

    /// <summary>Time until the probe, as seen now; null unless open.</summary>
    [Id(3)] public TimeSpan? ProbeIn { get; init; }

    /// <summary>Why it opened; empty when closed.</summary>
    [Id(4)] public string Reason { get; init; } = "";

    /// <summary>How long this break is as a whole, which is also how long a granted probe may take to report; zero when closed.</summary>
    [Id(5)] public TimeSpan Break { get; init; }
}

/// <summary>The breaker of one target; its key is the target. Persisted, so that an open breaker outlives its silo.</summary>
[Alias("prismatic.ICircuitBreakerGrain")]
public interface ICircuitBreakerGrain : IGrainWithStringKey
{
    /// <summary>The breaker as it is now.</summary>
    [Alias("GetState")]
    Task<BreakerView> GetState();

    /// <summary>Opens it for <paramref name="duration"/>, or keeps it open longer.</summary>
    [Control, Alias("Open")]
    Task<BreakerView> Open(TimeSpan duration, string reason);

    /// <summary>Closes it.</summary>
    [Control, Alias("Close")]
    Task<BreakerView> Close(long epoch);

    /// <summary>Asks for the one probe of this epoch: true for exactly one asker in the cluster, written before it is granted.</summary>
    [Control, Alias("TryProbe")]
    Task<bool> TryProbe(long epoch);
}
