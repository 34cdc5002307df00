using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Prismatic.Dashboard;

/// <summary>What all routes that change something have in common.</summary>
internal static class ChangeRoute
{
    /// <summary>A reason, an order: whatever a person types.</summary>
    public const int Typed = 64 * 1024;

    /// <summary>Taken from this page's own origin only.</summary>
    public static RouteHandlerBuilder Changes(this RouteHandlerBuilder route) =>
        route.AddEndpointFilter(SameOrigin.Filter).ProducesProblem(403).ProducesProblem(503);

    /// <summary>The same, with a body of JSON of at most <paramref name="largestBody"/> bytes.</summary>
    // Not Accepts<T>(): routing would then answer a wrong content type with an empty 415.
    public static RouteHandlerBuilder Changes<TBody>(this RouteHandlerBuilder route, int largestBody = Typed) => route.Changes()
        .WithMetadata(new RequestSizeLimitAttribute(largestBody))
        .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415)
        .AddOpenApiOperationTransformer(async (operation, context, stop) =>
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new() { Schema = await context.GetOrCreateSchemaAsync(typeof(TBody), null, stop) },
                },
            });
}
