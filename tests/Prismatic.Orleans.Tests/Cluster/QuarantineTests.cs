using Microsoft.Extensions.Time.Testing;
using Prismatic.Events;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Cluster;

/// <summary>Invariant 7 and the budgets: what crashes too often is shut, alone.</summary>
public sealed class QuarantineTests
{
    private static void Tree(SupervisionTreeBuilder tree) => tree
        .Enforce()
        .Configure(options => options.DefaultRestart = new RestartWithBackoff { Initial = TimeSpan.Zero, Max = TimeSpan.Zero })
        .Supervisor("storm", RestartStrategy.OneForOne, storm => storm
            .Worker<IShakyGrain>("shaky")
            .Workers<IMemberGrain>("members"))
        .Supervisor("calm", RestartStrategy.OneForOne, calm => calm
            .Worker<IOtherGrain>("other")
            .Workers<IThirdGrain>("third"));

    [Fact]
    public async Task With_default_budgets_the_fourth_crash_in_five_seconds_quarantines_this_child_and_nothing_else()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree, silos: 1, time: time);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        for (var crash = 0; crash < 4; crash++)
        {
            Assert.NotEqual(ChildStatus.Quarantined, (await cluster.Child("app/storm/shaky")).Status);
            await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Crash("boom"));
            await cluster.Reported();
        }

        var refused = await Assert.ThrowsAsync<ChildUnavailableException>(() => shaky.Activation());
        await cluster.Client.GetGrain<IMemberGrain>("m").Activation();
        await cluster.Client.GetGrain<IOtherGrain>("other").Activation();

        var child = await cluster.Child("app/storm/shaky");
        Assert.Equal((ChildStatus.Quarantined, 4L, 3L), (child.Status, child.Crashes, child.Restarts));
        Assert.Equal(refused.Ticket, child.Ticket);
        Assert.Equal(1, cluster.Events.Count(SupervisionEventKind.Quarantined));
        Assert.Equal(ChildStatus.Up, (await cluster.Supervisor("app/storm")).Status);
    }

    [Fact]
    public async Task A_quarantined_child_is_tried_again_and_a_crash_on_trial_doubles_the_quarantine()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree, silos: 1, time: time);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await Crash(cluster, shaky, 4);

        time.Advance(TimeSpan.FromSeconds(5));
        await Crash(cluster, shaky, 1);
        var second = await cluster.Child("app/storm/shaky");
        time.Advance(TimeSpan.FromSeconds(10));
        await shaky.Activation();

        Assert.Equal(ChildStatus.Quarantined, second.Status);
        Assert.Equal(TimeSpan.FromSeconds(10), second.AvailableIn);
    }

    [Fact]
    public Task A_storm_in_one_domain_shuts_that_domain_and_no_other() => StormStaysInItsDomain(Mutant.None);

    [Fact]
    public Task A_storm_in_one_domain_fails_when_its_quarantine_shuts_the_tree() =>
        MutantTests.MustFail(() => StormStaysInItsDomain(Mutant.QuarantineShutsTree));

    private static async Task StormStaysInItsDomain(Mutant mutant)
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree, mutant: mutant, time: time);
        var calm = cluster.Client.GetGrain<IOtherGrain>("other");
        var before = await calm.Activation();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(async member =>
            await Record.ExceptionAsync(() => cluster.Client.GetGrain<IMemberGrain>($"member {member}").Crash("storm"))));
        await cluster.Events.WaitFor(SupervisionEventKind.Quarantined, "app/storm");
        await cluster.Reported();

        Assert.Equal(before, await calm.Activation());
        Assert.Equal(0, (await cluster.Supervisor("app/calm")).Children.Sum(child => child.Crashes + child.Restarts));
        Assert.Equal(ChildStatus.Up, (await cluster.Supervisor("app/calm")).Status);
        Assert.Equal(ChildStatus.Quarantined, (await cluster.Supervisor("app/storm")).Status);
        await Assert.ThrowsAsync<ChildUnavailableException>(() => cluster.Client.GetGrain<IShakyGrain>("shaky").Activation());

        time.Advance(TimeSpan.FromSeconds(6));
        await cluster.Client.GetGrain<IShakyGrain>("shaky").Activation();
    }

    private static async Task Crash(SupervisedCluster cluster, IShakyGrain grain, int times)
    {
        for (var crash = 0; crash < times; crash++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => grain.Crash("boom"));
            await cluster.Reported();
        }
    }
}
