using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Prismatic.Events;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;
using Xunit.Sdk;

namespace Prismatic.Tests.Runtime;

/// <summary>A supervisor ends a child: in time, or by killing what does not end.</summary>
public sealed class OrderedEndTests
{
    private const string Worker = "app/work/slow";

    private static void Tree(SupervisionTreeBuilder tree) => tree
        .Enforce()
        .Supervisor("work", RestartStrategy.OneForOne, work => work.Worker<ISlowGrain>("slow"));

    [Fact]
    public async Task A_turn_that_ends_within_the_limit_ends_in_time_and_nobody_is_killed()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        var slow = cluster.Client.GetGrain<ISlowGrain>("slow");
        var turn = slow.HoldThenStore("door", 7);
        await cluster.Stage.Arrival("door");

        var ending = End(cluster, TimeSpan.FromSeconds(5));
        cluster.Stage.Open("door");
        await turn;
        var answers = await ending;

        Assert.Equal((1, 0), (answers.Receipts.Sum(receipt => receipt.EndedInTime), answers.Receipts.Sum(receipt => receipt.Others.Length)));
        Assert.Empty(answers.Unknown);
        Assert.Equal(7, await slow.Stored());
        Assert.Equal(0, cluster.Events.Count(SupervisionEventKind.Exited));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public Task A_turn_that_outlasts_its_limit_is_left_behind_its_write_is_refused_and_its_late_end_counts_for_nothing(int limitMs) =>
        KillAndEndLate(limitMs, Mutant.None);

    [Fact]
    public async Task That_what_was_left_behind_goes_on_writing_would_be_seen() =>
        await Assert.ThrowsAnyAsync<XunitException>(() => KillAndEndLate(0, Mutant.LeftBehindGoesOn));

    [Fact]
    public async Task Without_a_limit_the_turn_is_waited_for_and_the_answer_says_after_ten_seconds_that_it_still_runs()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree, silos: 1, time: time);
        var turn = cluster.Client.GetGrain<ISlowGrain>("slow").HoldThenStore("door", 7);
        await cluster.Stage.Arrival("door");

        var first = End(cluster, limit: null);
        await cluster.Ending(cluster.Client.GetGrain<ISlowGrain>("slow"));
        while (!first.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(first, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken));
        }

        var running = Assert.Single((await first).Running);
        var second = End(cluster, limit: null);
        cluster.Stage.Open("door");
        await turn;

        Assert.Equal((Worker, EndKind.Running), (running.Child, running.How));
        Assert.Empty((await second).Running);
        Assert.Equal(0, cluster.Events.Count(SupervisionEventKind.Exited));
    }

    private static async Task KillAndEndLate(int limitMs, Mutant mutant)
    {
        await using var cluster = await SupervisedCluster.Start(Tree, mutant: mutant);
        var slow = cluster.Client.GetGrain<ISlowGrain>("slow");
        var before = await slow.Activation();
        var late = slow.HoldThenStore("door", 7);
        await cluster.Stage.Arrival("door");
        var waiting = slow.Activation();

        var answers = await End(cluster, TimeSpan.FromMilliseconds(limitMs));

        // The call that waited may have activated the grain on the other silo before that one was told: then both were ended.
        var killed = answers.Killed.ToList();
        Assert.InRange(killed.Count, 1, 2);
        Assert.All(killed, ended => Assert.Equal(Worker, ended.Child));
        Assert.NotEqual(before, await waiting);
        Assert.NotEqual(before, await slow.Activation());
        Assert.Equal(0, await slow.Stored());
        cluster.Stage.Open("door");
        await Assert.ThrowsAsync<StateFencedException>(() => late);
        await cluster.Reported();
        Assert.Equal(0, (await cluster.Child(Worker)).Crashes);
        Assert.Equal(killed.Count, cluster.Events.Count(SupervisionEventKind.Exited, Worker));
    }

    private static Task<DirectiveAnswers> End(SupervisedCluster cluster, TimeSpan? limit) =>
        cluster.Services(0).GetRequiredService<SiloAgents>().Apply(
        [
            new Directive
            {
                Path = Worker,
                Grain = cluster.Client.GetGrain<ISlowGrain>("slow").GetGrainId(),
                Version = 1,
                Status = ChildStatus.Idle,
                EndActivations = true,
                ShutdownLimit = limit,
            },
        ]);
}
