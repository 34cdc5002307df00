using System.Collections.Immutable;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Breakers;

/// <summary>Which breakers are not closed: what a silo that joins asks for, and what outlives the loss of all silos.</summary>
[Control, Alias("prismatic.IBreakerDirectoryGrain")]
internal interface IBreakerDirectoryGrain : IGrainWithStringKey
{
    /// <summary>The key of the one list.</summary>
    const string Key = "breakers";

    /// <summary>A breaker is no longer closed.</summary>
    [Alias("Opened")]
    Task Opened(string target);

    /// <summary>A breaker is closed.</summary>
    [Alias("Closed")]
    Task Closed(string target);

    /// <summary>Every breaker that is not closed, as its owner sees it now.</summary>
    [Alias("GetOpen")]
    Task<ImmutableArray<BreakerView>> GetOpen();
}

/// <summary>What the list stores.</summary>
[GenerateSerializer, Alias("prismatic.OpenBreakers")]
internal sealed class OpenBreakers
{
    /// <summary>The version of this shape.</summary>
    [Id(0)] public int Schema { get; set; } = 1;

    [Id(1)] public SortedSet<string> Targets { get; set; } = new(StringComparer.Ordinal);
}

/// <inheritdoc cref="IBreakerDirectoryGrain"/>
internal sealed class BreakerDirectoryGrain(
    [SupervisedState("open-breakers", OnDamage = DamagePolicy.SetAside)] ISupervisedState<OpenBreakers> open,
    Func<string, ICircuitBreakerGrain> breaker) : Grain, IBreakerDirectoryGrain
{
    /// <summary>The most that are listed. Beyond it silos learn of a breaker from its own messages only.</summary>
    public const int Most = 10_000;

    public Task Opened(string target) => open.Value.Targets.Count < Most && open.Value.Targets.Add(target) ? open.WriteAsync() : Task.CompletedTask;

    public Task Closed(string target) => open.Value.Targets.Remove(target) ? open.WriteAsync() : Task.CompletedTask;

    public async Task<ImmutableArray<BreakerView>> GetOpen()
    {
        var views = new List<BreakerView>();
        foreach (var some in open.Value.Targets.ToList().Chunk(100))
        {
            views.AddRange(await Task.WhenAll(some.Select(target => breaker(target).GetState())));
        }

        // One that closed without being taken off the list leaves it now.
        if (open.Value.Targets.RemoveWhere(target => views.Exists(view => view.Target == target && view.State == BreakerState.Closed)) > 0)
        {
            await open.WriteAsync();
        }

        return [.. views.Where(view => view.State != BreakerState.Closed)];
    }
}
