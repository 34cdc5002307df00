using Orleans.Runtime;
using Prismatic.Events;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Cluster;

/// <summary>Every way in which a worker's code can fail is seen, once, and nothing else is.</summary>
public sealed class SeeingCrashesTests
{
    private const string Worker = "app/work/shaky";
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private static void Tree(SupervisionTreeBuilder tree) => tree
        .Enforce()
        .Supervisor("work", RestartStrategy.OneForOne, work => work
            .Intensity(1_000, Period)
            .Worker<IShakyGrain>("shaky", shaky => shaky.Intensity(1_000, Period)))
        .Supervisor("far", RestartStrategy.OneForOne, far => far
            .Intensity(1_000, Period)
            .Worker<IOtherGrain>("other", other => other.Intensity(1_000, Period).Expects<InvalidDataException>().Resume<KeyNotFoundException>()))
        .Supervisor("farther", RestartStrategy.OneForOne, far => far
            .Intensity(1_000, Period)
            .Workers<IThirdGrain>("third", third => third.Intensity(1_000, Period)));

    [Fact]
    public Task A_call() => SeenOnce(shaky => shaky.Crash("call"), CrashTriggerKind.Call);

    [Fact]
    public Task A_one_way_call() => SeenOnce(shaky => shaky.CrashOneWay(), CrashTriggerKind.OneWay);

    [Fact]
    public Task A_timer() => SeenOnce(shaky => shaky.StartTimer(), CrashTriggerKind.Timer);

    [Fact]
    public Task A_reminder() => SeenOnce(shaky => shaky.AsReference<IRemindable>().ReceiveReminder("tick", default), CrashTriggerKind.Reminder);

    [Fact]
    public Task An_asynchronous_enumeration() => SeenOnce(
        async shaky =>
        {
            await foreach (var _ in shaky.Count(5, crashAt: 3))
            {
            }
        },
        CrashTriggerKind.Enumeration);

    [Fact]
    public async Task A_failed_activation_is_one_crash_and_the_next_activation_serves()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        cluster.Stage.FailingActivations["shaky"] = 1;
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");

        await Assert.ThrowsAsync<InvalidDataException>(() => shaky.Activation());
        await shaky.Activation();
        await cluster.Reported();

        var child = await cluster.Child(Worker);
        Assert.Equal((1, 1), (child.Crashes, child.Restarts));
    }

    [Fact]
    public Task A_chain_of_three_grains_across_domains_is_exactly_one_crash_where_it_began() => ChainIsOneCrash(Mutant.None);

    [Fact]
    public Task A_chain_of_three_grains_is_one_crash_fails_when_every_hop_is_an_origin() =>
        MutantTests.MustFail(() => ChainIsOneCrash(Mutant.EveryHopIsOrigin));

    [Fact]
    public async Task An_exception_that_carries_a_callees_exception_as_its_cause_belongs_to_the_callee()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);

        await Assert.ThrowsAsync<AggregateException>(() => cluster.Client.GetGrain<IShakyGrain>("shaky").RelayWrapped("third"));
        await cluster.Reported();

        Assert.Equal(0, (await cluster.Child(Worker)).Crashes);
        Assert.Equal(1, (await cluster.Child("app/farther/third")).Crashes);
    }

    [Fact]
    public async Task An_argument_exception_that_names_a_parameter_of_the_method_is_the_requests_fault()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        var before = await shaky.Activation();

        await Assert.ThrowsAsync<ArgumentException>(() => shaky.Check("nobody"));

        Assert.Equal(before, await shaky.Activation());
        await cluster.Reported();
        Assert.Equal(0, (await cluster.Child(Worker)).Crashes);
    }

    [Fact]
    public async Task A_resumed_exception_is_counted_and_its_activation_goes_on()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        var other = cluster.Client.GetGrain<IOtherGrain>("other");
        var before = await other.Activation();

        await Assert.ThrowsAsync<KeyNotFoundException>(() => other.CrashWith("key"));

        Assert.Equal(before, await other.Activation());
        await cluster.Reported();
        var child = await cluster.Child("app/far/other");
        Assert.Equal((1, 0), (child.Crashes, child.Restarts));
    }

    [Fact]
    public async Task An_idle_collection_is_no_crash()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        var before = await shaky.Activation();

        await cluster.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero, TestContext.Current.CancellationToken);
        while (await shaky.Activation() == before)
        {
            await cluster.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero, TestContext.Current.CancellationToken);
        }

        await cluster.Reported();
        Assert.Equal(0, (await cluster.Child(Worker)).Crashes);
    }

    [Fact]
    public async Task In_observe_mode_a_crash_is_counted_and_nothing_is_ended()
    {
        await using var cluster = await SupervisedCluster.Start(tree => tree
            .Supervisor("work", RestartStrategy.OneForOne, work => work.Worker<IShakyGrain>("shaky")));
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        var before = await shaky.Activation();

        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Crash("business as usual"));
        }

        Assert.Equal(before, await shaky.Activation());
        await cluster.Reported();
        var child = await cluster.Child(Worker);
        Assert.Equal((10, 0), (child.Crashes, child.Restarts));
    }

    private static async Task SeenOnce(Func<IShakyGrain, Task> crash, CrashTriggerKind kind)
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        var before = await shaky.Activation();

        await Record.ExceptionAsync(() => crash(shaky));
        var seen = await cluster.Events.WaitFor(SupervisionEventKind.Crashed, Worker);
        await cluster.Events.WaitFor(SupervisionEventKind.Restarted, Worker);

        Assert.NotEqual(before, await shaky.Activation());
        await cluster.Reported();
        var child = await cluster.Child(Worker);
        Assert.Equal((1, 1), (child.Crashes, child.Restarts));
        Assert.StartsWith($"{kind}: ", seen.Text, StringComparison.Ordinal);
    }

    private static async Task ChainIsOneCrash(Mutant mutant)
    {
        await using var cluster = await SupervisedCluster.Start(Tree, mutant: mutant);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        var before = await cluster.On(0, () => shaky.Activation());
        await cluster.On(1, () => cluster.Client.GetGrain<IOtherGrain>("other").Activation());
        await cluster.On(0, () => cluster.Client.GetGrain<IThirdGrain>("last").Activation());

        var seen = await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Relay(["other", "last"]));
        await cluster.Reported();

        Assert.Equal("at the end of the chain", seen.Message);
        Assert.Equal("app/farther/third/last", seen.Data[CrashMarks.Origin]);
        Assert.Equal(0, (await cluster.Child(Worker)).Crashes);
        Assert.Equal(0, (await cluster.Child("app/far/other")).Crashes);
        Assert.Equal(1, (await cluster.Child("app/farther/third")).Crashes);
        Assert.Equal(before, await shaky.Activation());
        Assert.Equal(1, (await cluster.Statistics()).TotalCrashes);
    }
}
