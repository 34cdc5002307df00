using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Prismatic.Mailbox;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Mailbox;

/// <summary>
/// The mailbox mechanism that the filter will carry, decided by this spike. A call is judged when it comes to the head of the runtime's own
/// queue: while more calls wait than the limit allows, a low-priority call at the head is refused there, which costs microseconds, so that a
/// critical call passes a thousand low ones at once. Nothing is reordered and no grain has to be reentrant. A reentrant grain with a queue of
/// its own in the filter was the alternative: it can drop a call that waits in the middle, and pays with deadlocks of call chains, parked
/// calls that shut-down waits for, and cancellation that cannot reach them.
/// </summary>
public sealed class HeadOfLineSheddingTests
{
    private const string Priority = "test-priority";

    [Fact]
    public async Task When_a_thousand_calls_wait_low_ones_are_refused_and_a_critical_one_behind_them_is_served()
    {
        await using var cluster = await SupervisedCluster.Start(
            tree => tree.Enforce().Supervisor("work", RestartStrategy.OneForOne, work => work.Worker<IShakyGrain>("shaky")),
            silos: 1,
            configure: silo => silo.AddIncomingGrainCallFilter<ShedLowAtTheHead>());
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        var running = shaky.Hold("door");
        await cluster.Stage.Arrival("door");
        var low = Enumerable.Range(0, 1_100).Select(number => With("low", () => shaky.Note($"low {number}"))).ToArray();
        await cluster.Waiting(shaky, 1_100);
        var critical = With("critical", () => shaky.Note("critical"));
        await cluster.Waiting(shaky, 1_101);

        cluster.Stage.Open("door");
        await running;
        await critical;
        var outcomes = await Task.WhenAll(low.Select(async call => await Record.ExceptionAsync(() => call)));

        Assert.Contains("critical", cluster.Stage.Journal);
        Assert.Equal(101, outcomes.Count(outcome => outcome is ChildUnavailableException));
        Assert.Equal(999, cluster.Stage.Journal.Count(line => line.StartsWith("low", StringComparison.Ordinal)));
    }

    private static Task<int> With(string priority, Func<Task<int>> call)
    {
        RequestContext.Set(Priority, priority);
        var started = call();
        RequestContext.Remove(Priority);
        return started;
    }

    private sealed class ShedLowAtTheHead : IIncomingGrainCallFilter
    {
        private const int Limit = 1_000;

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (RequestContext.Get(Priority) is not "low" || WaitingCount.Of(context.TargetContext) < Limit)
            {
                return context.Invoke();
            }

            context.Response = Response.FromException(new ChildUnavailableException(context.TargetId.ToString(), ChildStatus.Up, TimeSpan.FromSeconds(1)));
            return Task.CompletedTask;
        }
    }
}
