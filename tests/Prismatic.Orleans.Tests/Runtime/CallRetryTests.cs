using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Prismatic.Events;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Runtime;

public sealed class CallRetryTests
{
    private const string Worker = "app/work/third";
    private static readonly GrainId Called = GrainId.Create("called", "a");
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(ChildStatus.BackingOff, true)]
    [InlineData(ChildStatus.Restarting, true)]
    [InlineData(ChildStatus.Hung, true)]
    [InlineData(ChildStatus.Quarantined, false)]
    [InlineData(ChildStatus.Stopped, false)]
    public void A_call_that_a_gate_refused_is_sent_again_unless_its_child_is_stopped_or_quarantined(ChildStatus status, bool expected) =>
        Assert.Equal(expected, CallRetry.NeverStarted(new ChildUnavailableException("a", status, Second) { Grain = Called }, Called));

    [Fact]
    public void A_refusal_of_another_grain_comes_from_within_a_call_that_started() =>
        Assert.False(CallRetry.NeverStarted(new ChildUnavailableException("b", ChildStatus.BackingOff, Second) { Grain = GrainId.Create("called", "b") }, Called));

    [Fact]
    public void A_refusal_that_has_travelled_through_a_turn_comes_from_within_a_call_that_started()
    {
        var refusal = new ChildUnavailableException("a", ChildStatus.BackingOff, Second) { Grain = Called };
        CrashOrigin.Mark(refusal, CrashMarks.Started, "a");

        Assert.False(CallRetry.NeverStarted(refusal, Called));
    }

    [Fact]
    public void Without_a_hint_when_to_try_again_nothing_is_sent_again() =>
        Assert.False(CallRetry.NeverStarted(new ChildUnavailableException("a", ChildStatus.BackingOff, null) { Grain = Called }, Called));

    [Theory]
    [InlineData("Forwarding failed: tried to forward message 2 times", true)]
    [InlineData("Target silo is known to be dead Orleans.Runtime.SiloUnavailableException", true)]
    [InlineData("Silo stopping ", true)]
    [InlineData("Exception while sending message: Orleans.Runtime.Messaging.ConnectionFailedException: Unable to connect to S127.0.0.1:1:1", true)]
    [InlineData("Exception while sending message: System.IO.IOException: Broken pipe", false)]
    [InlineData("The target silo became unavailable for message", false)]
    [InlineData("the worker says: Silo stopping", false)]
    public void A_rejection_is_sent_again_only_where_it_proves_that_nothing_was_delivered(string rejection, bool expected) =>
        Assert.Equal(expected, CallRetry.WasNotDelivered(rejection, Called));

    [Fact]
    public void Orleans_own_services_find_their_own_way_around_a_silo_that_cannot_be_reached() => Assert.False(CallRetry.WasNotDelivered(
        "Exception while sending message: Orleans.Runtime.Messaging.ConnectionFailedException: Unable to connect to S127.0.0.1:1:1", GrainId.Create("sys.svc.directory", "a")));

    [Theory]
    [InlineData(1, 0, 1_000, 1_000)]
    [InlineData(3, 0, 1_000, 1_000)]
    [InlineData(4, 0, 1_000, null)]
    [InlineData(1, 9_000, 1_000, 1_000)]
    [InlineData(1, 9_001, 1_000, null)]
    [InlineData(1, 0, 10_001, null)]
    [InlineData(1, 0, 0, 10)]
    public void A_wait_is_granted_up_to_four_attempts_and_ten_seconds_in_all(int attempts, int waitedMs, int hintMs, int? expectedMs) =>
        Assert.Equal(
            expectedMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
            CallRetry.NextWait(new CallRetryOptions(), attempts, TimeSpan.FromMilliseconds(waitedMs), TimeSpan.FromMilliseconds(hintMs)));

    [Fact]
    public void One_attempt_is_none_more() =>
        Assert.Null(CallRetry.NextWait(new CallRetryOptions { MaxAttempts = 1 }, 1, TimeSpan.Zero, TimeSpan.Zero));

    private static void Tree(SupervisionTreeBuilder tree) => tree
        .Enforce()
        .Configure(options => options.GateWait = TimeSpan.Zero)
        .Supervisor("work", RestartStrategy.OneForOne, work => work
            .Worker<IOtherGrain>("other")
            .Worker<IThirdGrain>("third", third => third.Restart(new RestartWithBackoff { First = TimeSpan.FromMilliseconds(50) })));

    [Fact]
    public async Task A_refused_call_is_sent_again_from_a_client_with_its_arguments_and_runs_once()
    {
        await using var cluster = await SupervisedCluster.Start(Tree, silos: 1);
        var third = cluster.Client.GetGrain<IThirdGrain>("third");
        await Assert.ThrowsAsync<InvalidOperationException>(() => third.Crash("boom"));

        await third.Note("from outside");

        Assert.Single(cluster.Stage.Journal, "from outside");
    }

    [Fact]
    public async Task A_refused_call_is_sent_again_within_a_silo_where_caller_and_child_share_the_request()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree, silos: 1, time: time);
        var third = cluster.Inside.GetGrain<IThirdGrain>("third");
        await third.Activation();
        await Stop(cluster, ChildStatus.BackingOff);

        using var refusals = new Refusals(cluster.Services(0));
        var call = third.Note("from inside");
        await SupervisedCluster.Until(() => refusals.Count > 0);
        while (!call.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken));
        }

        await call;
        Assert.Single(cluster.Stage.Journal, "from inside");
    }

    [Fact]
    public async Task A_call_that_started_and_met_a_refusal_further_on_is_not_sent_again()
    {
        await using var cluster = await SupervisedCluster.Start(tree =>
        {
            Tree(tree);
            tree.Configure(options => options.Retries.MaxAttempts = 1);
        }, silos: 1);
        var other = cluster.Client.GetGrain<IOtherGrain>("other");
        var third = cluster.Client.GetGrain<IThirdGrain>("third");
        await third.Activation();
        await Stop(cluster, ChildStatus.BackingOff);
        using var refusals = new Refusals(cluster.Services(0));

        await Assert.ThrowsAsync<ChildUnavailableException>(() => other.Relay(["third"]));

        Assert.Equal(1, refusals.Count);
        Assert.Equal(0, cluster.Events.Count(SupervisionEventKind.Crashed));
    }

    /// <summary>Shuts the gate of a live activation, whose filter then refuses.</summary>
    private static async Task Stop(SupervisedCluster cluster, ChildStatus status) =>
        await cluster.Agents.Apply(
        [
            new Directive
            {
                Path = Worker,
                Supervisor = "test",
                Grain = cluster.Client.GetGrain<IThirdGrain>("third").GetGrainId(),
                Version = 1,
                Status = status,
                Wait = Second,
                VerifyFor = Second,
            },
        ]);

    /// <summary>Counts the calls that the gates of one silo refused.</summary>
    private sealed class Refusals : IDisposable
    {
        private readonly MeterListener _listener = new();
        private int _count;

        public Refusals(IServiceProvider silo)
        {
            var meters = silo.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "prismatic.supervision.refused" && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, refused, _, _) => Interlocked.Add(ref _count, (int)refused));
            _listener.Start();
        }

        public int Count => Volatile.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
