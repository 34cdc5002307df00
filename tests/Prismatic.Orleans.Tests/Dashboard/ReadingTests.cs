using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using Prismatic.Dashboard;
using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Dashboard;

public sealed class ReadingTests
{
    private const string Api = "/admin/supervision/api";

    [Fact]
    public async Task The_tree_has_the_figures_and_its_nodes_with_strategies_camel_cased_and_states_by_name()
    {
        await using var host = await SupervisionHost.Start();

        var tree = await host.Get($"{Api}/tree");

        Assert.Equal(9, tree.GetProperty("totalProcesses").GetInt32());
        Assert.Equal(7, tree.GetProperty("restartCounts").GetProperty("prismatic/osint/source-manager").GetInt64());
        var memory = tree.GetProperty("memoryPerSupervisor").GetProperty("prismatic/core");
        Assert.Equal(4096, memory.GetProperty("bytes").GetInt64());
        Assert.Equal("Sampled.", memory.GetProperty("method").GetString());
        Assert.Equal(3, memory.GetProperty("activations").GetInt32());
        Assert.Equal(87.5, tree.GetProperty("healthScore").GetDouble());
        Assert.Equal(2, tree.GetProperty("silos").GetInt32());
        Assert.Empty(tree.GetProperty("missing").EnumerateArray());
        Assert.Equal(Samples.Noon, tree.GetProperty("at").GetDateTimeOffset());
        Assert.Equal("prismatic/osint/source-manager", tree.GetProperty("hotspots")[0].GetProperty("path").GetString());
        Assert.Equal(["oneForOne", "restForOne", "oneForAll"], tree.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("strategy").GetString()).OfType<string>());

