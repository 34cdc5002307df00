using Microsoft.AspNetCore.Http;

namespace Prismatic.Dashboard;

/// <summary>
/// Keeps other sites from changing things with a signed-in person's cookie. Browsers say where a request comes from
/// (Sec-Fetch-Site, or Origin on every POST); a program that says neither carries nobody's cookie by accident.
/// </summary>
internal static class SameOrigin
{
    /// <summary>Null when the request may change things, else the reason in a sentence.</summary>
    public static string? Refusal(string? fetchSite, string? origin, string? host)
    {
        if (!string.IsNullOrEmpty(fetchSite))
        {
            return fetchSite is "same-origin" ? null : $"Changes are accepted from the page's own origin only; the browser says that this one is '{fetchSite}' (Sec-Fetch-Site).";
        }

        if (string.IsNullOrEmpty(origin))
        {
            return null;
        }

        // The scheme is left out: behind a proxy that ends TLS it differs although the origin is the page's own.
        var same = Uri.TryCreate(origin, UriKind.Absolute, out var from) && string.Equals(from.Authority, Authority(from.Scheme, host), StringComparison.OrdinalIgnoreCase);
        return same ? null : "Changes are accepted from the page's own origin only; the Origin header names another.";
    }

    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var refusal = Refusal(request.Headers["Sec-Fetch-Site"], request.Headers.Origin, request.Host.Value);
        return refusal is null ? await next(context) : Problems.Of(StatusCodes.Status403Forbidden, "Refused", refusal);
    }

    private static string? Authority(string scheme, string? host) =>
        Uri.TryCreate($"{scheme}://{host}", UriKind.Absolute, out var own) ? own.Authority : null;
}
