using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Prismatic.SystemTests.Harness;

/// <summary>The admin API as a program with the token calls it.</summary>
internal sealed class AdminApi(HttpClient http) : IDisposable
{
    public const string Root = "/admin/supervision";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async Task<JsonNode> Get(string path) => JsonNode.Parse(await GetText($"{Root}/api/{path}", "application/json"))!;

    /// <summary>The body of a page or document, which must be there and of <paramref name="type"/>.</summary>
    public async Task<string> GetText(string path, string type)
    {
        using var answer = await http.GetAsync(path, Stop);
        var body = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"GET {path} answered {answer.StatusCode}: {body}");
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        return body;
    }

    /// <summary>Answers a ticket as an operator does; the lesson that it became.</summary>
    public async Task<JsonNode> Resolve(string ticket, string rootCause)
    {
        var path = $"{Root}/api/escalations/{Uri.EscapeDataString(ticket)}/resolve";
        var body = new { remediation = new { action = "RestartWithBackoff", firstSeconds = 1.5 }, rootCause };
        using var answer = await http.PostAsJsonAsync(path, body, Stop);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"POST {path} answered {answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!["lesson"]!;
    }

    /// <summary>Waits until as many crashes have been recorded as lessons.</summary>
    public Task<JsonNode> RecordedCrashes(long crashes) => Eventually.Is(
        () => Get("lessons/statistics"),
        statistics => statistics["totalCrashes"]!.GetValue<long>() >= crashes,
        $"{crashes} crashes are recorded in the lessons");

    public void Dispose() => http.Dispose();
}
