using System.Net;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Prismatic.Tests.Dashboard;

public sealed class AccessTests
{
    [Fact]
    public async Task Everything_that_is_mapped_lies_under_the_root_and_requires_the_policy()
    {
        await using var host = await SupervisionHost.Start();

        var endpoints = host.Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.True(endpoints.Count >= 12, $"Only {endpoints.Count} endpoints were mapped.");
        Assert.All(endpoints, endpoint =>
        {
            Assert.StartsWith("/admin/supervision", endpoint.RoutePattern.RawText, StringComparison.Ordinal);
            Assert.Contains(endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>(), data => data.Policy == SupervisionHost.Policy);
            Assert.Null(endpoint.Metadata.GetMetadata<IAllowAnonymous>());
        });
    }

    [Theory]
    [InlineData("/admin/supervision")]
    [InlineData("/admin/supervision/")]
    [InlineData("/admin/supervision/app.js")]
    [InlineData("/admin/supervision/style.css")]
    [InlineData("/admin/supervision/openapi.json")]
    [InlineData("/admin/supervision/api/tree")]
    [InlineData("/ADMIN/Supervision/api/tree")]
    [InlineData("/admin/supervision/api/lessons/statistics")]
    [InlineData("/admin/supervision/api/escalations")]
    public async Task Who_is_not_signed_in_gets_401_and_who_may_not_gets_403_with_nothing_in_the_body(string path)
    {
        await using var host = await SupervisionHost.Start();

        foreach (var (user, expected) in new[] { (null, HttpStatusCode.Unauthorized), ("mallory", HttpStatusCode.Forbidden) })
        {
            using var client = host.NewClient(user);
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(expected, response.StatusCode);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }

        Assert.Empty(host.Cluster.Asked);
    }

    [Fact]
    public async Task With_cookies_the_page_leads_to_the_sign_in_and_the_api_answers_401()
    {
        var builder = SupervisionHost.Builder(new FakeCluster());
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
        builder.Services.AddPrismaticSupervisionDashboard();
        await using var app = builder.Build();
        app.MapPrismaticSupervision(SupervisionHost.Policy);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.Single()) };

        using var page = await client.GetAsync(new Uri("/admin/supervision/", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        using var api = await client.GetAsync(new Uri("/admin/supervision/api/tree", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void An_empty_policy_name_is_refused_at_start(string policy)
    {
        var builder = SupervisionHost.Builder(new FakeCluster());
        builder.Services.AddPrismaticSupervisionDashboard();
        var app = builder.Build();

        Assert.Throws<ArgumentException>(() => app.MapPrismaticSupervision(policy));
    }

    [Fact]
    public void A_policy_that_is_not_registered_is_refused_at_start_by_its_name()
    {
        var builder = SupervisionHost.Builder(new FakeCluster());
        builder.Services.AddPrismaticSupervisionDashboard();
        var app = builder.Build();

        var error = Assert.Throws<InvalidOperationException>(() => app.MapPrismaticSupervision("oprators"));
        Assert.Contains("'oprators'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mapping_without_the_services_says_which_call_is_missing()
    {
        var app = SupervisionHost.Builder(new FakeCluster()).Build();

        var error = Assert.Throws<InvalidOperationException>(() => app.MapPrismaticSupervision(SupervisionHost.Policy));
        Assert.Contains("AddPrismaticSupervisionDashboard", error.Message, StringComparison.Ordinal);
    }
}
