using System.Net;
using System.Text;
using Prismatic.Dashboard;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Dashboard;

public sealed class ResolvingTests
{
    private const string Answer = """{"remediation":{"action":"CircuitBreak","durationSeconds":45,"target":"source:justice"},"rootCause":" refuses at night ","note":"seen twice"}""";

    private static string Resolve(string id) => $"/admin/supervision/api/escalations/{Uri.EscapeDataString(id)}/resolve";

    private static async Task<HttpResponseMessage> Post(SupervisionHost host, string id = Samples.OpenId, string body = Answer, string type = "application/json", string? site = null, string? origin = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Resolve(id)) { Content = new StringContent(body, Encoding.UTF8, type) };
        if (site is not null)
        {
            request.Headers.Add("Sec-Fetch-Site", site);
        }

        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return await host.Client.SendAsync(request);
    }

    [Fact]
    public async Task An_answer_reaches_the_tickets_supervisor_with_the_name_of_who_gave_it_and_becomes_a_lesson()
    {
        (string Id, Resolution Resolution)? seen = null;
        await using var host = await SupervisionHost.Start();
        host.Cluster.Resolve = (id, resolution) =>
        {
            seen = (id, resolution);
            return Samples.Lesson();
        };

        using var response = await Post(host, site: "same-origin");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("g/1", (await SupervisionHost.Json(response)).GetProperty("lesson").GetProperty("id").GetString());
        Assert.Equal(("prismatic/osint", nameof(ISupervisorGrain.ResolveTicket)), host.Cluster.Asked[^1]);
        Assert.Equal(Samples.OpenId, seen!.Value.Id);
        Assert.Equal(
            new Resolution { Remediation = new CircuitBreak { Target = "source:justice", Duration = TimeSpan.FromSeconds(45) }, RootCause = "refuses at night", Note = "seen twice", By = "eva" },
            seen.Value.Resolution);
    }

    [Fact]
    public async Task A_quarantine_is_resolved_without_a_lesson()
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.Resolve = (_, _) => null;

        using var response = await Post(host);

        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await SupervisionHost.Json(response)).GetProperty("lesson").ValueKind);
    }

    [Theory]
    [InlineData("prismatic/a%2Fb:1")]
    [InlineData("prismatic/a/b:1")]
    [InlineData("prismatic/50%25:off:1")]
    public async Task An_id_is_decoded_once_and_leads_to_the_supervisor_before_its_last_colon(string id)
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.Tickets = [Samples.OpenTicket() with { Id = id }];

        using var response = await Post(host, id);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(id[..id.LastIndexOf(':')], host.Cluster.Asked[^1].Grain);
    }

    [Theory]
    [InlineData("prismatic/osint:unknown")]
    [InlineData("no-colon")]
    public async Task An_unknown_id_is_answered_with_404_and_reaches_no_supervisor(string id)
    {
        await using var host = await SupervisionHost.Start();

        using var response = await Post(host, id);

        Assert.Contains(id, await SupervisionHost.Problem(response, HttpStatusCode.NotFound), StringComparison.Ordinal);
        Assert.DoesNotContain(host.Cluster.Asked, asked => asked.Method == nameof(ISupervisorGrain.ResolveTicket));
    }

    [Fact]
    public async Task A_ticket_is_resolved_once_and_the_second_answer_learns_by_whom()
    {
        await using var host = await SupervisionHost.Start();

        using var response = await Post(host, Samples.ResolvedTicket().Id);

        Assert.Contains("eva", await SupervisionHost.Problem(response, HttpStatusCode.Conflict), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_supervisor_that_refuses_is_quoted()
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.Resolve = (_, _) => throw new ArgumentException("There is no such open ticket.");

        using var response = await Post(host);

        Assert.Equal("There is no such open ticket.", await SupervisionHost.Problem(response, HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task A_host_without_the_control_key_is_told_so_with_403()
    {
        await using var host = await SupervisionHost.Start();
        host.Cluster.Resolve = (_, _) => throw new ControlRefusedException("ResolveTicket");

        using var response = await Post(host);

        Assert.Contains("control key", await SupervisionHost.Problem(response, HttpStatusCode.Forbidden), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cross-site", null)]
    [InlineData("same-site", null)]
    [InlineData("none", null)]
    [InlineData("cross-site", "http://127.0.0.1")]
    [InlineData(null, "https://evil.example")]
    [InlineData(null, "null")]
    public async Task A_change_from_another_site_is_refused_before_any_grain_is_asked(string? site, string? origin)
    {
        await using var host = await SupervisionHost.Start();

        using var response = await Post(host, site: site, origin: origin);

        Assert.Contains("own origin only", await SupervisionHost.Problem(response, HttpStatusCode.Forbidden), StringComparison.Ordinal);
        Assert.Empty(host.Cluster.Asked);
    }

    [Theory]
    [InlineData(null, null, "ops:8080", true)]
    [InlineData("same-origin", null, "ops:8080", true)]
    [InlineData(null, "http://ops:8080", "ops:8080", true)]
    [InlineData(null, "https://OPS.example", "ops.example", true)]
    [InlineData(null, "https://ops.example:443", "ops.example", true)]
    [InlineData(null, "http://ops:8081", "ops:8080", false)]
    [InlineData(null, "http://ops:8080.evil.example", "ops:8080", false)]
    [InlineData(null, "http://ops", "", false)]
    public void An_origin_is_the_pages_own_when_host_and_port_agree(string? site, string? origin, string host, bool own) =>
        Assert.Equal(own, SameOrigin.Refusal(site, origin, host) is null);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_body_that_is_not_sent_as_json_is_refused_with_415(string type)
    {
        await using var host = await SupervisionHost.Start();

        using var response = await Post(host, type: type);

        Assert.Contains("application/json", await SupervisionHost.Problem(response, HttpStatusCode.UnsupportedMediaType), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null", "remediation")]
    [InlineData("{", "JSON")]
    [InlineData("[]", "JSON")]
    [InlineData("""{"rootCause":"x"}""", "'remediation'")]
    [InlineData("""{"remediation":{},"rootCause":"x"}""", "'remediation.action'")]
    [InlineData("""{"remediation":{"action":"Reboot"},"rootCause":"x"}""", "'remediation.action' is 'Reboot'")]
    [InlineData("""{"remediation":{"action":"Escalate","code":"x"},"rootCause":"x"}""", "$.remediation")]
    [InlineData("""{"remediation":{"action":"RestartWithStateReset","maxSeconds":1},"rootCause":"x"}""", "'remediation.maxSeconds' is not a parameter")]
    [InlineData("""{"remediation":{"action":"CircuitBreak","durationSeconds":0},"rootCause":"x"}""", "'remediation.durationSeconds'")]
    [InlineData("""{"remediation":{"action":"CircuitBreak","durationSeconds":604801},"rootCause":"x"}""", "'remediation.durationSeconds'")]
    [InlineData("""{"remediation":{"action":"CircuitBreak","durationSeconds":"45"},"rootCause":"x"}""", "$.remediation.durationSeconds")]
    [InlineData("""{"remediation":{"action":"CircuitBreak","target":" "},"rootCause":"x"}""", "'remediation.target'")]
    [InlineData("""{"remediation":{"action":"RestartWithBackoff","initialSeconds":31},"rootCause":"x"}""", "'remediation.initialSeconds'")]
    [InlineData("""{"remediation":{"action":"RestartWithBackoff","firstSeconds":-1},"rootCause":"x"}""", "'remediation.firstSeconds'")]
    [InlineData("""{"remediation":{"action":"RestartWithBackoff","factor":0.5},"rootCause":"x"}""", "'remediation.factor'")]
    [InlineData("""{"remediation":{"action":"RestartWithBackoff","jitter":"Some"},"rootCause":"x"}""", "'remediation.jitter'")]
    [InlineData("""{"remediation":{"action":"RestartWithBackoff","giveUpAfter":-1},"rootCause":"x"}""", "'remediation.giveUpAfter'")]
    [InlineData("""{"remediation":{"action":"Escalate","factor":2},"rootCause":"x"}""", "'remediation.factor' is not a parameter")]
    [InlineData("""{"remediation":{"action":"Escalate"},"rootCause":" "}""", "'rootCause'")]
    [InlineData("""{"remediation":{"action":"Escalate"}}""", "'rootCause'")]
    public async Task A_body_that_is_not_valid_is_refused_with_400_and_the_name_of_the_member(string body, string named)
    {
        await using var host = await SupervisionHost.Start();

        using var response = await Post(host, body: body);

        Assert.Contains(named, await SupervisionHost.Problem(response, HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Empty(host.Cluster.Asked);
    }

    [Fact]
    public async Task Root_cause_and_note_may_have_2000_characters_and_no_more()
    {
        var longest = new string('x', ResolveRequest.LongestText);
        var fits = new ResolveRequest { Remediation = new RemediationRequest { Action = "Escalate" }, RootCause = longest, Note = longest };

        Assert.NotNull(fits.ToResolution("eva").Resolution);
        Assert.Contains("'rootCause'", (fits with { RootCause = longest + "x" }).ToResolution("eva").Error, StringComparison.Ordinal);
        Assert.Contains("'note'", (fits with { Note = longest + "x" }).ToResolution("eva").Error, StringComparison.Ordinal);

        await using var host = await SupervisionHost.Start();
        using var response = await Post(host, body: $$"""{"note":"{{new string('x', ChangeRoute.Typed)}}"}""");
        Assert.Contains("65536", await SupervisionHost.Problem(response, HttpStatusCode.RequestEntityTooLarge), StringComparison.Ordinal);
    }

    public static TheoryData<string, RemediationAction> Actions => new()
    {
        { "RestartWithBackoff", new RestartWithBackoff() },
        { "RestartWithStateReset", new RestartWithStateReset() },
        { "RedirectToFallback", new RedirectToFallback() },
        { "CircuitBreak", new CircuitBreak() },
        { "Escalate", new Escalate() },
    };

    [Theory]
    [MemberData(nameof(Actions))]
    public void An_action_named_without_parameters_has_its_defaults(string name, RemediationAction expected) =>
        Assert.Equal(expected, new RemediationRequest { Action = name }.Read().Action);

    [Fact]
    public void Every_parameter_of_a_restart_can_be_sent() => Assert.Equal(
        new RestartWithBackoff { First = TimeSpan.FromSeconds(1), Initial = TimeSpan.FromSeconds(2), Max = TimeSpan.FromSeconds(3), Factor = 1.5, Jitter = BackoffJitter.None, GiveUpAfter = 0 },
        new RemediationRequest { Action = "RestartWithBackoff", FirstSeconds = 1, InitialSeconds = 2, MaxSeconds = 3, Factor = 1.5, Jitter = "None", GiveUpAfter = 0 }.Read().Action);

    [Theory]
    [InlineData("/api/escalations/a%2Fb%3A1/resolve", 1, "a/b:1")]
    [InlineData("/api/escalations/a%252Fb/resolve/?x=/y", 1, "a%2Fb")]
    [InlineData("http://host/api/lessons/g%201", 0, "g 1")]
    [InlineData("x", 1, "")]
    public void A_segment_is_read_from_the_target_as_it_was_sent(string target, int fromEnd, string expected) =>
        Assert.Equal(expected, RawSegment.Read(target, fromEnd));
}
