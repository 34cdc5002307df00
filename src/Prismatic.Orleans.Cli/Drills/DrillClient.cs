using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Prismatic.Cli.Drills;

/// <summary>Carries out a drill on a running host, over its admin API.</summary>
internal static class DrillClient
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public static async Task<DrillOutcome> Run(Uri endpoint, FileInfo? token, string text, string file, Action<string> progress, CancellationToken cancelled)
    {
        using var http = new HttpClient { BaseAddress = new Uri(endpoint, "/admin/supervision/api/") };
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(token.FullName, cancelled)).Trim());
        }

        try
        {
            var drill = await Start(http, endpoint, text, file, cancelled);
            while (drill.GetProperty("status").GetString() == "running")
            {
                progress(drill.GetProperty("progress").GetString() ?? "");
                await Task.Delay(Look, TimeProvider.System, cancelled);
                drill = await http.GetFromJsonAsync<JsonElement>($"drills/{drill.GetProperty("id").GetString()}", cancelled);
            }

            return drill.GetProperty("report") is { ValueKind: JsonValueKind.Object } report
                ? DrillOutcome.Of(file, report.GetRawText())
                : throw new CommandFailedException(ExitCode.NotFine, $"{file} could not be carried out: {drill.GetProperty("trouble")}");
        }
        catch (HttpRequestException failure)
        {
            throw new CommandFailedException(ExitCode.CannotReach, $"{endpoint} does not answer: {failure.Message}");
        }
    }

    private static async Task<JsonElement> Start(HttpClient http, Uri endpoint, string text, string file, CancellationToken cancelled)
    {
        using var body = new StringContent(text, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync("drills", body, cancelled);
        if (response.StatusCode == HttpStatusCode.Accepted)
        {
            return await response.Content.ReadFromJsonAsync<JsonElement>(cancelled);
        }

        var said = await response.Content.ReadAsStringAsync(cancelled);
        throw response.StatusCode switch
        {
            HttpStatusCode.BadRequest => new CommandFailedException(ExitCode.WrongUse, $"{file} is no drill that can be carried out:{Environment.NewLine}{string.Join(Environment.NewLine, Mistakes(said))}"),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new CommandFailedException(ExitCode.CannotReach, $"{endpoint} does not let you in; name its token with --token-file."),
            HttpStatusCode.NotFound => new CommandFailedException(ExitCode.NotFine, $"Drills are switched off on {endpoint}; its setting Prismatic:Drills switches them on."),
            HttpStatusCode.Conflict => new CommandFailedException(ExitCode.NotFine, $"Another drill runs on {endpoint}; it must end first."),
            var other => new CommandFailedException(ExitCode.CannotReach, $"{endpoint} answered {(int)other}."),
        };
    }

    private static IEnumerable<string> Mistakes(string problem)
    {
        using var json = JsonDocument.Parse(problem);
        return json.RootElement.TryGetProperty("mistakes", out var mistakes)
            ? [.. mistakes.EnumerateArray().Select(mistake => mistake.GetString() ?? "")]
            : [json.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() ?? "" : problem];
    }
}
