using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Prismatic.Dashboard;

/// <summary>The page and its assets, each mapped by its own name from the resources of this assembly.</summary>
internal static class PageEndpoints
{
    private const string Prefix = "page/";

    public static void Map(RouteGroupBuilder group)
    {
        var assembly = typeof(PageEndpoints).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            var name = resource[Prefix.Length..];
            Serve(group, name is "index.html" ? "/" : $"/{name}", content, ContentType(name));
        }
    }

    private static void Serve(RouteGroupBuilder group, string pattern, byte[] content, string type)
    {
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\"");
        group.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], IResult (HttpContext context) =>
        {
            // The page names its assets relative to itself, so that it also works below a path base.
            if (pattern is "/" && context.Request.Path.Value?.EndsWith('/') == false)
            {
                return TypedResults.LocalRedirect($"{context.Request.PathBase}{context.Request.Path}/{context.Request.QueryString}");
            }

            context.Response.Headers.CacheControl = "no-cache";
            return TypedResults.Bytes(content, type, entityTag: tag);
        }).ExcludeFromDescription();
    }

    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"The page holds {name}, and no content type is set for '{other}'."),
    };
}
