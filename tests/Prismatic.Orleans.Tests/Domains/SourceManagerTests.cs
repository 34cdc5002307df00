using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Prismatic.Breakers;
using Prismatic.Domains.Osint;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Domains;

public sealed class SourceManagerTests(DomainsCluster cluster) : IClassFixture<DomainsCluster>
{
    private static readonly OsintQuery Person = new() { Kind = InputKind.Person, Text = "Viktor Novák" };

    private ISourceManagerGrain Sources => cluster.Worker<ISourceManagerGrain>(ISourceManagerGrain.Key);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_slow_source_does_not_hold_up_the_others()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await Register("slow", await cluster.Serve(async context =>
        {
            asked.SetResult();
            await answer.Task;
            await context.Response.WriteAsync("[]");
        }));
        await Register("quick", await cluster.ServeJson("""[{"name":"Viktor Novák"}]"""));
        var slow = Sources.Query("slow", Person, Token);
        await asked.Task.WaitAsync(Token);
        Assert.Single((await Sources.Query("quick", Person, Token)).Items);
        Assert.False(slow.IsCompleted);
        answer.SetResult();
        Assert.Empty((await slow).Items);
    }

    [Fact]
    public async Task A_refused_connection_leaves_as_its_own_exception_and_is_counted()
    {
        await Register("down", DomainsCluster.RefusedAddress());
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => Sources.Query("down", Person, Token));
        Assert.IsType<SocketException>(failure.InnerException);
        var status = await Sources.Status("down");
        Assert.Equal((1, 1, 0.0), (status.Calls, status.Failures, status.SuccessRate));
        Assert.Contains("source:down", cluster.Breakers.Calls);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"rows":[]}""")]
    [InlineData("""[{"title":"no name"}]""")]
    public async Task An_answer_of_another_shape_leaves_as_JsonException(string body)
    {
        var slug = "drift-" + (uint)body.Length;
        await Register(slug, await cluster.ServeJson(body));
        await Assert.ThrowsAnyAsync<JsonException>(() => Sources.Query(slug, Person, Token));
    }

    [Fact]
    public async Task Too_many_requests_is_an_answer_not_a_failure()
    {
        await Register("busy", await cluster.Serve(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "7";
            return Task.CompletedTask;
        }));
        var result = await Sources.Query("busy", Person, Token);
        Assert.Equal((FetchStatus.RateLimited, TimeSpan.FromSeconds(7)), (result.Status, result.RetryAfter));
        Assert.Equal(0, (await Sources.Status("busy")).Failures);
    }

    [Fact]
    public async Task A_call_beyond_the_quota_is_not_sent_and_the_quota_outlives_a_restart()
    {
        await Register("scarce", await cluster.ServeJson("[]"));
        await Sources.SetQuota("scarce", 1, 1);
        await DomainsCluster.Restart(Sources);
        Assert.Equal(FetchStatus.Fetched, (await Sources.Query("scarce", Person, Token)).Status);
        Assert.Equal(FetchStatus.RateLimited, (await Sources.Query("scarce", Person, Token)).Status);
        Assert.Equal(1, (await Sources.Status("scarce")).RequestsPerMinute);
    }

    [Fact]
    public async Task An_open_breaker_refuses_the_query_and_is_a_row_of_a_fan_out_beside_failed_and_fetched_ones()
    {
        var host = new AdapterInfo { Slug = "", Name = "x", Category = "registry", Kind = AdapterKind.HttpJson, Address = "", Inputs = [InputKind.Host] };
        var registry = cluster.Worker<IAdapterRegistryGrain>(IAdapterRegistryGrain.Key);
        await registry.Register(host with { Slug = "fan-a", Address = await cluster.ServeJson("[]") });
        await registry.Register(host with { Slug = "fan-b", Address = DomainsCluster.RefusedAddress() });
        await registry.Register(host with { Slug = "fan-c", Address = "http://127.0.0.1:1" });
        cluster.Breakers.Open["source:fan-c"] = true;
        var query = new OsintQuery { Kind = InputKind.Host, Text = "host.invalid" };
        await Assert.ThrowsAsync<BreakerOpenException>(() => Sources.Query("fan-c", query, Token));
        Assert.Equal(BreakerState.Open, (await Sources.Status("fan-c")).Breaker.State);
        var rows = (await Sources.QueryAll(query, new FanOutLimits(), Token)).Rows;
        Assert.Equal([("fan-a", FetchStatus.Fetched), ("fan-b", FetchStatus.Failed), ("fan-c", FetchStatus.CircuitOpen)], rows.Select(row => (row.Source, row.Status)));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await Register("moved", await cluster.Serve(context =>
        {
            context.Response.Redirect("http://127.0.0.1:9/elsewhere");
            return Task.CompletedTask;
        }));
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => Sources.Query("moved", Person, Token));
        Assert.Contains("302", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_source_and_an_empty_question_are_the_requests_fault()
    {
        DomainsCluster.AssertNames("slug", await Assert.ThrowsAsync<ArgumentException>(() => Sources.Query("nobody", Person, Token)));
        DomainsCluster.AssertNames("q", await Assert.ThrowsAsync<ArgumentException>(() => Sources.Query("nobody", Person with { Text = " " }, Token)));
    }

    [Fact]
    public async Task A_watch_reports_no_change_at_first_and_then_field_by_field()
    {
        var body = """[{"id":"1","name":"A","state":"active"},{"id":"2","name":"B"}]""";
        await Register("watched", await cluster.Serve(context => context.Response.WriteAsync(body)));
        var monitor = cluster.Worker<IMonitoringEngineGrain>(IMonitoringEngineGrain.Key);
        await monitor.Watch(new WatchSpec { Id = "w", Source = "watched", Query = Person });
        Assert.True((await monitor.RunOnce("w")).IsEmpty);
        body = """[{"id":"1","name":"A","state":"dissolved"},{"id":"3","name":"C"}]""";
        await DomainsCluster.Restart(monitor);
        var changes = await monitor.RunOnce("w");
        Assert.Equal((["3"], ["2"]), (changes.Added.ToArray(), changes.Removed.ToArray()), new PairComparer());
        Assert.Equal(new FieldChange { Item = "1", Field = "state", Before = "active", After = "dissolved" }, Assert.Single(changes.Changed));
        Assert.Single(await monitor.Alerts("w", 10));
    }

    private Task<RegisterResult> Register(string slug, string address) => cluster.Worker<IAdapterRegistryGrain>(IAdapterRegistryGrain.Key).Register(new AdapterInfo
    {
        Slug = slug, Name = slug, Category = "registry", Kind = AdapterKind.HttpJson, Address = address, Inputs = [InputKind.Person],
    });

    private sealed class PairComparer : IEqualityComparer<(string[], string[])>
    {
        public bool Equals((string[], string[]) x, (string[], string[]) y) => x.Item1.SequenceEqual(y.Item1) && x.Item2.SequenceEqual(y.Item2);

        public int GetHashCode((string[], string[]) obj) => obj.Item1.Length;
    }
}
