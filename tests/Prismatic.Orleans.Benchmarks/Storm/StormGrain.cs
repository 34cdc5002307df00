namespace Prismatic.Storm;

/// <summary>A grain that crashes when it is told to.</summary>
public interface IStormGrain : IGrainWithStringKey
{
    /// <summary>Throws; the number makes each crash another request.</summary>
    /// <param name="number">Which crash it is.</param>
    /// <param name="endActivation">Whether the grain ends its own activation, as a service without supervision would.</param>
    Task Crash(int number, bool endActivation);

    /// <summary>How many calls this activation has served: 1 says that it is fresh.</summary>
    Task<int> Serve();
}

/// <summary>The same for the members of a family.</summary>
public interface IStormMemberGrain : IStormGrain;

internal abstract class StormGrainBase : Grain, IStormGrain
{
    private int _served;

    public Task Crash(int number, bool endActivation)
    {
        if (endActivation)
        {
            DeactivateOnIdle();
        }

        throw new InvalidOperationException($"crash number {number}");
    }

    public Task<int> Serve() => Task.FromResult(++_served);
}

internal sealed class StormGrain : StormGrainBase;

internal sealed class StormMemberGrain : StormGrainBase, IStormMemberGrain;
