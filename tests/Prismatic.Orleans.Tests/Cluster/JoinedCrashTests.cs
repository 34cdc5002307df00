using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Prismatic.Breakers;
using Prismatic.Events;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Cluster;

/// <summary>Two turns of one reentrant activation fail: one crash, and each failure's own remedy outside the child.</summary>
public sealed class JoinedCrashTests
{
    [Fact]
    public async Task Two_targets_that_refuse_one_activation_are_one_crash_and_two_open_breakers()
    {
        await using var cluster = await SupervisedCluster.Start(
            tree => tree.Enforce().Supervisor("work", RestartStrategy.OneForOne, work => work.Worker<IFetcherGrain>("fetcher")),
            silos: 1);
        var fetcher = cluster.Client.GetGrain<IFetcherGrain>("fetcher");
        var one = fetcher.Fetch("source:one");
        var two = fetcher.Fetch("source:two");
        await cluster.Stage.Arrival("source:one");
        await cluster.Stage.Arrival("source:two");

        cluster.Stage.Open("source:one");
        await Assert.ThrowsAsync<SocketException>(() => one);
        cluster.Stage.Open("source:two");
        await Assert.ThrowsAsync<SocketException>(() => two);
        await cluster.Reported();

        var breakers = cluster.Services(0).GetRequiredService<BreakerTable>();
        Assert.True(breakers.IsOpen("source:one", out _));
        Assert.True(breakers.IsOpen("source:two", out _));
        Assert.Equal(1, (await cluster.Child("app/work/fetcher")).Crashes);
        Assert.Equal(1, cluster.Events.Count(SupervisionEventKind.Crashed));
    }
}

public interface IFetcherGrain : IGrainWithStringKey
{
    Task<int> Fetch(string target);
}

[Reentrant]
internal sealed class FetcherGrain(Stage stage, ICircuitBreakers breakers) : Grain, IFetcherGrain
{
    public Task<int> Fetch(string target) => breakers.Execute<int>(target, async _ =>
    {
        await stage.At(target);
        throw new SocketException((int)SocketError.ConnectionRefused);
    });
}
