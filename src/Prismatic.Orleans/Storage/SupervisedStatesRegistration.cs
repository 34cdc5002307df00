using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Prismatic.Runtime;

namespace Prismatic.Storage;

/// <summary>Called by the library's door.</summary>
internal static class SupervisedStatesRegistration
{
    /// <summary>Makes <see cref="SupervisedStateAttribute"/> work. The host registers the grain storage <see cref="StorageNames.Provider"/>.</summary>
    public static IServiceCollection AddSupervisedStates(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ResetOrders>();
        services.TryAddSingleton<ActivationLives>();
        services.TryAddSingleton<IAttributeToFactoryMapper<SupervisedStateAttribute>, SupervisedStateMapper>();
        return services;
    }
}
