using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Cluster;

/// <summary>A silo that stops in order takes nothing with it.</summary>
public sealed class StoppingSiloTests
{
    private const string Supervisor = "app/work";
    private const int Leaving = 1;

    [Fact]
    public async Task A_turn_that_crashes_while_its_silo_already_ends_its_activations_is_counted()
    {
        await using var cluster = await SupervisedCluster.Start(
            tree => tree.Enforce().Supervisor("work", RestartStrategy.OneForOne, work => work.Worker<IShakyGrain>("shaky")));
        var shaky = cluster.Inside.GetGrain<IShakyGrain>("shaky");
        await cluster.On(0, () => cluster.Inside.GetGrain<ISupervisorGrain>(Supervisor).GetState());
        await cluster.On(Leaving, shaky.Activation);
        var held = shaky.HoldThenCrash("door");
        await cluster.Stage.Arrival("door");

        var stopped = cluster.Stop(Leaving);
        await cluster.Ending(shaky);
        cluster.Stage.Open("door");
        await Assert.ThrowsAsync<InvalidOperationException>(() => held);
        await stopped;

        Assert.Equal(1, (await cluster.Child("app/work/shaky")).Crashes);
    }
}
