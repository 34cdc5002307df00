using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;
using Prismatic.Tests.Storage;
using Xunit;

namespace Prismatic.Tests.Cluster;

/// <summary>A rolling upgrade in which the new version has another tree: a supervisor more, and a worker more under an old one.</summary>
public sealed class TwoTreesTests
{
    [Fact]
    public async Task The_tree_that_was_there_first_stays_in_force_and_the_newer_one_follows_when_its_last_silo_has_left()
    {
        var started = 0;
        var stored = new SharedRecords(new EnvelopeSerializer(TimeProvider.System));
        await using var cluster = await SupervisedCluster.Start(
            tree => Declare(tree, newer: Interlocked.Increment(ref started) > 1),
            silos: 1,
            configure: silo => silo.Services.AddKeyedSingleton<IGrainStorage>(StorageNames.Provider, stored));
        await cluster.Supervisor("app/work");
        await cluster.Join();
        await cluster.Join();
        await SupervisedCluster.Until(() => Enumerable.Range(1, 2).All(silo => Knows(cluster, silo, 0)) && Knows(cluster, 0, 1) && Knows(cluster, 0, 2));

        // What only the newer tree has is looked after at once, on the silos that know it.
        await cluster.On(1, () => cluster.Inside.GetGrain<IThirdGrain>("three").Activation());
        await cluster.On(2, () => cluster.Inside.GetGrain<IOtherGrain>("two").Activation());
        Assert.Equal(["app/more/three"], (await cluster.Supervisor("app/more")).Children.Select(child => child.Path));
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Client.GetGrain<IThirdGrain>("three").Crash("boom"));
        await cluster.Reported();
        Assert.Equal(1, (await cluster.Child("app/more/three")).Crashes);

        // An activation of the old supervisor stays with the old tree, and a crash of a child that it does not know hurts nobody.
        await cluster.Deactivate<ISupervisorGrain>("app/work");
        Assert.Equal(["app/work/one"], (await cluster.Supervisor("app/work")).Children.Select(child => child.Path));
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Client.GetGrain<IOtherGrain>("two").Crash("boom"));
        Assert.NotEqual(default, await cluster.Client.GetGrain<IOtherGrain>("two").Activation());
        await cluster.Reported();

        var newer = cluster.Services(1).GetRequiredService<IGrainFactory>();
        await cluster.Stop(0);

        Assert.Equal(["app/work/one", "app/work/two"], (await newer.GetGrain<ISupervisorGrain>("app/work").GetState()).Children.Select(child => child.Path));
        Assert.Equal(1, Assert.Single((await newer.GetGrain<ISupervisorGrain>("app/more").GetState()).Children).Crashes);
    }

    [Fact]
    public async Task A_child_that_only_the_newer_tree_has_is_started_when_the_last_silo_of_the_older_one_has_left()
    {
        var started = 0;
        var stored = new SharedRecords(new EnvelopeSerializer(TimeProvider.System));
        await using var cluster = await SupervisedCluster.Start(
            tree =>
            {
                Declare(tree, newer: Interlocked.Increment(ref started) > 1);
                tree.Configure(options => options.StartEagerly = true);
            },
            silos: 1,
            configure: silo => silo.Services.AddKeyedSingleton<IGrainStorage>(StorageNames.Provider, stored));
        await SupervisedCluster.Until(() => cluster.Stage.Journal.Contains("start one"));
        await cluster.Join();
        await SupervisedCluster.Until(() => Knows(cluster, 1, 0) && Knows(cluster, 0, 1));
        Assert.DoesNotContain("start two", cluster.Stage.Journal);

        await cluster.Stop(0);

        await SupervisedCluster.Until(() => cluster.Stage.Journal.Contains("start two"));
    }

    [Theory]
    [InlineData("work", "1:old 2:old 3:new", "1 2")]
    [InlineData("more", "1:old 2:old 3:new", "3")]
    [InlineData("work", "3:new", "3")]
    [InlineData("work", "1:new 2:old", "1")]
    [InlineData("work", "1:? 2:old 3:new", "1 2")]
    [InlineData("more", "1:old 2:old", "1 2")]
    [InlineData("more", "1:? 2:old", "1")]
    public void A_supervisor_lives_where_its_path_is_known_with_the_tree_of_the_silo_that_is_there_longest(string supervisor, string silos, string chosen)
    {
        var candidates = silos.Split(' ').Select(text => text.Split(':')).Select(parts => (SiloAddress.New(System.Net.IPAddress.Loopback, 1, int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture)), TreeOf(parts[1]))).ToList();

        Assert.Equal(chosen, string.Join(' ', TreePlacement.Choose(supervisor, candidates).Select(silo => silo.Generation)));
    }

    private static SiloTree? TreeOf(string name) => name switch
    {
        "old" => new SiloTree { Fingerprint = "old", Supervisors = ["work"] },
        "new" => new SiloTree { Fingerprint = "new", Supervisors = ["work", "more"] },
        _ => null,
    };

    private static bool Knows(SupervisedCluster cluster, int silo, int other) =>
        cluster.Services(silo).GetRequiredService<SiloInventories>().Of(cluster.Silos[other].SiloAddress)?.Tree is not null;

    private static void Declare(SupervisionTreeBuilder tree, bool newer)
    {
        tree.Enforce().Supervisor("work", RestartStrategy.OneForOne, work =>
        {
            work.Worker<IShakyGrain>("one");
            if (newer)
            {
                work.Worker<IOtherGrain>("two");
            }
        });
        if (newer)
        {
            tree.Supervisor("more", RestartStrategy.OneForOne, more => more.Worker<IThirdGrain>("three"));
        }
    }
}
