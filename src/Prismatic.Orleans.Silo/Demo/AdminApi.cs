using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Prismatic.Silo.Demo;

/// <summary>What a person's page does, done by a program: the same calls, with the token of the token file.</summary>
internal sealed class AdminApi : IDisposable
{
    private const string Root = "/admin/supervision/api";
    private readonly HttpClient _http;

    public AdminApi(Uri address, string token)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>The open tickets.</summary>
    public async Task<IReadOnlyList<JsonNode>> OpenTickets() =>
        [.. (await Read(await _http.GetAsync($"{Root}/escalations"))).AsArray().OfType<JsonNode>().Where(ticket => ticket["open"]!.GetValue<bool>())];

    /// <summary>Answers a ticket; the lesson that the answer made.</summary>
    public async Task<JsonNode> Resolve(string ticket, string rootCause, object remediation) =>
        (await Read(await _http.PostAsJsonAsync($"{Root}/escalations/{Uri.EscapeDataString(ticket)}/resolve", new { remediation, rootCause })))["lesson"]!;

    public void Dispose() => _http.Dispose();

    private static async Task<JsonNode> Read(HttpResponseMessage answer)
    {
        using (answer)
        {
            var body = await answer.Content.ReadAsStringAsync();
            Expect.That(answer.IsSuccessStatusCode, $"{answer.RequestMessage?.RequestUri?.PathAndQuery} answered {(int)answer.StatusCode}: {body}");
            return JsonNode.Parse(body)!;
        }
    }
}
