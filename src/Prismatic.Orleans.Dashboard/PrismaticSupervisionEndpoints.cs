using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Prismatic.Dashboard;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the supervision page and its API.</summary>
public static class PrismaticSupervisionEndpoints
{
    /// <summary>
    /// Maps the page, its assets, the API and the OpenAPI document under <c>/admin/supervision</c>. All of them require
    /// <paramref name="authorizationPolicy"/>; there is no overload without a policy.
    /// </summary>
    /// <exception cref="ArgumentException">The policy's name is empty.</exception>
    /// <exception cref="InvalidOperationException">The policy is not registered, or AddPrismaticSupervisionDashboard was not called.</exception>
    public static RouteGroupBuilder MapPrismaticSupervision(this IEndpointRouteBuilder endpoints, string authorizationPolicy)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(authorizationPolicy);
        RequirePolicy(endpoints.ServiceProvider, authorizationPolicy);
        if (endpoints.ServiceProvider.GetService<SupervisionGrains>() is null)
        {
            throw new InvalidOperationException(
                "MapPrismaticSupervision needs its services: call builder.Services.AddPrismaticSupervisionDashboard() before the application is built.");
        }

        var group = endpoints.MapGroup(SupervisionRoutes.Root);
        group.RequireAuthorization(authorizationPolicy).AddEndpointFilter(SecurityHeaders.Add);
        PageEndpoints.Map(group);
        OpenApiEndpoint.Map(group);

        var api = group.MapGroup("/api");
        api.WithTags("Supervision").DisableCookieRedirect().AddEndpointFilter<GrainFailureFilter>();
        TreeEndpoints.Map(api);
        LessonEndpoints.Map(api);
        RemediationEndpoints.Map(api);
        EscalationEndpoints.Map(api);
        BreakerEndpoints.Map(api);
        ActionEndpoints.Map(api);
        DeadLetterEndpoints.Map(api);
        DrillEndpoints.Map(api);
        return group;
    }

    private static void RequirePolicy(IServiceProvider services, string name)
    {
        // The provider that ASP.NET Core ships answers without waiting; this runs once, at start.
        var policy = services.GetService<IAuthorizationPolicyProvider>()?.GetPolicyAsync(name).GetAwaiter().GetResult();
        if (policy is null)
        {
            throw new InvalidOperationException(
                $"MapPrismaticSupervision was given the authorization policy '{name}', which is not registered. Register it with AddAuthorization(options => options.AddPolicy(\"{name}\", …)).");
        }
    }
}
