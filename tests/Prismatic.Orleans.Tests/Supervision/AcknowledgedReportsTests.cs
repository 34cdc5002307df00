using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Prismatic.Tests.Storage;
using Xunit;

namespace Prismatic.Tests.Supervision;

/// <summary>What a supervisor says it has taken in is stored: the silo that told it forgets it then.</summary>
public sealed class AcknowledgedReportsTests
{
    private const string Supervisor = "app/work";
    private const string Child = "app/work/shaky";

    private readonly SharedRecords _stored = new(new EnvelopeSerializer(TimeProvider.System));

    [Fact]
    public async Task A_batch_whose_write_failed_is_not_acknowledged_when_it_comes_again_until_it_is_stored()
    {
        await using var cluster = await SupervisedCluster.Start(
            tree => tree.Enforce().Supervisor("work", RestartStrategy.OneForOne, work => work.Worker<IShakyGrain>("shaky")),
            silos: 1,
            configure: silo => silo.Services.AddKeyedSingleton<IGrainStorage>(StorageNames.Provider, _stored));
        var supervisor = cluster.Inside.GetGrain<ISupervisorReportsGrain>(Supervisor);
        var batch = new ReportBatch { Silo = "elsewhere", Sequence = 1, Crashes = [Reports.Crash(Child, "elsewhere")] };

        _stored.Refuses = (name, grain) => name == "prismatic-supervisor" && grain.Key.ToString() == Supervisor;
        await Assert.ThrowsAsync<TimeoutException>(() => supervisor.Report(batch));
        await Assert.ThrowsAsync<TimeoutException>(() => supervisor.Report(batch));

        _stored.Refuses = null;
        await supervisor.Report(batch);
        await cluster.Deactivate<ISupervisorGrain>(Supervisor);
        var child = await cluster.Child(Child);
        Assert.Equal((1L, 1L), (child.Crashes, child.Restarts));
    }
}
