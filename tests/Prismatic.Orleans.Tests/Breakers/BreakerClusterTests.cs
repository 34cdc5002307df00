using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.TestingHost;
using Prismatic.Breakers;
using Prismatic.Events;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Prismatic.Tests.Remediation;
using Xunit;

namespace Prismatic.Tests.Breakers;

/// <summary>The breaker's grain and two silos that hear of it. Time moves only when a test moves it.</summary>
public sealed class BreakerClusterTests : IAsyncLifetime
{
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 21, 0, 0, 0, TimeSpan.Zero));
    private readonly InMemoryRecords _records = new();
    private readonly EverySilo _silos = new();
    private readonly EventRecorder _events = new();
    private InProcessTestCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<TimeProvider>(_time);
            silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
            silo.Services.AddSingleton<IAttributeToFactoryMapper<SupervisedStateAttribute>>(_records);
            silo.Services.AddSingleton<ISiloBroadcast>(_silos);
            silo.Services.AddMetrics();
            silo.Services.AddSingleton<MonotonicClock>();
            silo.Services.AddSingleton<EventSink>();
            silo.Services.AddSingleton<ISupervisionObserver>(_events);
            silo.Services.AddBreakers();
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        _silos.Tables.AddRange(_cluster.Silos.Select(silo => silo.ServiceProvider.GetRequiredService<BreakerTable>()));
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task At_the_end_of_a_break_exactly_one_of_all_callers_of_all_silos_probes_and_its_success_opens_the_way()
    {
        const string Target = "source:one-probe";
        var silos = _cluster.Silos.Select(silo => silo.ServiceProvider.GetRequiredService<CircuitBreakers>()).ToArray();
        await silos[0].Open(Target, Break, "refused");
        Assert.All(silos, silo => Assert.Equal((BreakerState.Open, 1L), (silo.Get(Target).State, silo.Get(Target).Epoch)));
        _time.Advance(Break);

        var probe = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = 0;
        var callers = silos.SelectMany(silo => Enumerable.Range(0, 100).Select(_ => Task.Run(() => silo.Execute(Target, _ =>
        {
            Interlocked.Increment(ref arrived);
            first.TrySetResult();
            return probe.Task;
        }, Token)))).ToList();
        var refused = 0;
        var pending = callers.ToList();
        while (pending.Count > 1)
        {
            var done = await Task.WhenAny(pending);
            pending.Remove(done);
            await Assert.ThrowsAsync<BreakerOpenException>(() => done);
            refused++;
        }

        await Task.WhenAny(first.Task, pending[0]);
        Assert.Equal((1, 199), (arrived, refused));
        probe.SetResult(7);
        Assert.Equal(7, await pending[0]);
        Assert.All(silos, silo => Assert.Equal(BreakerState.Closed, silo.Get(Target).State));
        Assert.All(await Task.WhenAll(silos.Select(silo => silo.Execute(Target, _ => Task.FromResult(1), Token))), answer => Assert.Equal(1, answer));
    }

    [Fact]
    public async Task An_open_breaker_outlives_its_activation_with_epoch_and_what_remains_of_its_break()
    {
        var breaker = _cluster.Client.GetGrain<ICircuitBreakerGrain>("source:outlives");
        await breaker.Open(Break, "refused");
        _time.Advance(TimeSpan.FromSeconds(4));

        await _cluster.DeactivateAsync(breaker);

        Assert.Equal(
            new BreakerView { Target = "source:outlives", State = BreakerState.Open, Epoch = 1, ProbeIn = TimeSpan.FromSeconds(6), Break = Break, Reason = "refused" },
            await breaker.GetState());
        Assert.False(await breaker.TryProbe(1));
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.True(await breaker.TryProbe(1));
        await _cluster.DeactivateAsync(breaker);
        Assert.False(await breaker.TryProbe(1));
    }

    [Fact]
    public async Task A_breaker_that_closes_says_so_and_leaves_the_list_of_open_ones()
    {
        var breaker = _cluster.Client.GetGrain<ICircuitBreakerGrain>("source:closes");
        var list = _cluster.Client.GetGrain<IBreakerDirectoryGrain>(IBreakerDirectoryGrain.Key);
        await breaker.Open(Break, "refused");
        await SupervisedCluster.Until(() => _records.Records.Any(record => record.Key.StartsWith("open-breakers", StringComparison.Ordinal) && record.Value.Json.Contains("source:closes", StringComparison.Ordinal)));
        Assert.Contains(await list.GetOpen(), view => view is { Target: "source:closes", State: BreakerState.Open });

        await breaker.Close(1);

        await _events.WaitFor(SupervisionEventKind.BreakerClosed, "source:closes");
        Assert.DoesNotContain(await list.GetOpen(), view => view.Target == "source:closes");
    }

    [Fact]
    public async Task A_probe_is_not_granted_when_another_activation_wrote_in_between()
    {
        var breaker = _cluster.Client.GetGrain<ICircuitBreakerGrain>("source:twice");
        await breaker.Open(Break, "refused");
        _time.Advance(Break);
        var key = Assert.Single(_records.Records.Keys, key => key.EndsWith("source:twice", StringComparison.Ordinal));
        _records.Records[key] = (_records.Records[key].Version + 1, _records.Records[key].Json);

        await Assert.ThrowsAsync<InconsistentStateException>(() => breaker.TryProbe(1));
    }

    [Fact]
    public async Task A_duration_out_of_range_is_refused()
    {
        var breaker = _cluster.Client.GetGrain<ICircuitBreakerGrain>("source:range");

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => breaker.Open(TimeSpan.Zero, "why"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => breaker.Open(TimeSpan.FromDays(1) + TimeSpan.FromTicks(1), "why"));
        Assert.Equal(BreakerState.Closed, (await breaker.GetState()).State);
    }

    private sealed class EverySilo : ISiloBroadcast
    {
        public List<BreakerTable> Tables { get; } = [];

        public Task<ImmutableArray<RulesAtSilo>> PublishRules(RuleTable table) => Task.FromResult<ImmutableArray<RulesAtSilo>>([]);

        public Task OpenBreaker(BreakerView view)
        {
            Tables.ForEach(table => table.OpenEarly(view));
            return Task.CompletedTask;
        }

        public Task PublishBreaker(BreakerView view)
        {
            Tables.ForEach(table => table.Apply(view));
            return Task.CompletedTask;
        }
    }
}
