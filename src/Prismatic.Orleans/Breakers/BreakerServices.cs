using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Prismatic.Breakers;

/// <summary>Registers the silo's breakers. The grain's other needs are the state facet and the seam <c>ISiloBroadcast</c>.</summary>
internal static class BreakerServices
{
    public static IServiceCollection AddBreakers(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<BreakerTable>();
        services.TryAddSingleton<Func<string, ICircuitBreakerGrain>>(provider => target => provider.GetRequiredService<IGrainFactory>().GetGrain<ICircuitBreakerGrain>(target));
        services.TryAddSingleton<Func<IBreakerDirectoryGrain>>(provider => () => provider.GetRequiredService<IGrainFactory>().GetGrain<IBreakerDirectoryGrain>(IBreakerDirectoryGrain.Key));
        services.TryAddSingleton<BreakerOwner>();
        services.TryAddSingleton<CircuitBreakers>();
        services.TryAddSingleton<ICircuitBreakers>(provider => provider.GetRequiredService<CircuitBreakers>());
        return services;
    }
}
