using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests;

/// <summary>What a stranger gets from the running process: nothing.</summary>
public sealed class AccessTests
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    // The Orleans dashboard describes its routes nowhere.
    private static readonly string[] Dashboard =
    [
        "/dashboard", "/dashboard/", "/dashboard/index.html", "/dashboard/favicon.ico", "/dashboard/index.min.js", "/dashboard/index.css",
        "/dashboard/fonts/x", "/dashboard/img/x", "/dashboard/version", "/dashboard/DashboardCounters", "/dashboard/ClusterStats",
        "/dashboard/Reminders", "/dashboard/Reminders/1", "/dashboard/HistoricalStats/x", "/dashboard/SiloProperties/x", "/dashboard/SiloMetadata/x",
        "/dashboard/SiloStats/x", "/dashboard/SiloCounters/x", "/dashboard/GrainStats/x", "/dashboard/TopGrainMethods", "/dashboard/GrainState",
        "/dashboard/LifecycleStages", "/dashboard/GrainTypes", "/dashboard/Trace",
    ];

    private static readonly string[] Others =
    [
        "/", "/admin", "/admin/", "/admin/supervision", "/admin/supervision/", "/admin/supervision/app.js", "/admin/supervision/style.css",
        "/admin/supervision/icon.svg", "/admin/supervision/openapi.json", "/admin/supervision/api", "/admin/supervision/api/no-such-list",
        "/admin/no-such-page", "/ADMIN/Supervision/API/tree", "/admin//supervision/api/tree", "/admin/./supervision/api/tree",
        "/health/../admin/supervision/api/tree", "/sign-in/../dashboard/version", "/dashboard/no-such-page", "/DASHBOARD/Version", "/%61dmin/supervision/api/tree",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_route_under_admin_or_dashboard_answers_a_stranger()
    {
        using var directory = new TemporaryDirectory();
        await using var silo = await SiloProcess.Start(directory);
        using var admin = silo.Admin();
        var described = JsonNode.Parse(await admin.GetText($"{AdminApi.Root}/openapi.json", "application/json"))!["paths"]!.AsObject();
        Assert.True(described.Count >= 8, $"The OpenAPI document has only {described.Count} paths.");
        string[] paths = [.. described.Select(path => path.Key.Replace("{id}", "x", StringComparison.Ordinal)), .. Dashboard, .. Others];

        using var stranger = silo.Anonymous();
        using var liar = silo.Anonymous();
        liar.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", SiloProcess.Token[..^1] + "0");
        foreach (var (path, method) in paths.SelectMany(_ => Methods, (path, method) => (path, method)))
        {
            await GetsNothing(stranger, method, path);
            await GetsNothing(liar, method, path);
        }
    }

    [Fact]
    public async Task The_sign_in_link_stands_on_standard_output_alone_and_signs_in_once()
    {
        using var directory = new TemporaryDirectory();
        await using var silo = await SiloProcess.Start(directory);
        var link = await silo.SignInLink();
        var token = link.Query[(link.Query.IndexOf('=', StringComparison.Ordinal) + 1)..];

        using var browser = silo.Anonymous();
        Assert.Contains(token, await browser.GetStringAsync(link, Stop), StringComparison.Ordinal);
        using var signedIn = await browser.PostAsync("/sign-in", Form(token), Stop);
        Assert.Equal((HttpStatusCode.SeeOther, "/admin/supervision"), (signedIn.StatusCode, signedIn.Headers.Location?.ToString()));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/admin/supervision/api/tree", Stop)).StatusCode);

        using var second = silo.Anonymous();
        using var again = await second.PostAsync("/sign-in", Form(token), Stop);
        Assert.Equal(HttpStatusCode.Forbidden, again.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await second.GetAsync("/admin/supervision/api/tree", Stop)).StatusCode);

        await silo.Stop();
        Assert.Single(silo.Output.Lines, line => line.Contains(token, StringComparison.Ordinal));
        Assert.DoesNotContain(token, silo.Errors.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(SiloProcess.Token, silo.Output.Text + silo.Errors.Text, StringComparison.Ordinal);
        Assert.All(
            Directory.EnumerateFiles(directory.Combine("data"), "*", SearchOption.AllDirectories),
            file => Assert.DoesNotContain(token, File.ReadAllText(file), StringComparison.Ordinal));
    }

    private static FormUrlEncodedContent Form(string token) => new([KeyValuePair.Create("token", token)]);

    private static async Task GetsNothing(HttpClient caller, string method, string path)
    {
        // Sent as it is written: Uri would tidy dots and slashes away before the server sees them.
        var address = new Uri(caller.BaseAddress!.ToString().TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var answer = await caller.SendAsync(new HttpRequestMessage(new HttpMethod(method), address), Stop);
        var body = await answer.Content.ReadAsStringAsync(Stop);

        Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{method} {path} answered {answer.StatusCode}: {body}");
        Assert.DoesNotContain("prismatic/", body, StringComparison.Ordinal);
    }
}
