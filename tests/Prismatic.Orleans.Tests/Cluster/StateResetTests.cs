using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;
using Prismatic.Events;
using Prismatic.Remediation;
using Prismatic.Storage;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Cluster;

/// <summary>From a record damaged behind the worker's back to a worker that serves again.</summary>
public sealed class StateResetTests
{
    private const string Worker = "app/work/shaky";

    [Fact]
    public async Task A_damaged_record_crashes_the_activation_once_and_the_next_one_has_the_last_known_good_state()
    {
        await using var cluster = await SupervisedCluster.Start(LetItCrashTests.Tree);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await shaky.Store(1);
        await shaky.Store(2);
        await cluster.Deactivate<IShakyGrain>("shaky");
        await Damage(cluster, "test-shaky", shaky.GetGrainId());

        var seen = await Assert.ThrowsAsync<StateDamagedException>(() => shaky.Stored());
        var value = await shaky.Stored();
        await cluster.Reported();

        Assert.Equal("test-shaky", seen.StateName);
        Assert.Contains(value, new[] { 1, 2 });
        var crash = await cluster.Events.WaitFor(SupervisionEventKind.Crashed, Worker);
        Assert.Equal(nameof(RestartWithStateReset), crash.Remediation);
        Assert.Equal(1, (await cluster.Child(Worker)).Crashes);

        // The call above may have been served by the other silo before that one was told of the crash; by now every silo has been.
        await shaky.Stored();
        await cluster.Events.WaitFor(SupervisionEventKind.Recovered, Worker);
    }

    [Fact]
    public async Task The_replaced_bytes_are_kept()
    {
        await using var cluster = await SupervisedCluster.Start(LetItCrashTests.Tree);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await shaky.Store(1);
        await cluster.Deactivate<IShakyGrain>("shaky");
        await Damage(cluster, "test-shaky", shaky.GetGrainId());
        await Assert.ThrowsAsync<StateDamagedException>(() => shaky.Stored());
        await shaky.Stored();

        var crash = await cluster.Events.WaitFor(SupervisionEventKind.Crashed, Worker);
        var kept = new GrainState<StateEnvelope>(new StateEnvelope());
        await Storage(cluster).ReadStateAsync($"test-shaky~replaced~{crash.CorrelationId}", shaky.GetGrainId(), kept);

        Assert.True(kept.RecordExists);
    }

    private static IGrainStorage Storage(SupervisedCluster cluster) =>
        cluster.Services(0).GetRequiredKeyedService<IGrainStorage>(StorageNames.Provider);

    private static async Task Damage(SupervisedCluster cluster, string name, GrainId grain)
    {
        var record = new GrainState<StateEnvelope>(new StateEnvelope());
        await Storage(cluster).ReadStateAsync(name, grain, record);
        record.State = StateEnvelope.Damaged("not what was written"u8.ToArray(), "torn by the test");
        await Storage(cluster).WriteStateAsync(name, grain, record);
    }
}
