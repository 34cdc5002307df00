using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Prismatic.Cli.Admin;

/// <summary>The admin API of a running host. What it refuses, and that nobody answers, ends the command with a sentence.</summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _endpoint;

    public AdminClient(Uri endpoint, string? token)
    {
        _endpoint = endpoint;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(endpoint, "/admin/supervision/api/") };
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>What is read at <paramref name="path"/>.</summary>
    public async Task<JsonElement> Get(string path, CancellationToken cancelled) =>
        (await Send(HttpMethod.Get, path, json: null, cancelled)).Served();

    /// <summary>Sends a document; the answer may be a refusal, which those who know more about it can say better.</summary>
    public Task<AdminAnswer> Post(string path, string json, CancellationToken cancelled) => Send(HttpMethod.Post, path, json, cancelled);

    private async Task<AdminAnswer> Send(HttpMethod method, string path, string? json, CancellationToken cancelled)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json") };
            using var response = await _http.SendAsync(request, cancelled);
            var text = await response.Content.ReadAsStringAsync(cancelled);
            return new AdminAnswer(_endpoint, response.StatusCode, Read(text));
        }
        catch (HttpRequestException failure)
        {
            throw new CommandFailedException(ExitCode.CannotReach, $"{_endpoint} does not answer: {failure.Message}");
        }
        catch (TaskCanceledException) when (!cancelled.IsCancellationRequested)
        {
            throw new CommandFailedException(ExitCode.CannotReach, $"{_endpoint} does not answer within {_http.Timeout.TotalSeconds:0} s.");
        }
    }

    private static JsonElement? Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text.Length == 0 ? "null" : text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>An answer of the admin API.</summary>
/// <param name="Endpoint">Who gave it.</param>
/// <param name="Status">Its status.</param>
/// <param name="Body">Its document; null when there is none that could be read.</param>
internal sealed record AdminAnswer(Uri Endpoint, HttpStatusCode Status, JsonElement? Body)
{
    /// <summary>Every mistake that a refusal lists; its sentence when it lists none.</summary>
    public IEnumerable<string> Mistakes => Member("mistakes") is { ValueKind: JsonValueKind.Array } mistakes
        ? mistakes.EnumerateArray().Select(mistake => mistake.GetString() ?? "")
        : [Sentence];

    private string Sentence => Member("detail")?.GetString() ?? $"{Endpoint} answered {(int)Status}.";

    /// <summary>The document of a call that was served.</summary>
    /// <exception cref="CommandFailedException">It was refused.</exception>
    public JsonElement Served() => Status switch
    {
        HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.NoContent => Body
            ?? throw new CommandFailedException(ExitCode.CannotReach, $"{Endpoint} answers, but not as the admin API of Prismatic.Orleans does."),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => throw new CommandFailedException(ExitCode.CannotReach, $"{Endpoint} does not let you in; name its token with --token-file."),
        HttpStatusCode.NotFound or HttpStatusCode.Conflict => throw new CommandFailedException(ExitCode.NotFine, Sentence),
        HttpStatusCode.BadRequest => throw new CommandFailedException(ExitCode.WrongUse, string.Join(Environment.NewLine, Mistakes)),
        _ => throw new CommandFailedException(ExitCode.CannotReach, Sentence),
    };

    private JsonElement? Member(string name) => Body is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty(name, out var value) ? value : null;
}
