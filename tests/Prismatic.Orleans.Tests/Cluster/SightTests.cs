using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Runtime;
using Xunit;

namespace Prismatic.Tests.Cluster;

public sealed class SightTests
{
    [Fact]
    public async Task Tree_health_tells_what_lives_where_what_restarted_and_how_the_memory_was_obtained()
    {
        await using var cluster = await SupervisedCluster.Start(LetItCrashTests.Tree);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Crash("boom"));
        await shaky.Activation();
        await cluster.Reported();

        var health = await cluster.Health();

        // The worker, and the supervisors app and app/work.
        Assert.Equal(3, health.TotalProcesses);
        Assert.Equal(2, health.Silos);
        Assert.Empty(health.Missing);
        Assert.Equal(1, health.RestartCounts["app/work/shaky"]);
        var memory = health.MemoryPerSupervisor["app/work"];
        Assert.InRange(memory.Bytes!.Value, 24, 1_000_000);
        Assert.StartsWith("Estimate: ", memory.Method, StringComparison.Ordinal);
        Assert.Equal(["app", "app/work", "app/work/shaky"], health.Nodes.Select(node => node.Path));
        Assert.InRange(health.HealthScore, 1, 99.9);
    }

    [Fact]
    public async Task A_worker_whose_activation_is_still_being_made_is_shown_as_starting()
    {
        await using var cluster = await SupervisedCluster.Start(tree => tree.Enforce().Supervisor("work", RestartStrategy.OneForOne, work => work
            .Worker<ISlowGrain>("slow", slow => slow.Key(ISlowGrain.SlowToStart))), time: new FakeTimeProvider());
        var call = cluster.Client.GetGrain<ISlowGrain>(ISlowGrain.SlowToStart).Activation();
        await cluster.Stage.Arrival(ISlowGrain.SlowToStart);

        Assert.Equal((ChildStatus.Starting, 1), await Shown());

        cluster.Stage.Open(ISlowGrain.SlowToStart);
        await call;
        cluster.Time!.Advance(TimeSpan.FromSeconds(1)); // A picture is handed out for that long.
        Assert.Equal((ChildStatus.Up, 1), await Shown());

        async Task<(ChildStatus, int)> Shown()
        {
            var node = (await cluster.Health()).Nodes.Single(node => node.Path == "app/work/slow");
            return (node.Status, node.Activations);
        }
    }

    [Fact]
    public async Task More_than_three_restarts_in_five_minutes_are_a_hotspot_and_three_are_not()
    {
        await using var cluster = await SupervisedCluster.Start(LetItCrashTests.Tree, silos: 1);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        for (var crash = 1; crash <= 4; crash++)
        {
            await cluster.Inside.GetGrain<ISupervisorGrain>("app/work").Start("app/work/shaky", null);
            await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.Crash($"number {crash}"));
            await cluster.Reported();
            Assert.Equal(crash > 3 ? 1 : 0, (await cluster.Supervisor("app/work")).Hotspots.Length);
        }
    }

    [Fact]
    public async Task A_silo_that_joins_knows_the_rules_and_the_gates_in_force()
    {
        await using var cluster = await SupervisedCluster.Start(LetItCrashTests.Tree, silos: 1);
        await cluster.Inside.GetGrain<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key).Register(new RemediationRule
        {
            Id = "known-here",
            Pattern = new CrashPattern { ExceptionType = "Some.Exception" },
            Action = new RestartWithBackoff(),
        });
        await cluster.Inside.GetGrain<ISupervisorGrain>("app/work").Stop("app/work/shaky", null);

        await cluster.Join();

        var joined = cluster.Services(1);
        Assert.Equal(cluster.Services(0).GetRequiredService<LocalRules>().Current.Version, joined.GetRequiredService<LocalRules>().Current.Version);
        Assert.Equal(1, joined.GetRequiredService<GateTable>().Count);
    }

    [Fact]
    public async Task A_secret_in_an_exception_reaches_the_caller_and_nothing_else()
    {
        await using var cluster = await SupervisedCluster.Start(LetItCrashTests.Tree, silos: 1);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");
        var seen = await Assert.ThrowsAsync<InvalidOperationException>(() => shaky.CrashWith("secret"));
        await cluster.Reported();

        var lessons = await cluster.Client.GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key).List(new LessonQuery());
        string[] shown =
        [
            JsonSerializer.Serialize(lessons),
            JsonSerializer.Serialize(await cluster.Supervisor("app/work")),
            JsonSerializer.Serialize(await cluster.Health()),
            .. cluster.Events.All.Select(happened => happened.ToString()),
        ];

        Assert.Contains("hunter2", seen.Message, StringComparison.Ordinal);
        Assert.Single(lessons.Items);
        Assert.All(shown, text => Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal));
    }
}
