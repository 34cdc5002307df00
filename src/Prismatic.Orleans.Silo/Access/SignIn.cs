using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Prismatic.Silo;

/// <summary>
/// The page behind the one-time link. Opening it uses nothing up, so that a browser or chat program that looks at links in advance does
/// no harm; its button sends the token, and that signs in. Answers only this machine.
/// </summary>
internal static class SignIn
{
    public const string Path = "/sign-in";
    private const string Landing = "/admin/supervision";

    public static void MapSignIn(this WebApplication app)
    {
        var signIn = app.MapGroup(Path).AllowAnonymous().AddEndpointFilter(OnlyThisMachine);
        signIn.MapGet("", (string? token) => Page(token is null ? SignInPages.WithoutToken : SignInPages.WithToken(token)));
        signIn.MapPost("", UseToken);
        signIn.MapPost("/link", PrintNewLink);

        // Browsers ask for it by themselves, also beside pages that name another icon; a refusal would stand in their console as an error.
        app.MapGet("/favicon.ico", () => TypedResults.NoContent()).AllowAnonymous();
    }

    /// <summary>
    /// Prints a link on standard output, and never logs one: who can read the process's output may sign in, but logs travel further.
    /// </summary>
    public static void PrintSignInLink(this IServiceProvider services) => Print(services, services.GetRequiredService<SignInLinks>().Issue());

    private static async Task<IResult> UseToken(HttpContext context, SignInLinks links)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        if (!links.TryUse(form["token"]))
        {
            return Page(SignInPages.NotValid, StatusCodes.Status403Forbidden);
        }

        var person = new ClaimsIdentity([new Claim(ClaimTypes.Name, "operator")], AdminAccess.SessionScheme);
        await context.SignInAsync(AdminAccess.SessionScheme, new ClaimsPrincipal(person));
        context.Response.Headers.Location = Landing;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private static IResult PrintNewLink(HttpContext context, SignInLinks links, SiloOptions options)
    {
        if (options.SignInLink && links.IssueIfNoneIsValid() is { } token)
        {
            Print(context.RequestServices, token);
        }

        return Page(options.SignInLink ? SignInPages.LinkPrinted : SignInPages.LinksAreOff);
    }

    private static void Print(IServiceProvider services, string token)
    {
        var bound = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        var address = BindingAddress.Parse(bound ?? "http://127.0.0.1");
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "127.0.0.1" : address.Host;
        Console.Out.WriteLine(
            $"To sign in within {SignInLinks.Lifetime.TotalMinutes:0} minutes, once, on this machine: "
            + $"{address.Scheme}://{host}:{address.Port}{Path}?token={token}");
    }

    private static async ValueTask<object?> OnlyThisMachine(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        IsThisMachine(invocation.HttpContext)
            ? await next(invocation)
            : Results.Problem("Signing in with a link works only on the machine that the silo runs on.", statusCode: StatusCodes.Status403Forbidden);

    // A proxy on this machine connects from loopback for callers from anywhere; it says so in one of these headers.
    internal static bool IsThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } remote
        && IPAddress.IsLoopback(remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote)
        && !context.Request.Headers.ContainsKey("Forwarded")
        && !context.Request.Headers.ContainsKey("X-Forwarded-For")
        && !context.Request.Headers.ContainsKey("X-Real-IP");

    private static IResult Page(string html, int statusCode = StatusCodes.Status200OK) =>
        Results.Content(html, "text/html; charset=utf-8", statusCode: statusCode);
}
