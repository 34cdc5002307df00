using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Prismatic.Silo;

/// <summary>Answers who may not enter: 401 or 403 where they are, never a redirect; as ProblemDetails, or as a page for a browser.</summary>
internal sealed class AccessRefusals : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            return next(context);
        }

        context.Response.Headers.CacheControl = "no-store";
        if (authorizeResult.Forbidden)
        {
            return Results.Problem("This is not allowed to you.", statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        var answer = WantsPage(context.Request)
            ? Results.Content(SignInPages.NotSignedIn, "text/html; charset=utf-8", statusCode: StatusCodes.Status401Unauthorized)
            : Results.Problem(
                "Sign in with the link on the silo's standard output, or send the token of Prismatic:AdminTokenFile as bearer token.",
                statusCode: StatusCodes.Status401Unauthorized);
        return answer.ExecuteAsync(context);
    }

    private static bool WantsPage(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.GetTypedHeaders().Accept.Any(type => type.MediaType == "text/html");
}
