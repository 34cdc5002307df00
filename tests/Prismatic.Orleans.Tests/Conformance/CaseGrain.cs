using Prismatic.Supervision;
using Prismatic.Tests.Cluster;

namespace Prismatic.Tests.Conformance;

/// <summary>The child of a conformance case.</summary>
public interface ICaseGrain : IActorGrain
{
    /// <summary>Ends. The number keeps two ends from being one and the same request, which would be blamed itself.</summary>
    Task End(ExitReason reason, int number);

    /// <summary>Waits at a door of the stage and then ends, or goes on serving.</summary>
    Task HoldThenEnd(string door, ExitReason? reason);
}

internal sealed class CaseGrain(Stage stage, StartScripts scripts) : ActorGrainBase(stage, scripts), ICaseGrain
{
    public Task End(ExitReason reason, int number) => Exit(reason, number);

    public async Task HoldThenEnd(string door, ExitReason? reason)
    {
        await At(door);
        if (reason is { } known)
        {
            await Exit(known, 0);
        }
    }
}
