namespace Prismatic.Peers;

/// <summary>What the grains of the peers benchmark do: crash, and serve.</summary>
public interface IPeerGrain : IGrainWithStringKey
{
    /// <summary>Throws what the peers throw too; the number makes each crash another request.</summary>
    /// <param name="number">Which crash it is.</param>
    /// <param name="endActivation">Whether the grain ends its own activation, as a service without supervision would.</param>
    Task Crash(int number, bool endActivation);

    /// <summary>How many calls this activation has served: 1 says that it is fresh.</summary>
    Task<int> Serve();
}

/// <summary>The same, for the members of a family.</summary>
public interface IPeerMemberGrain : IPeerGrain;

internal abstract class PeerGrainBase : Grain, IPeerGrain
{
    private int _served;

    public Task Crash(int number, bool endActivation)
    {
        if (endActivation)
        {
            DeactivateOnIdle();
        }

        throw new InvalidOperationException("connection refused");
    }

    public Task<int> Serve() => Task.FromResult(++_served);
}

internal sealed class PeerGrain : PeerGrainBase;

internal sealed class PeerMemberGrain : PeerGrainBase, IPeerMemberGrain;
