using System.Net;
using System.Text;
using System.Text.Json;
using Prismatic.Breakers;
using Prismatic.Control;
using Prismatic.Lessons;
using Prismatic.Mailbox;
using Prismatic.Remediation;
using Xunit;

namespace Prismatic.Tests.Dashboard;

/// <summary>What an operator can change over HTTP.</summary>
public sealed class ActingTests
{
    private const string Restart = """{"action":"restart","target":"prismatic/osint/source-manager","incarnation":4,"reason":"it hangs","idempotencyKey":"k-1"}""";

    private static async Task<HttpResponseMessage> Send(SupervisionHost host, HttpMethod method, string path, string body, string type = "application/json", string? site = null)
    {
        using var request = new HttpRequestMessage(method, "/admin/supervision/api/" + path) { Content = new StringContent(body, Encoding.UTF8, type) };
        if (site is not null)
        {
            request.Headers.Add("Sec-Fetch-Site", site);
        }

        return await host.Client.SendAsync(request);
    }

    private static Task<HttpResponseMessage> Post(SupervisionHost host, string path, string body, string type = "application/json", string? site = null) =>
        Send(host, HttpMethod.Post, path, body, type, site);

    [Fact]
    public async Task An_action_is_accepted_with_its_place_and_the_name_of_who_asked()
    {
        OperatorOrder? seen = null;
        await using var host = await SupervisionHost.Start();
        host.Cluster.Submit = order =>
        {
            seen = order;
            return new OrderAnswer(Samples.Action(order));
        };

        using var response = await Post(host, "actions", Restart);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("/admin/supervision/api/actions/0123456789abcdef01234567", response.Headers.Location?.ToString());
        Assert.Equal("Done", (await SupervisionHost.Json(response)).GetProperty("status").GetString());
        Assert.Equal(
            new OperatorOrder { Kind = OperatorActionKind.Restart, Target = "prismatic/osint/source-manager", Incarnation = 4, Reason = "it hangs", By = "eva", IdempotencyKey = "k-1" },
            seen);
    }

    [Fact]
    public async Task An_action_that_the_supervisor_refused_is_a_conflict_that_says_why()
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.Submit = order => new OrderAnswer(Samples.Action(order, OperatorActionStatus.Refused, "it is at incarnation 5; the request was made for 4"));

        using var response = await Post(host, "actions", Restart);

