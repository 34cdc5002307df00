using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace Prismatic.Tests.Dashboard;

/// <summary>The dashboard on Kestrel at a free port, over a <see cref="FakeCluster"/>. Its client is signed in as eva unless asked otherwise; eva's token is her name.</summary>
public sealed class SupervisionHost : IAsyncDisposable
{
    public const string Policy = "operators";

    private readonly WebApplication app;

    private SupervisionHost(WebApplication app, FakeCluster cluster)
    {
        this.app = app;
        Cluster = cluster;
        Client = NewClient("eva");
    }

    public FakeCluster Cluster { get; }

    public HttpClient Client { get; }

    public IReadOnlyList<Endpoint> Endpoints => app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    public static async Task<SupervisionHost> Start(FakeCluster? cluster = null, TimeProvider? time = null)
    {
        cluster ??= new FakeCluster();
        var builder = Builder(cluster);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.Services.AddPrismaticSupervisionDashboard();
        var app = builder.Build();
        app.MapPrismaticSupervision(Policy);
        await app.StartAsync();
        return new SupervisionHost(app, cluster);
    }

    /// <summary>A host with everything but the dashboard.</summary>
    public static WebApplicationBuilder Builder(FakeCluster cluster)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(cluster.Factory);
        builder.Services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderSignIn>("header", null);
        builder.Services.AddAuthorizationBuilder().AddPolicy(Policy, policy => policy.RequireUserName("eva"));
        return builder;
    }

    public HttpClient NewClient(string? user)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.Single()) };
        if (user is not null)
        {
            client.DefaultRequestHeaders.Add("X-User", user);
        }

        return client;
    }

    public async Task<JsonElement> Get(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await Json(response);
    }

    /// <summary>The detail of the problem that <paramref name="path"/> is answered with.</summary>
    public async Task<string> Problem(string path, HttpStatusCode status)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return await Problem(response, status);
    }

    public static async Task<string> Problem(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return (await Json(response)).GetProperty("detail").GetString()!;
    }

    public static async Task<JsonElement> Json(HttpResponseMessage response) =>
        JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }

    private sealed class HeaderSignIn(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var user = Request.Headers["X-User"] is [{ } named] ? named : Request.Headers.Authorization is [['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token]] ? token : null;
            if (user is null)
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }
}
