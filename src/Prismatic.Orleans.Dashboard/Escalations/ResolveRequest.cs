using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Prismatic.Lessons;

namespace Prismatic.Dashboard;

/// <summary>A person's answer to a ticket, as it is sent.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ResolveRequest
{
    public const int LargestBody = 64 * 1024;

    public const int LongestText = 2000;

    public RemediationRequest? Remediation { get; init; }

    public string? RootCause { get; init; }

    public string? Note { get; init; }

    /// <summary>Reads and checks the body: a resolution by <paramref name="by"/>, or the problem to answer with.</summary>
    public static async Task<(Resolution? Resolution, IResult? Problem)> Read(HttpRequest request, string by)
    {
        if (!request.HasJsonContentType())
        {
            return (null, Problems.Of(StatusCodes.Status415UnsupportedMediaType, "The content type is not supported", "The body must be sent as application/json."));
        }

        try
        {
            var body = await JsonSerializer.DeserializeAsync(request.Body, SupervisionJson.Default.ResolveRequest, request.HttpContext.RequestAborted);
            if (body is null)
            {
                return (null, Problems.BadBody("The body is null; it must be an object with remediation, rootCause and note."));
            }

            var (resolution, error) = body.ToResolution(by);
            return (resolution, error is null ? null : Problems.BadBody(error));
        }
        catch (JsonException wrong)
        {
            return (null, Problems.BadBody($"The body is not the JSON that is expected, at {wrong.Path ?? "$"}: it must be an object with remediation, rootCause and note, and nothing else."));
        }
        catch (BadHttpRequestException wrong)
        {
            return (null, Problems.Of(wrong.StatusCode, "The request body cannot be read", $"The body must be complete and have at most {LargestBody} bytes."));
        }
    }

    /// <summary>The error is a sentence that names the member.</summary>
    public (Resolution? Resolution, string? Error) ToResolution(string by)
    {
        if (Remediation is null)
        {
            return (null, "'remediation' is missing; it must be an object such as {\"action\":\"RestartWithBackoff\"}.");
        }

        var (action, error) = Remediation.Read();
        if (action is null)
        {
            return (null, error);
        }

        if (string.IsNullOrWhiteSpace(RootCause) || RootCause.Length > LongestText)
        {
            return (null, $"'rootCause' must say why it happens, in 1 to {LongestText} characters.");
        }

        return Note?.Length > LongestText
            ? (null, $"'note' has {Note.Length} characters; it may have {LongestText}.")
            : (new Resolution { Remediation = action, RootCause = RootCause.Trim(), Note = Note ?? "", By = by }, null);
    }
}
