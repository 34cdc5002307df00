using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Runtime;

public sealed class LiveActivationsTests
{
    private const string Family = "app/work/members";

    [Fact]
    public async Task The_members_of_a_family_are_counted_as_they_come_crash_and_go()
    {
        await using var cluster = await SupervisedCluster.Start(
            tree => tree.Enforce().Supervisor("work", RestartStrategy.OneForOne, work => work.Workers<IMemberGrain>("members")),
            silos: 1);
        var live = cluster.Services(0).GetRequiredService<LiveActivations>();
        string[] keys = ["a", "b", "c"];
        Assert.Empty(live.Families);

        foreach (var key in keys)
        {
            await Member(key).Activation();
        }

        Assert.Equal([(Family, 3)], live.Families);

        await Assert.ThrowsAsync<InvalidOperationException>(() => Member("a").Crash("once"));
        await SupervisedCluster.Until(() => live.Families.SequenceEqual([(Family, 2)]));
        await Member("a").Activation();
        Assert.Equal([(Family, 3)], live.Families);

        foreach (var key in keys)
        {
            await Member(key).AsReference<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);
        }

        await SupervisedCluster.Until(() => !live.Families.Any());
        Assert.Equal(0, live.Count);

        IMemberGrain Member(string key) => cluster.Client.GetGrain<IMemberGrain>(key);
    }

    [Fact]
    public void None_is_said_to_start_where_Orleans_does_not_tell_which_activations_come_up()
    {
        var hooks = new HookStatus();
        LiveActivation[] made = [new(null!, null!)];
        Assert.Equal(0, LiveActivations.Starting(made, hooks));

        hooks.ActivationSeen();
        Assert.Equal(1, LiveActivations.Starting(made, hooks));

        made[0].Started = true;
        Assert.Equal(0, LiveActivations.Starting(made, hooks));
    }
}
