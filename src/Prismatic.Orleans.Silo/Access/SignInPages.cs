using System.Net;

namespace Prismatic.Silo;

/// <summary>The pages of signing in: plain HTML without script or style, so that any browser and any reader can use them.</summary>
internal static class SignInPages
{
    private const string AskForLink =
        """
        <form method="post" action="/sign-in/link">
          <button type="submit">Print a new link</button>
        </form>
        """;

    public static string WithoutToken { get; } = Page(
        "Sign in to Prismatic",
        $"""
        <p>The silo prints a sign-in link on its standard output when it starts. Open that link on the machine that the silo runs on.</p>
        {AskForLink}
        """);

    public static string NotValid { get; } = Page(
        "This link is not valid",
        $"""
        <p>A link works once and for {SignInLinks.Lifetime.TotalMinutes:0} minutes; this one was used, has expired, or was never issued.</p>
        {AskForLink}
        """);

    public static string LinkPrinted { get; } = Page(
        "Look at the silo's output",
        "<p>A valid link is on the silo's standard output. If there are several, the last one is valid.</p>");

    public static string LinksAreOff { get; } = Page(
        "Sign-in links are off", "<p>This silo is configured with Prismatic:SignInLink=false. Use the token of Prismatic:AdminTokenFile.</p>");

    public static string NotSignedIn { get; } = Page(
        "You are not signed in",
        """<p>This page is for signed-in operators. <a href="/sign-in">How to sign in</a></p>""");

    public static string WithToken(string token) => Page(
        "Sign in to Prismatic",
        $"""
        <p>You are about to sign in as an operator of this silo. The session lasts 12 hours.</p>
        <form method="post" action="/sign-in">
          <input type="hidden" name="token" value="{WebUtility.HtmlEncode(token)}">
          <button type="submit" autofocus>Sign in</button>
        </form>
        """);

    private static string Page(string title, string body) =>
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>{title}</title>
        </head>
        <body>
        <main>
        <h1>{title}</h1>
        {body}
        </main>
        </body>
        </html>
        """;
}
