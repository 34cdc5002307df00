using Microsoft.Extensions.Time.Testing;
using Prismatic.Events;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Runtime;

public sealed class RoundLeaseTests
{
    [Fact]
    public async Task A_round_that_takes_longer_than_its_lease_keeps_the_gates_shut_of_those_who_wait_for_it()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(
            tree => tree.Enforce().Configure(options => options.StartEagerly = false).Supervisor("work", RestartStrategy.OneForAll, work => work
                .Worker<IShakyGrain>("one")
                .Worker<IOtherGrain>("two", two => two.StopWithin(Shutdown.Infinity))
                .Worker<IThirdGrain>("three")),
            silos: 1,
            time: time);
        await cluster.Client.GetGrain<IShakyGrain>("one").Activation();
        await cluster.Client.GetGrain<IThirdGrain>("three").Activation();
        var held = cluster.Client.GetGrain<IOtherGrain>("two").Hold("door");
        await cluster.Stage.Arrival("door");
        cluster.Stage.Journal.Clear();

        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Client.GetGrain<IShakyGrain>("one").Crash("boom"));
        await cluster.Ending(cluster.Client.GetGrain<IOtherGrain>("two"));
        for (var second = 0; second < 90; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            if (second % 10 == 0)
            {
                cluster.Client.GetGrain<IThirdGrain>("three").Note("early").Ignore();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.DoesNotContain("early", cluster.Stage.Journal);
        Assert.Contains(cluster.Events.All, happened => happened is { Kind: SupervisionEventKind.Noticed, Subject: "app/work/two" } && happened.Text.Contains("its shutdown is Infinity", StringComparison.Ordinal));
        cluster.Stage.Open("door");
        await held;
        await cluster.Events.WaitFor(SupervisionEventKind.RoundFinished, "app/work");

        Assert.Equal("stop three, stop two, start one, start two, start three", string.Join(", ", cluster.Stage.Journal.Where(line => line is not ("stop one" or "early"))));
    }
}
