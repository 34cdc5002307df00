using Prismatic.Events;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Cluster;

public sealed class LetItCrashTests
{
    private const string Worker = "app/work/shaky";

    internal static void Tree(SupervisionTreeBuilder tree) => tree
        .Enforce()
        .Supervisor("work", RestartStrategy.OneForOne, work => work
            .Intensity(1_000, TimeSpan.FromSeconds(5))
            .Worker<IShakyGrain>("shaky", shaky => shaky.Intensity(1_000, TimeSpan.FromSeconds(5))));

    [Fact]
    public async Task A_crash_ends_the_activation_the_caller_sees_its_own_exception_and_the_next_call_is_served_by_a_fresh_one()
    {
        await using var cluster = await SupervisedCluster.Start(Tree);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        var before = await shaky.Activation();

        var seen = await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Crash("boom"));
        var after = await shaky.Activation();
        await cluster.Reported();

        Assert.Equal("boom", seen.Message);
        Assert.NotEqual(before, after);
        var child = await cluster.Child(Worker);
        Assert.Equal((1, 1, 1), (child.Crashes, child.Restarts, child.Incarnation));
        var crash = await cluster.Events.WaitFor(SupervisionEventKind.Crashed, Worker);
        Assert.Equal(crash.CorrelationId, seen.Data[CrashMarks.Crash]);
    }

    [Fact]
    public Task Bystanders_live() => BystandersLive(Mutant.None);

    [Fact]
    public Task Bystanders_live_fails_when_the_crash_rides_in_the_deactivation_reason() =>
        MutantTests.MustFail(() => BystandersLive(Mutant.CrashReachesBystanders));

    [Fact]
    public Task The_caller_sees_its_own_exception() => CallerSeesItsOwnException(Mutant.None);

    [Fact]
    public Task The_caller_sees_its_own_exception_fails_when_the_filter_wraps_it() =>
        MutantTests.MustFail(() => CallerSeesItsOwnException(Mutant.ExceptionIsWrapped));

    private static async Task BystandersLive(Mutant mutant)
    {
        await using var cluster = await SupervisedCluster.Start(Tree, mutant: mutant);

        var answers = await CrashInFrontOfSix(cluster);

        Assert.Single(answers.Distinct());
        Assert.Equal(6, cluster.Stage.Journal.Count(line => line.StartsWith("bystander", StringComparison.Ordinal)));
    }

    private static async Task<int[]> CrashInFrontOfSix(SupervisedCluster cluster)
    {
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        var crashing = shaky.HoldThenCrash("door");
        await cluster.Stage.Arrival("door");
        var bystanders = Enumerable.Range(0, 6).Select(number => shaky.Note($"bystander {number}")).ToArray();
        await cluster.Waiting(shaky, 6);
        cluster.Stage.Open("door");
        await Assert.ThrowsAsync<InvalidOperationException>(() => crashing);
        return await Task.WhenAll(bystanders);
    }

    private static async Task CallerSeesItsOwnException(Mutant mutant)
    {
        await using var cluster = await SupervisedCluster.Start(Tree, mutant: mutant);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");

        var vendor = await Assert.ThrowsAsync<VendorException>(() => shaky.CrashWith("vendor"));

        Assert.Equal("vendor says no", vendor.Message);
        Assert.Equal("T-1", vendor.Data["ticket"]);
        Assert.Contains(nameof(ShakyGrainBase.CrashWith), vendor.StackTrace, StringComparison.Ordinal);
    }
}

internal static class MutantTests
{
    /// <summary>A test that does not fail under its mutant does not look.</summary>
    public static async Task MustFail(Func<Task> test)
    {
        var failure = await Record.ExceptionAsync(test);
        Assert.True(failure is not null, "The invariant was broken on purpose and its test passed all the same.");
        TestContext.Current.SendDiagnosticMessage($"The mutant made the test fail with: {failure.Message}");
    }
}
