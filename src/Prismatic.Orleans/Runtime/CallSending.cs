using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.GrainReferences;
using Orleans.Runtime;

namespace Prismatic.Runtime;

/// <summary>
/// Puts something around the sending of all calls of a silo or client: the services of those who make grain references, with another
/// <see cref="IGrainReferenceRuntime"/>. Everybody else keeps Orleans' own, which parts of Orleans expect by its class.
/// It takes the place of outgoing filters, because the first outgoing filter of a process takes all its calls off Orleans' short path:
/// a third of the calls per second and 470 B for each call, whatever the filter does (the benchmark <c>calls</c>).
/// </summary>
internal sealed class CallSending(IServiceProvider services, IEnumerable<CallSending.Step> steps) : IKeyedServiceProvider
{
    private readonly Lazy<IGrainReferenceRuntime> _runtime = new(() =>
        steps.Aggregate(services.GetRequiredService<IGrainReferenceRuntime>(), (inner, step) => step.Around(services, inner)));

    public object? GetService(Type serviceType) => serviceType == typeof(IGrainReferenceRuntime) ? _runtime.Value : services.GetService(serviceType);

    public object? GetKeyedService(Type serviceType, object? serviceKey) => services.GetKeyedServices(serviceType, serviceKey).LastOrDefault();

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => services.GetRequiredKeyedService(serviceType, serviceKey);

    internal sealed record Step(Func<IServiceProvider, IGrainReferenceRuntime, IGrainReferenceRuntime> Around);
}

/// <summary>Registers what stands around the sending of calls.</summary>
internal static class CallSendingServices
{
    /// <summary>Every grain reference sends through what <paramref name="around"/> returns, which is given what sent before it was added.</summary>
    public static IServiceCollection SendCallsThrough(this IServiceCollection services, Func<IServiceProvider, IGrainReferenceRuntime, IGrainReferenceRuntime> around)
    {
        services.AddSingleton(new CallSending.Step(around));
        if (services.Any(service => service.ServiceType == typeof(CallSending)))
        {
            return services;
        }

        services.AddSingleton<CallSending>();
        var makers = services.Where(service => service.ServiceType == typeof(IGrainReferenceActivatorProvider)).ToList();
        if (makers.Count == 0)
        {
            throw new InvalidOperationException("Supervision must be added to an Orleans silo or client; these services make no grain references.");
        }

        services.RemoveAll<IGrainReferenceActivatorProvider>();
        foreach (var maker in makers)
        {
            services.Add(maker.ImplementationType is { } type
                ? ServiceDescriptor.Singleton(provider => (IGrainReferenceActivatorProvider)ActivatorUtilities.CreateInstance(provider, type, provider.GetRequiredService<CallSending>()))
                : maker);
        }

        return services;
    }
}
