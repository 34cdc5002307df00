using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Prismatic.Breakers;
using Prismatic.Control;
using Prismatic.Introspection;
using Prismatic.Storage;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Prismatic.Tests.Lessons;
using Xunit;

namespace Prismatic.Tests.Control;

public sealed class OperatorClusterTests
{
    private const string Child = "app/work/shaky";

    private readonly StoredBytes _stored = new();

    [Fact]
    public async Task An_action_names_the_incarnation_it_saw_is_carried_out_once_and_is_refused_when_there_is_another()
    {
        await using var cluster = await Start();
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        var activation = await shaky.Activation();

        var done = await Over(cluster, Order(OperatorActionKind.Restart, key: "k1", incarnation: 0));
        Assert.Equal(OperatorActionStatus.Done, done.Status);
        Assert.NotEqual(activation, await shaky.Activation());
        Assert.Equal(1, (await cluster.Child(Child)).Incarnation);

        // The same key is the same action; it is not carried out a second time.
        Assert.Equal(done.Id, (await Desk(cluster).Submit(Order(OperatorActionKind.Restart, key: "k1", incarnation: 0))).Action!.Id);
        Assert.Equal(OrderProblem.KeyInUse, (await Desk(cluster).Submit(Order(OperatorActionKind.Stop, key: "k1"))).Problem);
        Assert.Equal(1, (await cluster.Child(Child)).Incarnation);

        var refused = await Over(cluster, Order(OperatorActionKind.Stop, key: "k2", incarnation: 0));
        Assert.Equal(OperatorActionStatus.Refused, refused.Status);
        Assert.Contains("at incarnation 1; the request was made for 0", refused.Outcome, StringComparison.Ordinal);
        Assert.NotEqual(ChildStatus.Stopped, (await cluster.Child(Child)).Status);
    }

    [Fact]
    public async Task A_child_is_stopped_and_started_and_a_breaker_isolated_and_closed()
    {
        await using var cluster = await Start();
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await shaky.Activation();

        await Over(cluster, Order(OperatorActionKind.Stop, key: "stop"));
        await Assert.ThrowsAsync<ChildUnavailableException>(() => shaky.Activation());
        await Over(cluster, Order(OperatorActionKind.Start, key: "start"));
        await shaky.Activation();

        var introspector = cluster.Client.GetGrain<ISupervisionIntrospectorGrain>(ISupervisionIntrospectorGrain.Key);
        var isolated = await Over(cluster, Order(OperatorActionKind.Isolate, key: "isolate", target: "vendor"));
        Assert.Equal(OperatorActionStatus.Done, isolated.Status);
        await Until(async () => (await introspector.GetBreakers()).Any(breaker => breaker is { Target: "vendor", State: BreakerState.Open }));
        await Over(cluster, Order(OperatorActionKind.Close, key: "close", target: "vendor"));
        await Until(async () => (await introspector.GetBreakers()).IsEmpty);
    }

    [Fact]
    public async Task A_reset_destroys_no_state_that_can_be_read()
    {
        await using var cluster = await Start();
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await shaky.Store(7);
        var activation = await shaky.Activation();

        Assert.Equal(OperatorActionStatus.Done, (await Over(cluster, Order(OperatorActionKind.Reset, key: "reset"))).Status);

        Assert.NotEqual(activation, await shaky.Activation());
        Assert.Equal(7, await shaky.Stored());
    }

    [Fact]
    public async Task What_is_wrong_with_an_order_is_said_and_nothing_of_it_is_kept()
    {
        await using var cluster = await Start();

        var unknown = await Desk(cluster).Submit(Order(OperatorActionKind.Stop, key: "a", target: "app/work/nobody"));
        Assert.Equal((OrderProblem.UnknownTarget, "The tree has no child 'app/work/nobody'."), (unknown.Problem, unknown.Text));
        var invalid = await Desk(cluster).Submit(Order(OperatorActionKind.Stop, key: "") with { Reason = " " });
        Assert.Equal(OrderProblem.Invalid, invalid.Problem);
        Assert.Contains("'reason' must say why", invalid.Text, StringComparison.Ordinal);
        Assert.Contains("'idempotencyKey' must have", invalid.Text, StringComparison.Ordinal);
        Assert.Null(await Desk(cluster).Get("made up"));
        Assert.Empty(await Desk(cluster).Audit(null, 50));
        await Assert.ThrowsAsync<ControlRefusedException>(() => cluster.Client.GetGrain<IOperatorGrain>(IOperatorGrain.Key).Submit(Order(OperatorActionKind.Stop, key: "k")));
    }

    [Fact]
    public async Task Actions_and_audit_are_there_after_every_silo_was_restarted_and_what_was_stored_and_not_begun_is_carried_out_when_it_is_asked_for_again()
    {
        var order = Order(OperatorActionKind.Restart, key: "unbegun");
        string id;
        await using (var first = await Start())
        {
            id = (await Over(first, Order(OperatorActionKind.Restart, key: "k") with { Reason = "login failed: Password=hunter2;" })).Id;
            for (var i = 0; i < 60; i++)
            {
                await Desk(first).Note("eva", "escalation resolved", $"ticket {i}", "");
            }

            // As a silo leaves it that dies between storing the action and acknowledging it.
            await first.Inside.GetGrain<IOperatorActionGrain>(OperatorOrders.IdOf(order)).Begin(order);
        }

        await using var second = await Start();
        Assert.Equal(OperatorActionStatus.Done, (await Desk(second).Get(id))!.Status);
        Assert.Equal(OperatorActionStatus.Done, (await Over(second, order)).Status);
        var audit = await Desk(second).Audit(null, 200);
        Assert.Equal(Enumerable.Range(1, 62).Reverse().Select(number => (long)number), audit.Select(entry => entry.Number));
        Assert.Equal((id, OperatorActionStatus.Done, "restart", Child), (audit[^1].Action, audit[^1].Status, audit[^1].What, audit[^1].Subject));
        Assert.Equal("ticket 59", audit[1].Subject);
        Assert.Equal([11L, 10L], (await Desk(second).Audit(12, 2)).Select(entry => entry.Number));
        Assert.DoesNotContain("hunter2", string.Join(' ', _stored.Texts.Values), StringComparison.Ordinal);
    }

    private Task<SupervisedCluster> Start() => SupervisedCluster.Start(
        LetItCrashTests.Tree, silos: 1, configure: silo => silo.Services.AddKeyedSingleton<IGrainStorage>(StorageNames.Provider, _stored));

    private static OperatorOrder Order(OperatorActionKind kind, string key, string target = Child, long? incarnation = null) =>
        new() { Kind = kind, Target = target, Incarnation = incarnation, Reason = "an exercise", By = "eva", IdempotencyKey = key };

    private static IOperatorGrain Desk(SupervisedCluster cluster) => cluster.Inside.GetGrain<IOperatorGrain>(IOperatorGrain.Key);

    private static async Task<OperatorAction> Over(SupervisedCluster cluster, OperatorOrder order)
    {
        var action = (await Desk(cluster).Submit(order)).Action!;
        await Until(async () => (action = (await Desk(cluster).Get(action.Id))!).Status != OperatorActionStatus.Accepted);
        return action;
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
        }
    }
}
