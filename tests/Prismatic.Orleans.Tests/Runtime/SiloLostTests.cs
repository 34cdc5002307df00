using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Prismatic.Events;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;
using Xunit.Sdk;

namespace Prismatic.Tests.Runtime;

public sealed class SiloLostTests
{
    private const string Supervisor = "app/work";

    private static Action<SupervisionTreeBuilder> Tree(RestartStrategy strategy = RestartStrategy.OneForOne) => tree => tree
        .Enforce()
        .Configure(options => options.StartEagerly = false)
        .Supervisor("work", strategy, work => work
            .Worker<IShakyGrain>("one")
            .Worker<IOtherGrain>("two")
            .Worker<IThirdGrain>("three")
            .Workers<IMemberGrain>("members"));

    [Fact]
    public async Task What_lived_on_a_lost_silo_is_restarted_once_outside_all_budgets_though_two_silos_tell_of_it()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(), silos: 3);
        await Populate(cluster);

        await cluster.Kill(2);
        await cluster.Events.WaitFor(SupervisionEventKind.SiloLost, Supervisor);
        await SupervisedCluster.Until(() => cluster.Stage.Journal.Count(line => line is "start two" or "start three") == 4);
        await cluster.Reported();

        var lost = Assert.Single(cluster.Events.All, happened => happened.Kind == SupervisionEventKind.SiloLost);
        Assert.Contains("2 workers and 1 members", lost.Text, StringComparison.Ordinal);
        Assert.Equal(2, cluster.Events.Count(SupervisionEventKind.Restarted));
        var view = await cluster.Supervisor(Supervisor);
        Assert.Equal([0L, 1L, 1L], view.Children.Take(3).Select(child => child.Restarts));
        Assert.Equal([0L, 1L, 1L], view.Children.Take(3).Select(child => child.Incarnation));
        Assert.All(view.Children, child => Assert.Equal((0L, 0), (child.Crashes, child.RecentRestarts)));
        Assert.Equal(0, view.RestartsInWindow);
        Assert.Empty(view.Hotspots);
        Assert.Equal(1, cluster.Stage.Journal.Count(line => line == "start one"));
    }

    [Fact]
    public async Task Under_rest_for_one_those_behind_a_lost_worker_restart_with_it_in_order_and_once()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(RestartStrategy.RestForOne), silos: 3);
        await Populate(cluster);

        await cluster.Kill(2);
        await cluster.Events.WaitFor(SupervisionEventKind.RoundFinished, Supervisor);
        await cluster.Reported();

        Assert.Equal("start one, start two, start three, start two, start three", string.Join(", ", cluster.Stage.Journal.Where(line => line.StartsWith("start", StringComparison.Ordinal) && !line.Contains("member", StringComparison.Ordinal))));
        var view = await cluster.Supervisor(Supervisor);
        Assert.Equal([0L, 1L, 1L], view.Children.Take(3).Select(child => child.Restarts));
        Assert.All(view.Children, child => Assert.Equal(0, child.RecentRestarts));
        Assert.Equal(0, view.RestartsInWindow);
    }

    [Fact]
    public Task A_silo_that_stops_in_order_takes_nothing_with_it() => StopInOrder(Mutant.None);

    [Fact]
    public async Task That_a_silo_that_stops_in_order_counts_as_lost_would_be_seen() =>
        await Assert.ThrowsAnyAsync<XunitException>(() => StopInOrder(Mutant.LeavingIsLoss));

    [Fact]
    public void What_has_come_up_elsewhere_since_was_not_lost_and_an_empty_silo_loses_nothing()
    {
        var lost = Inventory(1, "a/one", "a/two", "b/three");
        var alive = new[] { Inventory(2, "a/two"), Inventory(3) };

        var sweep = SiloSweep.Of(lost, alive, path => path == "b/three" ? null : ChildPath.Parent(path)).ToList();

        var (supervisor, loss) = Assert.Single(sweep);
        Assert.Equal(("a", "a/one"), (supervisor, Assert.Single(loss.Workers).Path));
        Assert.Empty(SiloSweep.Of(Inventory(4), alive, ChildPath.Parent));
    }

    private static SiloInventory Inventory(int generation, params string[] workers) => new()
    {
        Silo = SiloAddress.New(System.Net.IPAddress.Loopback, 11111, generation),
        Version = 1,
        Workers = [.. workers.Select(path => new HousedWorker { Path = path, ActivationId = "x" })],
    };

    private static async Task StopInOrder(Mutant mutant)
    {
        await using var cluster = await SupervisedCluster.Start(Tree(), silos: 3, mutant: mutant);
        await Populate(cluster);
        var stopped = cluster.Silos[2].SiloAddress;
        var membership = cluster.Services(0).GetRequiredService<IClusterMembershipService>();
        var other = cluster.Services(1).GetRequiredService<SiloInventories>();

        await cluster.Stop(2);
        await SupervisedCluster.Until(() => membership.CurrentSnapshot.GetSiloStatus(stopped) == SiloStatus.Dead
            && cluster.Services(0).GetRequiredService<SiloInventories>().Of(stopped) is null
            && other.Of(stopped) is null);
        await cluster.Reported();
        await cluster.Client.GetGrain<IOtherGrain>("two").Activation();

        Assert.Equal(0, cluster.Events.Count(SupervisionEventKind.SiloLost));
        Assert.Equal(0, cluster.Events.Count(SupervisionEventKind.Restarted));
        Assert.Equal(0, cluster.Events.Count(SupervisionEventKind.Crashed));
        Assert.Equal(0, (await cluster.Child("app/work/two")).Restarts);
    }

    /// <summary>The first worker on the first silo; the others and a member on the third; returns when the others know.</summary>
    private static async Task Populate(SupervisedCluster cluster)
    {
        await cluster.On(0, () => cluster.Inside.GetGrain<IShakyGrain>("one").Activation());
        await cluster.On(2, () => cluster.Inside.GetGrain<IOtherGrain>("two").Activation());
        await cluster.On(2, () => cluster.Inside.GetGrain<IThirdGrain>("three").Activation());
        await cluster.On(2, () => cluster.Inside.GetGrain<IMemberGrain>("member").Activation());
        var third = cluster.Silos[2].SiloAddress;
        for (var silo = 0; silo < 2; silo++)
        {
            var inventories = cluster.Services(silo).GetRequiredService<SiloInventories>();
            await SupervisedCluster.Until(() => inventories.Of(third) is { Workers.Length: 2, Members: [{ Count: 1 }] });
        }
    }
}
