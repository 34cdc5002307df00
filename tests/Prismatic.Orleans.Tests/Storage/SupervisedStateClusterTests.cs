using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Storage;
using Orleans.TestingHost;
using Prismatic.Runtime;
using Prismatic.Storage;
using Xunit;

namespace Prismatic.Tests.Storage;

[Alias("prismatic.tests.INotebookGrain")]
public interface INotebookGrain : IGrainWithStringKey
{
    [Alias("Add")]
    Task Add(string line);

    [Alias("AddTwo")]
    Task AddTwo(string first, string second);

    [Alias("Lines")]
    Task<List<string>> Lines();

    [Alias("Restored")]
    Task<string?> Restored();

    [Alias("End")]
    Task End(DeactivationReasonCode reason);
}

public sealed class Notebook
{
    public List<string> Lines { get; set; } = [];
}

public sealed class NotebookGrain([SupervisedState("test-notebook")] ISupervisedState<Notebook> notebook) : Grain, INotebookGrain
{
    public async Task Add(string line)
    {
        notebook.Value.Lines.Add(line);
        await notebook.WriteAsync();
    }

    public async Task AddTwo(string first, string second)
    {
        await Add(first);
        await Add(second);
    }

    public Task<List<string>> Lines() => Task.FromResult(notebook.Value.Lines);

    public Task<string?> Restored() => Task.FromResult(notebook.Restored);

    public Task End(DeactivationReasonCode reason)
    {
        GrainContext.Deactivate(new DeactivationReason(reason, "asked for by a test"));
        return Task.CompletedTask;
    }
}

/// <summary>The facet in a real silo: mapping, lifecycle, turns and ends as the runtime makes them.</summary>
public sealed class SupervisedStateClusterTests : IAsyncLifetime
{
    private readonly InProcessTestCluster _cluster = Build();

    public async ValueTask InitializeAsync() => await _cluster.DeployAsync();

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Each_call_is_a_turn_of_its_own()
    {
        var notebook = Grain("turns");
        await notebook.Add("a");
        Assert.False((await Read(notebook, "test-notebook~good")).RecordExists);

        await notebook.Add("b");

        Assert.Equal(["a"], Lines(await Read(notebook, "test-notebook~good")));
    }

    [Theory]
    [InlineData(DeactivationReasonCode.ApplicationRequested, true)]
    [InlineData(DeactivationReasonCode.ApplicationError, false)]
    public async Task The_runtimes_reason_decides_whether_an_end_is_clean(DeactivationReasonCode reason, bool kept)
    {
        var notebook = Grain($"end-{reason}");
        await notebook.Add("a");
        await notebook.End(reason);

        // The next activation starts when the one before has ended.
        Assert.Equal(["a"], await notebook.Lines());
        Assert.Equal(kept, (await Read(notebook, "test-notebook~good")).RecordExists);
    }

    [Fact]
    public async Task Damage_fails_the_call_until_a_reset_is_ordered()
    {
        var notebook = Grain("damaged");
        await notebook.Add("a");
        await notebook.Add("b");
        await notebook.End(DeactivationReasonCode.ApplicationError);
        Assert.Equal(["a", "b"], await notebook.Lines());
        await notebook.End(DeactivationReasonCode.ApplicationError);
        await Damage(notebook);

        var thrown = await Assert.ThrowsAsync<StateDamagedException>(notebook.Lines);
        Assert.Equal("test-notebook", thrown.StateName);

        Silo.GetRequiredService<ResetOrders>().Order(notebook.GetGrainId(), "crash-7");
        Assert.Equal(["a"], await notebook.Lines());
        Assert.Contains("was put back", await notebook.Restored(), StringComparison.Ordinal);
        Assert.Equal([0xBA, 0xD0], (await Read(notebook, "test-notebook~replaced~crash-7")).State!.Payload);
        Assert.Equal(0, Silo.GetRequiredService<ResetOrders>().Count);
    }

    private IServiceProvider Silo => _cluster.Silos[0].ServiceProvider;

    private IGrainStorage Storage => Silo.GetRequiredKeyedService<IGrainStorage>(StorageNames.Provider);

    private INotebookGrain Grain(string key) => _cluster.Client.GetGrain<INotebookGrain>(key);

    private async Task<GrainState<StateEnvelope>> Read(INotebookGrain notebook, string stateName)
    {
        var record = new GrainState<StateEnvelope>(new StateEnvelope());
        await Storage.ReadStateAsync(stateName, notebook.GetGrainId(), record);
        return record;
    }

    private async Task Damage(INotebookGrain notebook)
    {
        var record = await Read(notebook, "test-notebook");
        record.State = StateEnvelope.Damaged([0xBA, 0xD0], "broken by a test");
        await Storage.WriteStateAsync("test-notebook", notebook.GetGrainId(), record);
    }

    private static List<string> Lines(GrainState<StateEnvelope> record)
    {
        Assert.True(StateCodec.TryDecode<Notebook>(record.State!, 1, out var notebook, out var damage), damage);
        return notebook!.Lines;
    }

    private static InProcessTestCluster Build()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorage(StorageNames.Provider);
            silo.Services.AddSupervisedStates();
        });
        return builder.Build();
    }
}