        Assert.Equal("it is at incarnation 5; the request was made for 4", await SupervisionHost.Problem(response, HttpStatusCode.Conflict));
    }

    [Theory]
    [InlineData(OrderProblem.UnknownTarget, HttpStatusCode.NotFound)]
    [InlineData(OrderProblem.KeyInUse, HttpStatusCode.Conflict)]
    [InlineData(OrderProblem.Invalid, HttpStatusCode.BadRequest)]
    public async Task An_order_that_is_not_accepted_is_answered_by_what_is_wrong_with_it(OrderProblem problem, HttpStatusCode status)
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.Submit = _ => new OrderAnswer(null, problem, "so it is");

        using var response = await Post(host, "actions", Restart);

        Assert.Equal("so it is", await SupervisionHost.Problem(response, status));
    }

    [Theory]
    [InlineData("""{"action":"explode","target":"a"}""", "'action' is 'explode'")]
    [InlineData("""{"action":"restart","target":"a","durationSeconds":5}""", "it belongs to isolate")]
    [InlineData("""{"action":"isolate","target":"a","durationSeconds":0}""", "must be more than 0")]
    [InlineData("""{"action":"restart","force":true}""", "and nothing else")]
    [InlineData("null", "The body is null")]
    public async Task A_body_that_is_wrong_is_told_so_and_reaches_nobody(string body, string part)
    {
        await using var host = await SupervisionHost.Start();

        using var response = await Post(host, "actions", body);

        Assert.Contains(part, await SupervisionHost.Problem(response, HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Empty(host.Cluster.Asked);
    }

    [Theory]
    [InlineData("POST", "actions")]
    [InlineData("POST", "dead-letters/a%3Ab/replay")]
    [InlineData("POST", "dead-letters/a%3Ab/discard")]
    [InlineData("POST", "remediations")]
    [InlineData("DELETE", "remediations/mine")]
    [InlineData("PUT", "remediations/mode")]
    [InlineData("POST", "remediations/try")]
    [InlineData("PATCH", "lessons/g%2F1")]
    [InlineData("POST", "lessons/import")]
    public async Task Another_sites_page_changes_nothing(string method, string path)
    {
        await using var host = await SupervisionHost.Start();

        using var response = await Send(host, new HttpMethod(method), path, "{}", site: "cross-site");

        await SupervisionHost.Problem(response, HttpStatusCode.Forbidden);
        Assert.Empty(host.Cluster.Asked);
    }

    [Fact]
    public async Task The_audit_is_paged_newest_first()
    {
        await using var host = await SupervisionHost.Start();
        (long? Before, int Limit)? asked = null;
        host.Cluster.Audit = (before, limit) =>
        {
            asked = (before, limit);
            return [.. Enumerable.Range(0, limit).Select(i => new AuditEntry { Number = 9 - i, At = Samples.Noon, By = "eva", What = "restart", Subject = "a", Status = OperatorActionStatus.Done })];
        };

        var page = await host.Get("/admin/supervision/api/audit?before=10&limit=2");

        Assert.Equal((10L, 2), asked);
        Assert.Equal([9L, 8L], page.GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("number").GetInt64()));
        Assert.Equal(8, page.GetProperty("next").GetInt64());
        Assert.Contains("'limit' is '0'", await host.Problem("/admin/supervision/api/audit?limit=0", HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("'before' is 'x'", await host.Problem("/admin/supervision/api/audit?before=x", HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Breakers_that_are_not_closed_are_listed()
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.Breakers = [new BreakerView { Target = "source:justice", State = BreakerState.Open, Epoch = 3, ProbeIn = TimeSpan.FromSeconds(12), Break = TimeSpan.FromSeconds(30), Reason = "refused" }];

        var breaker = (await host.Get("/admin/supervision/api/breakers"))[0];

        Assert.Equal(("source:justice", "Open", 12.0), (breaker.GetProperty("target").GetString(), breaker.GetProperty("state").GetString(), breaker.GetProperty("probeInSeconds").GetDouble()));
    }

    [Fact]
    public async Task A_dead_letter_is_listed_replayed_and_discarded_with_an_audit_entry_before()
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.DeadLetters = new DeadLetterList { Letters = [Samples.DeadLetter()], Dropped = 2 };
        host.Cluster.Replay = id => Samples.DeadLetter() with { LastReplay = new DeadLetterReplay(Samples.Noon, id, null) };
        var path = $"dead-letters/{Uri.EscapeDataString(Samples.DeadLetter().Id)}";

        var list = await host.Get("/admin/supervision/api/dead-letters?under=prismatic/dd");
        Assert.Equal("[email]", list.GetProperty("items")[0].GetProperty("arguments")[0].GetProperty("value").GetString());
        using var replayed = await Post(host, path + "/replay", """{"reason":"the parser is mended"}""");
        Assert.True((await SupervisionHost.Json(replayed)).GetProperty("lastReplay").GetProperty("served").GetBoolean());
        using var discarded = await Post(host, path + "/discard", """{"reason":"nobody needs it"}""");
        Assert.Equal(HttpStatusCode.NoContent, discarded.StatusCode);
        Assert.Equal([("dead letter replayed", Samples.DeadLetter().Id), ("dead letter discarded", Samples.DeadLetter().Id)], host.Cluster.Notes);

        host.Cluster.Replay = _ => throw new InvalidOperationException("it was not kept");
        using var refused = await Post(host, path + "/replay", """{"reason":"again"}""");
        Assert.Equal("it was not kept", await SupervisionHost.Problem(refused, HttpStatusCode.Conflict));
        using var unsaid = await Post(host, path + "/replay", "{}");
        await SupervisionHost.Problem(unsaid, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task What_cannot_be_written_into_the_audit_is_not_done()
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.Failure = new TimeoutException();

        using var response = await Post(host, $"dead-letters/{Uri.EscapeDataString(Samples.DeadLetter().Id)}/replay", """{"reason":"now"}""");

        await SupervisionHost.Problem(response, HttpStatusCode.ServiceUnavailable);
        Assert.DoesNotContain(host.Cluster.Asked, call => call.Method == nameof(IDeadLettersGrain.Replay));
    }

    [Fact]
    public async Task A_rule_is_registered_as_it_stands_in_a_rule_file_and_the_answer_says_which_silos_have_it()
    {
        RemediationRule? seen = null;
        await using var host = await SupervisionHost.Start();
        var receipt = host.Cluster.Register;
        host.Cluster.Register = rule =>
        {
            seen = rule;
            return receipt(rule);
        };

        using var response = await Post(host, "remediations", """{"id":"mine","pattern":{"exceptionType":"System.TimeoutException"},"remediation":{"action":"RestartWithBackoff","firstSeconds":1}}""");

        var answer = await SupervisionHost.Json(response);
        Assert.Equal(("mine", RuleOrigin.Registered), (seen!.Id, seen.Origin));
        Assert.Equal((7, false), (answer.GetProperty("version").GetInt64(), answer.GetProperty("everywhere").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("silos")[1].GetProperty("since").ValueKind);

        using var wrong = await Post(host, "remediations", "{\"id\":\"mine\",\n\"pattern\":{\"klass\":1},\"remediation\":{\"action\":\"Pray\"}}");
        var problem = await SupervisionHost.Json(wrong);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.All(problem.GetProperty("mistakes").EnumerateArray(), mistake => Assert.StartsWith("line 2, ", mistake.GetString(), StringComparison.Ordinal));

        using var cut = await Post(host, "remediations", "{\"id\":\"mine\",\n\"pattern\":");
        Assert.StartsWith("line 2: This is not JSON: ", await SupervisionHost.Problem(cut, HttpStatusCode.BadRequest), StringComparison.Ordinal);
        using var list = await Post(host, "remediations", "[]");
        Assert.Equal("line 1: A rule must be an object; it is a list.", await SupervisionHost.Problem(list, HttpStatusCode.BadRequest));
        host.Cluster.Register = _ => throw new ArgumentException("'mine' ties with 'yours'.", nameof(RemediationRule));
        using var tie = await Post(host, "remediations", """{"id":"mine","pattern":{"exceptionType":"System.TimeoutException"},"remediation":{"action":"Escalate"}}""");
        Assert.Equal("'mine' ties with 'yours'.", await SupervisionHost.Problem(tie, HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task The_kill_switch_is_thrown_with_a_reason()
    {
        await using var host = await SupervisionHost.Start();

        using var off = await Send(host, HttpMethod.Put, "remediations/mode", """{"mode":"off","reason":"it makes it worse"}""");
        Assert.Equal(7 + (int)RemediationMode.Off, (await SupervisionHost.Json(off)).GetProperty("version").GetInt64());
        Assert.Equal([("remediation set to Off", "remediation")], host.Cluster.Notes);
        using var unsaid = await Send(host, HttpMethod.Put, "remediations/mode", """{"mode":"off"}""");
        Assert.Contains("'reason' must say why", await SupervisionHost.Problem(unsaid, HttpStatusCode.BadRequest), StringComparison.Ordinal);
        using var unknown = await Send(host, HttpMethod.Put, "remediations/mode", """{"mode":"maybe","reason":"r"}""");
        await SupervisionHost.Problem(unknown, HttpStatusCode.BadRequest);
        Assert.Equal("Active", (await host.Get("/admin/supervision/api/remediations/mode")).GetProperty("mode").GetString());
    }

    [Fact]
    public async Task An_edit_of_a_lesson_names_the_version_it_saw_and_is_a_conflict_when_somebody_else_edited_it()
    {
        LessonEdit? seen = null;
        await using var host = await SupervisionHost.Start();
        host.Cluster.Edit = edit =>
        {
            seen = edit;
            return Samples.Lesson() with { RootCause = edit.RootCause! };
        };

        using var edited = await Send(host, HttpMethod.Patch, "lessons/g%2F1", """{"version":12,"rootCause":"the certificate ends","status":"Muted","mute":{"crashes":5}}""");
        Assert.Equal("the certificate ends", (await SupervisionHost.Json(edited)).GetProperty("rootCause").GetString());
        Assert.Equal(("g/1", 12L, "eva", LessonStatus.Muted, 5L), (seen!.LessonId, seen.Version, seen.By, seen.Status, seen.Mute!.Crashes));

        host.Cluster.Edit = _ => throw new LessonConflictException("g/1", 12, 13, 14);
        using var conflict = await Send(host, HttpMethod.Patch, "lessons/g%2F1", """{"version":12,"rootCause":"x"}""");
        await SupervisionHost.Problem(conflict, HttpStatusCode.Conflict);
        using var versionless = await Send(host, HttpMethod.Patch, "lessons/g%2F1", """{"rootCause":"x"}""");
        Assert.Contains("'version' is missing", await SupervisionHost.Problem(versionless, HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_lessons_goes_out_and_comes_in_and_its_mistakes_are_listed()
    {
        await using var host = await SupervisionHost.Start();

        using var export = await host.Client.GetAsync(new Uri("/admin/supervision/api/lessons/export", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("more", Assert.Single(export.Headers.GetValues("Prismatic-Next")));
        using var import = await Post(host, "lessons/import", await export.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, (await SupervisionHost.Json(import)).GetProperty("added").GetInt32());

        host.Cluster.Import = _ => new LessonImport { Mistakes = ["line 3: signature is not that of this file."] };
        using var refused = await Post(host, "lessons/import", "{}");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("line 3: signature is not that of this file.", (await SupervisionHost.Json(refused)).GetProperty("mistakes")[0].GetString());

        host.Cluster.Import = _ => throw new InvalidOperationException("This cluster has no key.");
        using var keyless = await Post(host, "lessons/import", "{}");
        Assert.Equal("This cluster has no key.", await SupervisionHost.Problem(keyless, HttpStatusCode.Conflict));
    }
}
