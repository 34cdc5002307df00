using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Orleans.Storage;
using Prismatic.Events;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Cluster;

/// <summary>Invariants 4, 5 and 11, and the way from a ticket to a lesson that heals.</summary>
public sealed class ControlPlaneTests
{
    private const string Worker = "app/work/shaky";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static void Tree(SupervisionTreeBuilder tree) => tree
        .Enforce()
        .Configure(options => options.DefaultRestart = new RestartWithBackoff { Initial = TimeSpan.Zero, Max = TimeSpan.Zero })
        .Supervisor("work", RestartStrategy.OneForOne, work => work
            .Intensity(1_000, TimeSpan.FromSeconds(5))
            .Worker<IShakyGrain>("shaky", shaky => shaky.Intensity(1_000, TimeSpan.FromSeconds(5))));

    [Fact]
    public Task Workers_go_on_while_no_supervisor_can_store_and_every_crash_is_counted_once_it_can() => WorkersGoOn(Mutant.None);

    [Fact]
    public Task Workers_go_on_fails_when_a_crash_waits_for_its_supervisor() => MutantTests.MustFail(() => WorkersGoOn(Mutant.CrashWaitsForSupervisor));

    [Fact]
    public Task A_supervisor_that_comes_back_restarts_nobody_and_keeps_counts_windows_and_tickets() => SupervisorSurvives(Mutant.None);

    [Fact]
    public Task A_supervisor_that_comes_back_fails_when_it_forgets() => MutantTests.MustFail(() => SupervisorSurvives(Mutant.SupervisorForgets));

    [Fact]
    public Task A_JsonException_of_a_remote_body_never_resets_state() => RemoteJsonResetsNothing(Mutant.None);

    [Fact]
    public Task A_JsonException_of_a_remote_body_fails_when_type_names_are_evidence() =>
        MutantTests.MustFail(() => RemoteJsonResetsNothing(Mutant.ResetByExceptionType));

