using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Prismatic.Events;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Cluster;

/// <summary>Tests that look at the memory of the whole process run alone.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>Many crashes: every caller answered, every count exact, nothing left behind.</summary>
[Collection(nameof(Alone))]
public sealed class StormTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private static readonly RestartWithBackoff AtOnce = new() { Initial = TimeSpan.Zero, Max = TimeSpan.Zero, GiveUpAfter = 0 };

    /// <summary>No remedy waits, also none that is tried because nothing helps: the clock of these tests stands still during a storm.</summary>
    private static void Tree(SupervisionTreeBuilder tree) => tree
        .Enforce()
        .Configure(options => options.DefaultRestart = AtOnce)
        .Rule(new RemediationRule { Id = "storm", Pattern = new CrashPattern { ExceptionType = typeof(InvalidOperationException).FullName }, Action = AtOnce })
        .Supervisor("storm", RestartStrategy.OneForOne, storm => storm
            .Intensity(100_000, Period)
            .Worker<IShakyGrain>("shaky", shaky => shaky.Intensity(100_000, Period))
            .Workers<IMemberGrain>("members", members => members.Intensity(100_000, Period)));

    [Fact]
    public async Task A_thousand_crashes_of_one_worker_are_a_thousand_answers_and_a_thousand_restarts()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree, time: time);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");

        for (var crash = 0; crash < 1_000; crash++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Crash($"number {crash}"));
            if (crash % 100 == 99)
            {
                // The lessons hear of the storm while it goes on; whatever they make of it, nobody may begin to wait for a clock that stands.
                await cluster.Reported();
            }
        }

        await cluster.Reported();
        var child = await cluster.Child("app/storm/shaky");
        Assert.Equal((1_000L, 1_000L, 1_000L), (child.Crashes, child.Restarts, child.Incarnation));
        Assert.Equal(1_000, (await cluster.Statistics()).TotalCrashes);
        var hotspot = Assert.Single((await cluster.Health()).Hotspots);
        Assert.Equal("app/storm/shaky", hotspot.Path);
        await TablesBecomeEmpty(cluster);
    }

    /// <summary>
    /// The pools of Orleans' serializer and of the test's own storage and transport grow until they have met the largest message, so that
    /// the first storms enlarge the heap without anything being kept: a walk of the heap showed byte buffers and no grain. What is kept for
    /// each child would enlarge it with every storm.
    /// </summary>
    [Fact]
    public async Task Ten_thousand_children_crashed_once_each_are_counted_exactly_and_the_live_heap_stops_growing()
    {
        const int MostStorms = 6;
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree, time: time);
        var heaps = new List<long>();
        do
        {
            await Storm(cluster, $"storm {heaps.Count}", 10_000);
            await TablesBecomeEmpty(cluster);
            heaps.Add(GC.GetTotalMemory(forceFullCollection: true));
        }
        while (heaps.Count < MostStorms && (heaps.Count < 2 || heaps[^1] > heaps[^2] * 1.1));

        var crashes = heaps.Count * 10_000L;
        var family = await cluster.Child("app/storm/members");
        Assert.Equal((crashes, crashes), (family.Crashes, family.Restarts));
        Assert.Equal(crashes, (await cluster.Statistics()).TotalCrashes);
        Assert.Equal(2, (await cluster.Supervisor("app/storm")).Children.Length);
        Assert.True(heaps[^1] <= heaps[^2] * 1.1, $"The live heap grew with every storm: {string.Join(", ", heaps.Select(heap => $"{heap / 1e6:0} MB"))}.");
        TestContext.Current.SendDiagnosticMessage($"Live heap after each storm: {string.Join(", ", heaps.Select(heap => $"{heap / 1e6:0} MB"))}.");
    }

    private static async Task Storm(SupervisedCluster cluster, string name, int members)
    {
        await Parallel.ForAsync(0, members, new ParallelOptions { MaxDegreeOfParallelism = 200 }, async (member, _) =>
        {
            var grain = cluster.Client.GetGrain<IMemberGrain>($"{name}-{member}");
            await Assert.ThrowsAsync<InvalidOperationException>(() => grain.Crash("storm"));
        });
        await cluster.Reported();
        cluster.Stage.Journal.Clear();
        cluster.Events.Clear();
    }

    /// <summary>After the verification window nothing is remembered of healthy children but their counts.</summary>
    private static async Task TablesBecomeEmpty(SupervisedCluster cluster)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (cluster.Gates() > 0 || cluster.Services(0).GetRequiredService<ResetOrders>().Count > 0)
        {
            cluster.Time!.Advance(TimeSpan.FromSeconds(61));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }

        // What the test itself wrote down.
        cluster.Stage.Journal.Clear();
        cluster.Events.Clear();
    }
}