        var ill = tree.GetProperty("nodes")[5];
        Assert.Equal("BackingOff", ill.GetProperty("status").GetString());
        Assert.Equal("worker", ill.GetProperty("kind").GetString());
        Assert.Equal(7, ill.GetProperty("restarts").GetInt64());
        Assert.Equal(5, ill.GetProperty("recentRestarts").GetInt32());
        Assert.Equal(12.5, ill.GetProperty("availableInSeconds").GetDouble());
        Assert.True(ill.GetProperty("needsAttention").GetBoolean());
        Assert.Equal("jan/novak", tree.GetProperty("nodes")[7].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Filters_narrow_the_nodes_and_never_the_figures()
    {
        await using var host = await SupervisionHost.Start();

        var tree = await host.Get($"{Api}/tree?under=prismatic/core&depth=0&ill=false");

        Assert.Equal("prismatic/core", Assert.Single(tree.GetProperty("nodes").EnumerateArray()).GetProperty("path").GetString());
        Assert.Equal(9, tree.GetProperty("totalProcesses").GetInt32());
        Assert.Equal(1, tree.GetProperty("hotspots").GetArrayLength());
    }

    [Theory]
    [InlineData("/tree?depth=two", "'depth'")]
    [InlineData("/tree?ill=yes", "'ill'")]
    [InlineData("/tree?under=/", "'under'")]
    [InlineData("/lessons?limit=0", "'limit'")]
    [InlineData("/lessons?limit=501", "'limit'")]
    [InlineData("/lessons?class=1", "'class'")]
    [InlineData("/lessons?class=Bug", "'class'")]
    [InlineData("/lessons?cursor=made-up", "'cursor'")]
    public async Task A_bad_query_is_answered_with_400_and_a_sentence_that_names_the_parameter(string call, string named)
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.List = query => query.Cursor is null ? new LessonPage { Items = [] } : throw new ArgumentException("The cursor is not known.");

        Assert.Contains(named, await host.Problem(Api + call, HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_text_may_have_200_characters_and_no_more()
    {
        await using var host = await SupervisionHost.Start();

        await host.Get($"{Api}/lessons?query={new string('a', LessonSelection.LongestText)}");
        Assert.Contains("'query'", await host.Problem($"{Api}/lessons?query={new string('a', LessonSelection.LongestText + 1)}", HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/tree?under=prismatic/nobody", "prismatic/nobody")]
    [InlineData("/lessons/unknown", "'unknown'")]
    public async Task An_unknown_node_or_lesson_is_answered_with_404_and_its_name(string call, string named)
    {
        await using var host = await SupervisionHost.Start();

        Assert.Contains(named, await host.Problem(Api + call, HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hotspots_are_a_list()
    {
        await using var host = await SupervisionHost.Start();

        var hotspot = Assert.Single((await host.Get($"{Api}/hotspots")).EnumerateArray());
        Assert.Equal(5, hotspot.GetProperty("restarts").GetInt32());
        Assert.Equal(300, hotspot.GetProperty("windowSeconds").GetDouble());
        Assert.Equal("SocketException: refused", hotspot.GetProperty("lastCrash").GetString());
    }

    [Theory]
    [InlineData("", null, null, 50, null)]
    [InlineData("?query=refused&class=ExternalDependency&limit=500&cursor=c2", "refused", FailureClass.ExternalDependency, 500, "c2")]
    [InlineData("?class=state_corruption&limit=1", null, FailureClass.StateCorruption, 1, null)]
    public async Task The_lessons_query_reaches_the_grain_as_it_was_asked(string query, string? text, FailureClass? @class, int limit, string? cursor)
    {
        LessonQuery? seen = null;
        await using var host = await SupervisionHost.Start();
        host.Cluster.List = asked =>
        {
            seen = asked;
            return new LessonPage { Items = [Samples.Lesson()], Next = "c3" };
        };

        var page = await host.Get($"{Api}/lessons{query}");

        Assert.Equal(new LessonQuery { Text = text, Class = @class, Limit = limit, Cursor = cursor }, seen);
        Assert.Equal("c3", page.GetProperty("next").GetString());
        var lesson = page.GetProperty("items")[0];
        Assert.Equal("ExternalDependency", lesson.GetProperty("class").GetString());
        Assert.Equal("Learned", lesson.GetProperty("origin").GetString());
        Assert.Equal("CircuitBreak", lesson.GetProperty("remediation").GetProperty("action").GetString());
        Assert.Equal(45, lesson.GetProperty("remediation").GetProperty("durationSeconds").GetDouble());
        Assert.Equal(9, lesson.GetProperty("outcomes").GetProperty("CircuitBreak").GetProperty("healed").GetInt64());
        Assert.False(lesson.TryGetProperty("frames", out _));
    }

    [Fact]
    public async Task A_lesson_is_found_by_its_percent_encoded_id_and_shows_its_last_crash()
    {
        await using var host = await SupervisionHost.Start();

        var lesson = await host.Get($"{Api}/lessons/g%2F1");

        Assert.Equal("g/1", lesson.GetProperty("id").GetString());
        Assert.Equal("Sources.Query", lesson.GetProperty("frames")[0].GetString());
    }

    [Fact]
    public async Task Statistics_carry_the_articles_names_and_a_rate_over_nothing_is_null()
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.Statistics = new LessonStatistics { TotalLessons = 3, TotalCrashes = 20, AutoRemediatedRate = 0.5, AutoRemediatedKnownRate = 0.75, MeanTimeToRecoverySeconds = 1.5, EscalationRate = 0.1 };

        var statistics = await host.Get($"{Api}/lessons/statistics");

        Assert.Equal(3, statistics.GetProperty("totalLessons").GetInt64());
        Assert.Equal(20, statistics.GetProperty("totalCrashes").GetInt64());
        Assert.Equal(0.5, statistics.GetProperty("autoRemediatedRate").GetDouble());
        Assert.Equal(0.75, statistics.GetProperty("autoRemediatedKnownRate").GetDouble());
        Assert.Equal(1.5, statistics.GetProperty("meanTimeToRecoverySeconds").GetDouble());
        Assert.Equal(0.1, statistics.GetProperty("escalationRate").GetDouble());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, statistics.GetProperty("falsePositiveRate").ValueKind);
    }

    [Fact]
    public async Task Escalations_list_open_and_resolved_tickets_with_their_answers()
    {
        await using var host = await SupervisionHost.Start();

        var tickets = await host.Get($"{Api}/escalations");

        Assert.True(tickets[0].GetProperty("open").GetBoolean());
        Assert.Equal(Samples.OpenId, tickets[0].GetProperty("id").GetString());
        Assert.False(tickets[1].GetProperty("open").GetBoolean());
        Assert.Equal("eva", tickets[1].GetProperty("resolution").GetProperty("by").GetString());
        Assert.Equal("RestartWithStateReset", tickets[1].GetProperty("resolution").GetProperty("remediation").GetProperty("action").GetString());
    }

    [Fact]
    public async Task Remediations_list_every_rule_with_its_sentence()
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.Rules = new RuleTable
        {
            Version = 4,
            Rules = [new RemediationRule { Id = "refused", Pattern = new CrashPattern { Code = "socket", CodeValues = ["ConnectionRefused"] }, Action = new CircuitBreak(), Origin = RuleOrigin.BuiltIn }],
        };

        var rule = Assert.Single((await host.Get($"{Api}/remediations")).EnumerateArray());

        Assert.Equal("When the socket code is ConnectionRefused, then break the circuit to the failing target for 30 s.", rule.GetProperty("sentence").GetString());
        Assert.Equal("BuiltIn", rule.GetProperty("origin").GetString());
        Assert.Equal("CircuitBreak", rule.GetProperty("remediation").GetProperty("action").GetString());
    }

    [Theory]
    [InlineData("/tree")]
    [InlineData("/hotspots")]
    [InlineData("/lessons")]
    [InlineData("/lessons/statistics")]
    [InlineData("/lessons/x")]
    [InlineData("/escalations")]
    [InlineData("/remediations")]
    public async Task A_grain_that_fails_is_answered_with_503_a_retry_hint_and_nothing_of_its_exception(string call)
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.Failure = new InvalidOperationException("password=hunter2");

        using var response = await host.Client.GetAsync(new Uri(Api + call, UriKind.Relative), TestContext.Current.CancellationToken);

        var detail = await SupervisionHost.Problem(response, HttpStatusCode.ServiceUnavailable);
        Assert.Contains("is not available", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(2), response.Headers.RetryAfter?.Delta);
        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task A_grain_that_does_not_answer_within_the_read_timeout_is_answered_with_503()
    {
        var time = new FakeTimeProvider();
        var cluster = new FakeCluster { Silent = true };
        var grains = new SupervisionGrains(cluster.Factory, time);

        var asking = grains.Tree(CancellationToken.None);
        time.Advance(SupervisionGrains.ReadTimeout - TimeSpan.FromMilliseconds(1));
        Assert.False(asking.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True((await Assert.ThrowsAsync<GrainUnansweredException>(() => asking)).TimedOut);
    }

    [Fact]
    public async Task A_refusal_of_supervision_itself_keeps_its_own_retry_hint()
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.Failure = new ChildUnavailableException("prismatic/core/x", ChildStatus.BackingOff, TimeSpan.FromSeconds(6.2));

        using var response = await host.Client.GetAsync(new Uri($"{Api}/tree", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Contains("prismatic/core/x is BackingOff", await SupervisionHost.Problem(response, HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task The_openapi_document_describes_every_call_of_the_api_and_nothing_else()
    {
        await using var host = await SupervisionHost.Start();

        var document = await host.Get("/admin/supervision/openapi.json");

        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            [
                "actions", "actions/{id}", "audit", "breakers", "dead-letters", "dead-letters/{id}/discard", "dead-letters/{id}/replay", "drills", "drills/{id}",
                "escalations", "escalations/{id}/resolve", "hotspots", "lessons", "lessons/export", "lessons/import", "lessons/statistics", "lessons/{id}",
                "lessons/{id}/audit", "lessons/{id}/drill", "remediations", "remediations/mode", "remediations/try", "remediations/{id}", "tree",
            ],
            document.GetProperty("paths").EnumerateObject().Select(path => path.Name[(Api.Length + 1)..]).Order(StringComparer.Ordinal));
        var schemas = document.GetProperty("components").GetProperty("schemas").GetRawText();
        Assert.Contains("\"oneForOne\"", schemas, StringComparison.Ordinal);
        Assert.Contains("\"BackingOff\"", schemas, StringComparison.Ordinal);
        Assert.DoesNotContain("\"pattern\":\"", document.GetRawText().Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
