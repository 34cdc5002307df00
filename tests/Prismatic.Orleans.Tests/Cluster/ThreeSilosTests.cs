using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using Orleans.Storage;
using Prismatic.Events;
using Prismatic.Remediation;
using Prismatic.Storage;
using Prismatic.Supervision;
using Prismatic.Tests.Storage;
using Xunit;

namespace Prismatic.Tests.Cluster;

/// <summary>Three silos, of which one dies. What supervisors store is not on any of them.</summary>
public sealed class ThreeSilosTests
{
    private const string Supervisor = "app/work";

    private static Action<SupervisionTreeBuilder> Tree(TimeSpan first) => tree => tree
        .Enforce()
        .Supervisor("work", RestartStrategy.RestForOne, work => work
            .Intensity(3, TimeSpan.FromHours(1))
            .Worker<IShakyGrain>("one")
            .Worker<IOtherGrain>("two", two => two.Restart(new RestartWithBackoff { First = first }))
            .Worker<IThirdGrain>("three"));

    [Fact]
    public async Task The_supervisors_silo_dies_in_the_middle_of_a_round_and_the_round_ends_on_another_with_exact_counts()
    {
        await using var cluster = await Start(TimeSpan.FromSeconds(2));
        await MoveSupervisor(cluster, silo: 2);
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Inside.GetGrain<IOtherGrain>("two").Crash("boom"));
        await SupervisedCluster.Until(() => cluster.Stage.Journal.Contains("stop three"));
        Assert.DoesNotContain("start two", cluster.Stage.Journal);

        await cluster.Kill(2);
        await cluster.Events.WaitFor(SupervisionEventKind.RoundFinished, Supervisor);

        await cluster.Reported();
        Assert.Equal("stop three, start two, start three", Journal(cluster));
        var view = await cluster.Supervisor(Supervisor);
        Assert.Equal([0L, 1L, 1L], view.Children.Select(child => child.Restarts));
        Assert.Equal([0L, 1L, 0L], view.Children.Select(child => child.Crashes));
        Assert.Equal(1, view.RestartsInWindow);
    }

    [Fact]
    public async Task The_workers_silo_dies_and_each_worker_of_it_is_started_again_once_and_in_order()
    {
        await using var cluster = await Start(TimeSpan.Zero, workersOn: 2);
        await MoveSupervisor(cluster, silo: 0);

        await cluster.Kill(2);
        await cluster.Events.WaitFor(SupervisionEventKind.RoundFinished, Supervisor);

        await cluster.Reported();
        Assert.Equal("start one, start two, start three", string.Join(", ", cluster.Stage.Journal.Where(line => line.StartsWith("start", StringComparison.Ordinal))));
        var view = await cluster.Supervisor(Supervisor);
        Assert.Equal([1L, 1L, 1L], view.Children.Select(child => child.Restarts));
        Assert.Equal([0L, 0L, 0L], view.Children.Select(child => child.Crashes));
        Assert.Equal(0, view.RestartsInWindow);
    }

    [Fact]
    public async Task The_crashes_of_one_child_on_two_silos_count_once_each_and_leave_the_tree_right()
    {
        await using var cluster = await Start(TimeSpan.Zero, RestartStrategy.OneForOne);
        var two = cluster.Inside.GetGrain<IOtherGrain>("two");
        await cluster.On(1, two.Activation);
        cluster.Stage.Journal.Clear();
        await Assert.ThrowsAsync<InvalidOperationException>(() => two.Crash("on one silo"));
        await SupervisedCluster.Until(() => cluster.Stage.Journal.Contains("stop two"));
        await cluster.Reported();
        await two.Activation();
        var house = Enumerable.Range(0, 3).Single(silo => cluster.Houses(silo, two));
        var other = (house + 1) % 3;
        await cluster.On(other, async () =>
        {
            await two.AsReference<IGrainManagementExtension>().MigrateOnIdle(TestContext.Current.CancellationToken);
            return 0;
        });
        await SupervisedCluster.Until(() => cluster.Houses(other, two));
        await Assert.ThrowsAsync<InvalidOperationException>(() => two.Crash("on another silo"));
        await cluster.Reported();
        await two.Activation();

        var crashes = cluster.Events.All.Where(happened => happened.Kind == SupervisionEventKind.Crashed).Select(happened => happened.Crash!).ToList();
        Assert.Equal(2, crashes.Select(crash => crash.Silo).Distinct().Count());
        var child = await cluster.Child("app/work/two");
        Assert.Equal((2L, 2L, 2L), (child.Crashes, child.Restarts, child.Incarnation));
        Assert.Equal(2, (await cluster.Supervisor(Supervisor)).RestartsInWindow);
        Assert.Equal(2, (await cluster.Statistics()).TotalCrashes);
    }

    private static string Journal(SupervisedCluster cluster) => string.Join(", ", cluster.Stage.Journal.Where(line => line != "stop two"));

    private static async Task<SupervisedCluster> Start(TimeSpan first, RestartStrategy strategy = RestartStrategy.RestForOne, int workersOn = 1)
    {
        var stored = new SharedRecords(new EnvelopeSerializer(TimeProvider.System));
        var tree = strategy == RestartStrategy.RestForOne ? Tree(first) : declared => declared
            .Enforce()
            .Supervisor("work", strategy, work => work
                .Worker<IOtherGrain>("two", two => two.Restart(new RestartWithBackoff { Initial = TimeSpan.Zero, Max = TimeSpan.Zero })));
        var cluster = await SupervisedCluster.Start(
            tree,
            silos: 3,
            configure: silo => silo.Services.AddKeyedSingleton<IGrainStorage>(StorageNames.Provider, stored));
        if (strategy == RestartStrategy.RestForOne)
        {
            await cluster.On(workersOn, () => cluster.Inside.GetGrain<IShakyGrain>("one").Activation());
            await cluster.On(workersOn, () => cluster.Inside.GetGrain<IOtherGrain>("two").Activation());
            await cluster.On(workersOn, () => cluster.Inside.GetGrain<IThirdGrain>("three").Activation());
            await cluster.Housed(workersOn, workers: 3);
        }

        cluster.Stage.Journal.Clear();
        return cluster;
    }

    private static async Task MoveSupervisor(SupervisedCluster cluster, int silo)
    {
        await cluster.Deactivate<ISupervisorGrain>(Supervisor);
        await cluster.On(silo, () => cluster.Inside.GetGrain<ISupervisorGrain>(Supervisor).GetState());
    }
}
