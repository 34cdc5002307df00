using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Prismatic.Breakers;
using Prismatic.Events;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Cluster;

public sealed class GateTests
{
    private const string Worker = "app/work/shaky";
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private static Action<SupervisionTreeBuilder> Tree(TimeSpan first) => tree => tree
        .Enforce()
        .Supervisor("work", RestartStrategy.OneForOne, work => work
            .Intensity(1_000, Period)
            .Worker<IShakyGrain>("shaky", shaky => shaky
                .Intensity(1_000, Period)
                .Restart(new RestartWithBackoff { First = first, Initial = first, Max = TimeSpan.FromSeconds(30) }))
            .Worker<IOtherGrain>("other", other => other.Intensity(1_000, Period).Fallback<IStandInGrain>()));

    [Fact]
    public async Task A_call_to_a_child_that_backs_off_waits_and_is_served_when_the_delay_has_passed()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree(TimeSpan.FromSeconds(2)), silos: 1, time: time);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Crash("boom"));
        await cluster.Reported();
        Assert.Equal(ChildStatus.BackingOff, (await cluster.Child(Worker)).Status);

        var waiting = Enumerable.Range(0, 3).Select(number => shaky.Note($"waits {number}")).ToArray();
        await cluster.Waiting(shaky, 3);
        Assert.DoesNotContain(cluster.Stage.Journal, line => line.StartsWith("waits", StringComparison.Ordinal));
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Single((await Task.WhenAll(waiting)).Distinct());
        Assert.Equal(["waits 0", "waits 1", "waits 2"], cluster.Stage.Journal.Where(line => line.StartsWith("waits", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task A_call_that_the_gate_outlasts_is_refused_at_once_with_a_retry_hint_and_without_having_run()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree(TimeSpan.FromSeconds(20)), silos: 1, time: time);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Crash("boom"));
        await cluster.Reported();
        var started = cluster.Stage.Journal.Count(line => line == "start shaky");

        var refused = await Assert.ThrowsAsync<ChildUnavailableException>(() => shaky.Note("never"));

        Assert.Equal((Worker, ChildStatus.BackingOff), (refused.Subject, refused.Status));
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromSeconds(19), TimeSpan.FromSeconds(20));
        Assert.DoesNotContain("never", cluster.Stage.Journal);
        Assert.Equal(started, cluster.Stage.Journal.Count(line => line == "start shaky"));
        await cluster.Reported();
        Assert.Equal(1, (await cluster.Child(Worker)).Crashes);
    }

    [Fact]
    public async Task A_stopped_child_is_refused_on_every_silo_until_it_is_started()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(TimeSpan.Zero));
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await shaky.Activation();
        var supervisor = cluster.Inside.GetGrain<ISupervisorGrain>("app/work");

        await supervisor.Stop(Worker, null);
        var refused = await Assert.ThrowsAsync<ChildUnavailableException>(() => shaky.Activation());
        await supervisor.Start(Worker, null);

        Assert.Null(refused.RetryAfter);
        Assert.Equal(ChildStatus.Stopped, refused.Status);
        await shaky.Activation();
    }

    [Fact]
    public async Task An_operator_who_saw_another_incarnation_is_told_so()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(TimeSpan.Zero), silos: 1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Client.GetGrain<IShakyGrain>("shaky").Crash("boom"));
        await cluster.Reported();

        var conflict = await Assert.ThrowsAsync<ArgumentException>(() => cluster.Inside.GetGrain<ISupervisorGrain>("app/work").Restart(Worker, 0));

        Assert.Contains("at incarnation 1", conflict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_outside_client_cannot_stop_a_child()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(TimeSpan.Zero), silos: 1);

        await Assert.ThrowsAsync<ControlRefusedException>(() => cluster.Client.GetGrain<ISupervisorGrain>("app/work").Stop(Worker, null));
    }

    [Fact]
    public async Task A_redirected_child_is_answered_for_by_its_fallback_until_the_time_is_over()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await SupervisedCluster.Start(Tree(TimeSpan.Zero), silos: 1, time: time);
        await cluster.Inside.GetGrain<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key).Register(new RemediationRule
        {
            Id = "use-the-stand-in",
            Pattern = new CrashPattern { ExceptionType = "System.InvalidOperationException", Under = "app/work/other" },
            Action = new RedirectToFallback { Duration = TimeSpan.FromSeconds(30) },
        });
        var other = cluster.Client.GetGrain<IOtherGrain>("other");
        await Assert.ThrowsAsync<InvalidOperationException>(() => other.Crash("primary is away"));
        await cluster.Reported();

        var standIn = await cluster.Client.GetGrain<IStandInGrain>("other").Activation();
        var during = await other.Activation();
        time.Advance(TimeSpan.FromSeconds(31));
        var after = await other.Activation();

        Assert.Equal(standIn, during);
        Assert.NotEqual(standIn, after);
    }

    [Fact]
    public async Task A_break_is_known_to_every_silo_and_its_target_is_refused_at_once()
    {
        await using var cluster = await SupervisedCluster.Start(Tree(TimeSpan.Zero));
        var calls = 0;
        Task<int> Call(CancellationToken token)
        {
            calls++;
            return Task.FromResult(1);
        }

        await cluster.Services(0).GetRequiredService<BreakerOwner>().Open("source:x", TimeSpan.FromMinutes(1), "test");

        for (var silo = 0; silo < 2; silo++)
        {
            var table = cluster.Services(silo).GetRequiredService<BreakerTable>();
            await SupervisedCluster.Until(() => table.IsOpen("source:x", out _));
            await Assert.ThrowsAsync<BreakerOpenException>(() => cluster.Services(silo).GetRequiredService<ICircuitBreakers>().Execute("source:x", Call, TestContext.Current.CancellationToken));
        }

        Assert.Equal(0, calls);
    }
}
