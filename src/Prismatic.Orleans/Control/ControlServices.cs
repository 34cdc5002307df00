using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Runtime;
using Orleans.Storage;
using Prismatic.Runtime;
using Prismatic.Storage;

namespace Prismatic.Control;

/// <summary>Registers the signing and the checking of control calls in a silo.</summary>
internal static class ControlServices
{
    /// <param name="services">The silo's services.</param>
    /// <param name="configuredKey">The key from configuration, at least 32 bytes; null to keep it in storage.</param>
    public static IServiceCollection AddControl(this IServiceCollection services, byte[]? configuredKey = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Mutants.Off);
        services.TryAddSingleton(provider => new ControlKey(configuredKey, () => provider.GetRequiredKeyedService<IGrainStorage>(StorageNames.Provider)));
        services.AddSingleton<ICallGuard, ControlGuard>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, OperatorResumption>();
        return services.AddSigning();
    }

    /// <summary>Registers only the signing, for a client that holds the key.</summary>
    public static IServiceCollection AddControlSigning(this IServiceCollection services, byte[] key)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new ControlKey(key, () => throw new InvalidOperationException("A client has no grain storage.")));
        return services.AddSigning();
    }

    private static IServiceCollection AddSigning(this IServiceCollection services) =>
        services.SendCallsThrough((provider, inner) => new ControlCalls(inner, provider.GetRequiredService<ControlKey>(), provider.GetRequiredService<TimeProvider>()));
}
