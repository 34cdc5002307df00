using System.Security.Claims;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Prismatic.Dashboard;

/// <summary>Reads what is sent, or says in a problem what is wrong with it.</summary>
internal static class JsonBody
{
    /// <summary>The body as an object of that type.</summary>
    /// <param name="request">The request.</param>
    /// <param name="type">The type.</param>
    /// <param name="members">Its members, for the problem's sentence.</param>
    public static async Task<(T? Body, IResult? Problem)> Read<T>(HttpRequest request, JsonTypeInfo<T> type, string members)
        where T : class
    {
        if (!request.HasJsonContentType())
        {
            return (null, NoJson());
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, type, request.HttpContext.RequestAborted) is { } body
                ? (body, null)
                : (null, Problems.BadBody($"The body is null; it must be an object with {members}."));
        }
        catch (JsonException wrong)
        {
            return (null, Problems.BadBody($"The body is not the JSON that is expected, at {wrong.Path ?? "$"}: it must be an object with {members}, and nothing else."));
        }
        catch (BadHttpRequestException wrong)
        {
            return (null, Incomplete(request, wrong));
        }
    }

    /// <summary>The body as it is, for those who tell its mistakes by line.</summary>
    public static async Task<(string? Text, IResult? Problem)> ReadText(HttpRequest request)
    {
        if (!request.HasJsonContentType())
        {
            return (null, NoJson());
        }

        try
        {
            using var reader = new StreamReader(request.Body, Encoding.UTF8);
            return (await reader.ReadToEndAsync(request.HttpContext.RequestAborted), null);
        }
        catch (BadHttpRequestException wrong)
        {
            return (null, Incomplete(request, wrong));
        }
    }

    /// <summary>A problem that lists every mistake.</summary>
    public static IResult Mistakes(string title, IEnumerable<string> mistakes) => TypedResults.Problem(
        string.Join(" ", mistakes),
        statusCode: StatusCodes.Status400BadRequest,
        title: title,
        extensions: new Dictionary<string, object?> { ["mistakes"] = mistakes.ToArray() });

    /// <summary>Who sends it.</summary>
    public static string By(ClaimsPrincipal user) =>
        user.Identity?.Name ?? user.FindFirstValue(ClaimTypes.NameIdentifier) ?? "an operator without a name";

    private static IResult NoJson() =>
        Problems.Of(StatusCodes.Status415UnsupportedMediaType, "The content type is not supported", "The body must be sent as application/json.");

    private static IResult Incomplete(HttpRequest request, BadHttpRequestException wrong)
    {
        var largest = request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize;
        return Problems.Of(wrong.StatusCode, "The request body cannot be read", $"The body must be complete{(largest is null ? "" : $" and have at most {largest} bytes")}.");
    }
}
