using Microsoft.Extensions.DependencyInjection.Extensions;
using Prismatic.Dashboard;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers what the supervision page and its API need.</summary>
public static class PrismaticSupervisionDashboardServices
{
    /// <summary>
    /// Registers the services behind <c>MapPrismaticSupervision</c>. The grains are reached through the <see cref="IGrainFactory"/>
    /// that the silo or the Orleans client of this host has registered; resolving a ticket works on a silo only, since a client may not control.
    /// </summary>
    public static IServiceCollection AddPrismaticSupervisionDashboard(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SupervisionGrains>();
        return services.AddOpenApi(OpenApiEndpoint.Document, OpenApiEndpoint.Configure);
    }
}
