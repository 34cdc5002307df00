using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Prismatic.Silo;
using Xunit;

namespace Prismatic.Tests.Silo;

public sealed partial class AccessTests(RunningSilo silo) : IClassFixture<RunningSilo>
{
    private const string Dashboard = "/dashboard/version";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_route_but_health_sign_in_and_the_empty_icon_answers_an_anonymous_caller()
    {
        using var anonymous = silo.Anonymous();
        var endpoints = silo.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.Contains(endpoints, endpoint => IsUnder(endpoint, "/dashboard"));

        foreach (var endpoint in endpoints.Where(endpoint => !IsUnder(endpoint, "/health") && !IsUnder(endpoint, SignIn.Path) && !IsUnder(endpoint, "/favicon.ico")))
        {
            Assert.Null(endpoint.Metadata.GetMetadata<IAllowAnonymous>());
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                using var answer = await anonymous.SendAsync(new HttpRequestMessage(new HttpMethod(method), Sample(endpoint)), Stop);
                Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{method} {Sample(endpoint)} answered {answer.StatusCode}");
            }
        }
    }

    [Theory]
    [InlineData("/admin")]
    [InlineData("/admin/supervision/api/tree")]
    [InlineData("/ADMIN/supervision")]
    [InlineData("/dashboard")]
    [InlineData("/Dashboard/DashboardCounters")]
    [InlineData("/dashboard/no-such-page")]
    [InlineData("/no-such-page")]
    public async Task A_program_without_a_token_gets_401_and_problem_details(string path)
    {
        using var answer = await silo.Anonymous().GetAsync(path, Stop);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task A_browser_without_a_session_gets_401_and_a_page_that_says_how_to_sign_in()
    {
        using var browser = silo.Anonymous();
        browser.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));

        using var answer = await browser.GetAsync("/admin/supervision", Stop);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("href=\"/sign-in\"", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_with_the_configured_token_enters() =>
        Assert.Equal(HttpStatusCode.OK, (await silo.WithToken().GetAsync(Dashboard, Stop)).StatusCode);

    [Theory]
    [InlineData("")]
    [InlineData("wrong")]
    [InlineData(RunningSilo.Token + "0")]
    public async Task Another_token_does_not_enter(string token) =>
        Assert.Equal(HttpStatusCode.Unauthorized, (await silo.WithToken(token).GetAsync(Dashboard, Stop)).StatusCode);

    [Fact]
    public async Task A_link_signs_in_once_and_opening_it_uses_nothing_up()
    {
        using var browser = silo.Anonymous();
        var token = silo.App.Services.GetRequiredService<SignInLinks>().Issue();

        var page = await browser.GetStringAsync($"/sign-in?token={token}", Stop);
        Assert.Contains($"value=\"{token}\"", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync(Dashboard, Stop)).StatusCode);

        using var signedIn = await browser.PostAsync("/sign-in", Form(token), Stop);
        Assert.Equal(HttpStatusCode.SeeOther, signedIn.StatusCode);
        Assert.Equal("/admin/supervision", signedIn.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(Dashboard, Stop)).StatusCode);

        using var again = await silo.Anonymous().PostAsync("/sign-in", Form(token), Stop);
        Assert.Equal(HttpStatusCode.Forbidden, again.StatusCode);
        Assert.False(again.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task The_session_cookie_is_out_of_reach_of_scripts_and_other_sites()
    {
        using var answer = await silo.Anonymous().PostAsync("/sign-in", Form(silo.App.Services.GetRequiredService<SignInLinks>().Issue()), Stop);

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("samesite=strict", cookie, StringComparison.Ordinal);
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("domain=", cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_in_the_link_cannot_bring_its_own_markup() =>
        Assert.DoesNotContain("<script>", await silo.Anonymous().GetStringAsync("/sign-in?token=%22%3E%3Cscript%3E", Stop), StringComparison.Ordinal);

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Real-IP")]
    [InlineData("Forwarded")]
    public async Task A_link_does_not_work_through_a_proxy(string header)
    {
        using var caller = silo.Anonymous();
        caller.DefaultRequestHeaders.Add(header, "203.0.113.7");

        using var answer = await caller.PostAsync("/sign-in", Form(silo.App.Services.GetRequiredService<SignInLinks>().Issue()), Stop);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("192.168.1.5", false)]
    [InlineData("::ffff:192.168.1.5", false)]
    [InlineData(null, false)]
    public void Only_a_loopback_connection_comes_from_this_machine(string? address, bool thisMachine)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);

        Assert.Equal(thisMachine, SignIn.IsThisMachine(context));
    }

    [Theory]
    [InlineData("POST", null, false)]
    [InlineData("POST", "http://127.0.0.1:8080", false)]
    [InlineData("POST", "http://127.0.0.1:9999", true)]
    [InlineData("DELETE", "https://127.0.0.1:8080", true)]
    [InlineData("POST", "null", true)]
    [InlineData("GET", "http://127.0.0.1:9999", false)]
    public void A_page_of_another_origin_may_look_but_change_nothing(string method, string? origin, bool elsewhere)
    {
        var request = new DefaultHttpContext().Request;
        (request.Method, request.Scheme, request.Host) = (method, "http", new HostString("127.0.0.1", 8080));
        if (origin is not null)
        {
            request.Headers.Origin = origin;
        }

        Assert.Equal(elsewhere, BrowserSafety.IsFromElsewhere(request));
    }

    [Theory]
    [InlineData("/admin/supervision")]
    [InlineData("/dashboard")]
    [InlineData("/sign-in")]
    public async Task Every_page_tells_the_browser_to_be_careful(string path)
    {
        using var answer = await silo.Anonymous().GetAsync(path, Stop);

        Assert.Contains("frame-ancestors 'none'", Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("nosniff", Header("X-Content-Type-Options"));
        Assert.Equal("same-origin", Header("Referrer-Policy"));

        string Header(string name) => answer.Headers.GetValues(name).Single();
    }

    [Theory]
    [InlineData("/health/live", "live")]
    [InlineData("/health/ready", "ready")]
    [InlineData("/health/startup", "started")]
    public async Task Health_is_open_and_says_one_word(string path, string word) =>
        Assert.Equal(word, await silo.Anonymous().GetStringAsync(path, Stop));

    private static FormUrlEncodedContent Form(string token) => new([KeyValuePair.Create("token", token)]);

    private static bool IsUnder(RouteEndpoint endpoint, string prefix) =>
        ("/" + endpoint.RoutePattern.RawText!.TrimStart('/')).StartsWith(prefix, StringComparison.OrdinalIgnoreCase);

    private static string Sample(RouteEndpoint endpoint) =>
        "/" + RouteParameter().Replace(endpoint.RoutePattern.RawText!, "1").TrimStart('/');

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex RouteParameter();
}
