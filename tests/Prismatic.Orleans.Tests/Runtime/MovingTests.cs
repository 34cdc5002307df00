using Orleans.Core.Internal;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Prismatic.Events;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Runtime;

/// <summary>That Orleans moves, collects or ends an activation for its own reasons is no exit.</summary>
public sealed class MovingTests
{
    private const string Worker = "app/work/one";

    private static void Tree(SupervisionTreeBuilder tree) => tree
        .Enforce()
        .Supervisor("work", RestartStrategy.OneForOne, work => work.Worker<IShakyGrain>("one"));

    [Fact]
    public async Task A_migration_is_no_exit()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        var one = cluster.Inside.GetGrain<IShakyGrain>("one");
        var first = await one.Activation();
        var house = cluster.Silos.Select((_, silo) => silo).Single(silo => cluster.Houses(silo, one));

        RequestContext.Set(IPlacementDirector.PlacementHintKey, cluster.Silos[1 - house].SiloAddress);
        await one.AsReference<IGrainManagementExtension>().MigrateOnIdle(TestContext.Current.CancellationToken);
        RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        await SupervisedCluster.Until(() => cluster.Houses(1 - house, one));

        Assert.NotEqual(first, await one.Activation());
        await NothingHappened(cluster);
    }

    [Fact]
    public async Task Being_collected_for_idleness_is_no_exit()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        var one = cluster.Inside.GetGrain<IShakyGrain>("one");
        var first = await one.Activation();

        await cluster.Inside.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero, TestContext.Current.CancellationToken);
        await SupervisedCluster.Until(() => !cluster.Houses(0, one) && !cluster.Houses(1, one));

        Assert.NotEqual(first, await one.Activation());
        await NothingHappened(cluster);
    }

    [Fact]
    public async Task That_a_worker_deactivates_for_Orleans_own_sake_is_no_exit()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        var first = await cluster.Inside.GetGrain<IShakyGrain>("one").Activation();

        await cluster.Deactivate<IShakyGrain>("one");

        Assert.NotEqual(first, await cluster.Inside.GetGrain<IShakyGrain>("one").Activation());
        await NothingHappened(cluster);
    }

    private static async Task NothingHappened(SupervisedCluster cluster)
    {
        await cluster.Reported();
        Assert.Equal((0L, 0L), ((await cluster.Child(Worker)).Restarts, (await cluster.Child(Worker)).Crashes));
        Assert.DoesNotContain(cluster.Events.All, happened =>
            happened.Kind is SupervisionEventKind.Crashed or SupervisionEventKind.Exited or SupervisionEventKind.Restarted or SupervisionEventKind.SiloLost);
    }
}
