namespace Prismatic.Silo;

/// <summary>What every answer tells a browser, and what no page of another origin may do with a session.</summary>
internal static class BrowserSafety
{
    private const string Strict = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    // The Orleans dashboard sets style attributes and embeds small images; it needs no inline script.
    private const string ForOrleansDashboard =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public static void UseBrowserSafety(this WebApplication app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/dashboard") ? ForOrleansDashboard : Strict;
        headers.XContentTypeOptions = "nosniff";

        // Nothing for other origins. Not no-referrer: with it a browser names the origin of a form "null", and the sign-in form is refused below.
        headers["Referrer-Policy"] = "same-origin";
        if (context.Request.Path.StartsWithSegments(SignIn.Path))
        {
            headers.CacheControl = "no-store";
        }

        return IsFromElsewhere(context.Request)
            ? Results.Problem("A page of another origin may not change anything here.", statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context)
            : next(context);
    });

    // A cookie's SameSite does not look at the port: a page of another program on this machine is same-site. Its origin gives it away.
    internal static bool IsFromElsewhere(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
        {
            return false;
        }

        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0 && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }
}
