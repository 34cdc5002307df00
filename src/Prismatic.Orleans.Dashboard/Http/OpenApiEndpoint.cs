using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Prismatic.Dashboard;

/// <summary>The OpenAPI document of this API alone, whatever else the host maps.</summary>
internal static class OpenApiEndpoint
{
    public const string Document = "prismatic-supervision";

    private const string ApiPrefix = "admin/supervision/api/";

    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("/openapi.json", Write).ExcludeFromDescription();

    public static void Configure(OpenApiOptions options)
    {
        options.ShouldInclude = call => call.RelativePath?.StartsWith(ApiPrefix, StringComparison.OrdinalIgnoreCase) == true;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Prismatic supervision",
                Version = "1",
                Description = "The supervision tree, its lessons and its escalations. Strategies are written oneForOne, restForOne and oneForAll; all other enumerations by their names, such as BackingOff.",
            };
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, _, _) =>
        {
            // ASP.NET Core's own JSON options read numbers from strings, and the schema follows them; this API's do not.
            if (schema.Type is { } type && (type & (JsonSchemaType.Integer | JsonSchemaType.Number)) != 0)
            {
                schema.Type = type & ~JsonSchemaType.String;
                schema.Pattern = null;
            }

            return Task.CompletedTask;
        });
    }

    private static async Task<IResult> Write([FromKeyedServices(Document)] IOpenApiDocumentProvider provider, CancellationToken stop)
    {
        var document = await provider.GetOpenApiDocumentAsync(stop);
        return TypedResults.Text(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, stop), "application/json");
    }
}