    [Fact]
    public async Task An_unknown_failure_raises_one_ticket_is_resolved_by_a_person_and_heals_by_itself_the_next_time()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree, time: time);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await Assert.ThrowsAsync<VendorException>(() => shaky.CrashWith("vendor"));
        await shaky.Activation();
        await Assert.ThrowsAsync<VendorException>(() => shaky.CrashWith("vendor"));
        await cluster.Reported();
        var ticket = Assert.Single((await cluster.Supervisor("app/work")).Tickets);

        var lesson = await cluster.Inside.GetGrain<ISupervisorGrain>("app/work").ResolveTicket(
            ticket.Id,
            new Resolution { Remediation = new RestartWithBackoff { Max = TimeSpan.Zero, Initial = TimeSpan.Zero }, RootCause = "The vendor restarts at night." });
        await shaky.Activation();
        time.Advance(TimeSpan.FromMinutes(10));
        await Assert.ThrowsAsync<VendorException>(() => shaky.CrashWith("vendor"));
        await shaky.CrashWith("vendor").ContinueWith(_ => { }, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);
        await cluster.Reported();

        Assert.Equal(2, ticket.Crashes);
        Assert.Equal("The vendor restarts at night.", lesson!.RootCause);
        var tickets = (await cluster.Supervisor("app/work")).Tickets;
        Assert.Equal(ticket.Id, Assert.Single(tickets).Id);
        Assert.NotNull(tickets[0].ResolvedAt);
        var last = cluster.Events.All.Last(happened => happened.Kind == SupervisionEventKind.Crashed);
        Assert.Equal(nameof(RestartWithBackoff), last.Remediation);
        Assert.StartsWith("lesson", last.Rule, StringComparison.Ordinal);
        Assert.Equal(4, (await cluster.Statistics()).TotalCrashes);
    }

    [Fact]
    public async Task A_remedy_has_healed_when_the_trigger_served_again_and_the_group_stayed_away_for_the_window()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree, silos: 1, time: time);
        cluster.Stage.FailingActivations["shaky"] = 1;
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await Assert.ThrowsAsync<InvalidDataException>(() => shaky.Activation());
        await shaky.Activation();
        await cluster.Reported();
        Assert.Equal(0, cluster.Events.Count(SupervisionEventKind.OutcomeKnown));

        time.Advance(TimeSpan.FromSeconds(61));
        var known = await cluster.Events.WaitFor(SupervisionEventKind.OutcomeKnown, Worker);

        Assert.Equal(Outcome.Healed, known.Outcome);
    }

    [Fact]
    public async Task A_remedy_has_failed_when_the_group_returns_and_is_inconclusive_when_the_trigger_never_serves()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree, silos: 1, time: time);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Crash("boom"));
        await shaky.Activation();
        await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Crash("boom"));
        await cluster.Reported();
        var failed = await cluster.Events.WaitFor(SupervisionEventKind.OutcomeKnown, Worker);

        time.Advance(TimeSpan.FromMinutes(3));
        var unknown = await cluster.Events.WaitFor(SupervisionEventKind.OutcomeKnown, Worker, nth: 2);

        Assert.Equal((Outcome.Failed, Outcome.Inconclusive), (failed.Outcome, unknown.Outcome));
    }

    private static async Task WorkersGoOn(Mutant mutant)
    {
        var storage = new StoppableStorage();
        await using var cluster = await SupervisedCluster.Start(Tree, mutant: mutant, configure: storage.Decorate);
        using var resume = storage;
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await shaky.Activation();
        storage.Stop();

        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Crash($"boom {i}").WaitAsync(Limit));
            await shaky.Activation().WaitAsync(Limit);
        }

        storage.Resume();
        await cluster.Reported();
        var child = await cluster.Child(Worker);
        Assert.Equal((20, 20), (child.Crashes, child.Restarts));
        Assert.Equal(20, (await cluster.Statistics()).TotalCrashes);
    }

    private static async Task SupervisorSurvives(Mutant mutant)
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree, silos: 1, mutant: mutant, time: time);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await Assert.ThrowsAsync<VendorException>(() => shaky.CrashWith("vendor"));
        var activation = await shaky.Activation();
        await cluster.Reported();
        var before = await cluster.Supervisor("app/work");

        await cluster.Deactivate<ISupervisorGrain>("app/work");
        var after = await cluster.Supervisor("app/work");

        Assert.Equal(activation, await shaky.Activation());
        Assert.Equal((1L, 1L, 1L), (after.Children[0].Crashes, after.Children[0].Restarts, after.Children[0].Incarnation));
        Assert.Equal(before.RestartsInWindow, after.RestartsInWindow);
        Assert.Equal(Assert.Single(before.Tickets).Id, Assert.Single(after.Tickets).Id);
    }

    private static async Task RemoteJsonResetsNothing(Mutant mutant)
    {
        await using var cluster = await SupervisedCluster.Start(Tree, silos: 1, mutant: mutant);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await shaky.Store(7);

        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => shaky.CrashWith("json"));
        await cluster.Reported();

        Assert.Equal(7, await shaky.Stored());
        var crash = await cluster.Events.WaitFor(SupervisionEventKind.Crashed, Worker);
        Assert.NotEqual(nameof(RestartWithStateReset), crash.Remediation);
    }
}

/// <summary>Grain storage whose writes of control grains a test can hold up.</summary>
internal sealed class StoppableStorage : IDisposable
{
    private TaskCompletionSource _open = Opened();

    public void Stop() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => Resume();

    public void Resume() => _open.TrySetResult();

    public void Decorate(ISiloBuilder silo)
    {
        var inner = silo.Services.Last(service => service.IsKeyedService && Equals(service.ServiceKey, StorageNames.Provider) && service.ServiceType == typeof(IGrainStorage));
        silo.Services.Remove(inner);
        silo.Services.AddKeyedSingleton<IGrainStorage>(StorageNames.Provider, (services, key) =>
            new Decorator(this, (IGrainStorage)inner.KeyedImplementationFactory!(services, key)));
    }

    private static TaskCompletionSource Opened()
    {
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        opened.SetResult();
        return opened;
    }

    private sealed class Decorator(StoppableStorage gate, IGrainStorage inner) : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName, grainId, grainState);

        public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            await gate._open.Task;
            await inner.WriteStateAsync(stateName, grainId, grainState);
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName, grainId, grainState);
    }
}
