using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Prismatic.Runtime;

namespace Prismatic.Storage;

/// <summary>Makes the facet for a constructor parameter marked with <see cref="SupervisedStateAttribute"/>.</summary>
internal sealed class SupervisedStateMapper : IAttributeToFactoryMapper<SupervisedStateAttribute>
{
    private static readonly MethodInfo CreateMethod =
        typeof(SupervisedStateMapper).GetMethod(nameof(Create), BindingFlags.NonPublic | BindingFlags.Static)!;

    public Factory<IGrainContext, object> GetFactory(ParameterInfo parameter, SupervisedStateAttribute metadata)
    {
        Check(parameter, metadata);
        var stateType = parameter.ParameterType.GetGenericArguments()[0];
        var create = CreateMethod.MakeGenericMethod(stateType).CreateDelegate<Func<IGrainContext, SupervisedStateAttribute, object>>();
        return context => create(context, metadata);
    }

    private static void Check(ParameterInfo parameter, SupervisedStateAttribute metadata)
    {
        var where = $"The parameter '{parameter.Name}' of {parameter.Member.DeclaringType}'s constructor";
        if (!parameter.ParameterType.IsGenericType || parameter.ParameterType.GetGenericTypeDefinition() != typeof(ISupervisedState<>))
        {
            throw new ArgumentException($"{where} is marked [SupervisedState] and has the type {parameter.ParameterType}; it must be an ISupervisedState<T>.");
        }

        if (metadata.Name is not { Length: >= 1 and <= 100 } || metadata.Name.Contains('~', StringComparison.Ordinal))
        {
            throw new ArgumentException($"{where} names its state '{metadata.Name}'; a name has 1 to 100 characters and no tilde.");
        }

        if (metadata.Schema < 1)
        {
            throw new ArgumentException($"{where} has the schema version {metadata.Schema}; it must be 1 or more.");
        }

        if (metadata.Snapshots is < 1 or > KnownGoodChain.Most)
        {
            throw new ArgumentException($"{where} keeps {metadata.Snapshots} snapshots; it must be 1 to {KnownGoodChain.Most}.");
        }

        if (metadata.SnapshotEverySeconds is < 1 or > 86_400)
        {
            throw new ArgumentException($"{where} takes a snapshot every {metadata.SnapshotEverySeconds} s; it must be 1 to 86,400.");
        }
    }

    private static SupervisedState<T> Create<T>(IGrainContext context, SupervisedStateAttribute metadata)
        where T : class, new()
    {
        var services = context.ActivationServices;
        var storage = services.GetKeyedService<IGrainStorage>(StorageNames.Provider)
            ?? throw new InvalidOperationException(
                $"The state '{metadata.Name}' needs the grain storage named '{StorageNames.Provider}', which this silo does not register.");
        var state = new SupervisedState<T>(
            new StateIdentity(metadata.Name, context.GrainId, metadata.OnDamage, metadata.Schema)
            {
                Snapshots = metadata.Snapshots,
                SnapshotEvery = TimeSpan.FromSeconds(metadata.SnapshotEverySeconds),
            },
            storage,
            services.GetRequiredService<ResetOrders>(),
            services.GetRequiredService<ActivationLives>().Of(context),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>().CreateLogger("Prismatic.Storage.SupervisedState"));
        state.Participate(context.ObservableLifecycle);
        return state;
    }
}
