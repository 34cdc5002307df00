using System.Collections.Frozen;
using Orleans.Metadata;
using Orleans.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>A supervision tree that cannot be used; the message lists every mistake.</summary>
public sealed class SupervisionTreeException : Exception
{
    internal SupervisionTreeException(IReadOnlyList<string> mistakes)
        : base($"The supervision tree declared with AddSupervision has {(mistakes.Count == 1 ? "a mistake" : $"{mistakes.Count} mistakes")}:{Environment.NewLine}"
            + string.Join(Environment.NewLine, mistakes.Select(mistake => $"  - {mistake}")))
    {
        Mistakes = mistakes;
    }

    /// <summary>Every mistake, as a sentence that names the place.</summary>
    public IReadOnlyList<string> Mistakes { get; }
}

/// <summary>Checks the declared tree and finds the grain types behind its interfaces.</summary>
internal sealed class TreeResolver(
    SupervisorSpec root,
    SupervisionOptions options,
    GrainInterfaceTypeResolver interfaceTypes,
    GrainInterfaceTypeToGrainTypeResolver grainTypes,
    IGrainFactory grains,
    SupervisedTypes supervised)
{
    /// <summary>Fills <see cref="SupervisedTypes"/>.</summary>
    /// <exception cref="SupervisionTreeException">The tree has mistakes.</exception>
    public void Resolve()
    {
        var mistakes = TreeRules.FindMistakes(root, options).ToList();
        var children = root.SelfAndBelow()
            .SelectMany(supervisor => supervisor.Workers.Select(worker => ResolveChild(worker, supervisor, mistakes)))
            .OfType<SupervisedChild>()
            .ToList();
        var accepted = root.SelfAndBelow()
            .SelectMany(supervisor => supervisor.Accepts.Select(worker => ResolveChild(worker, supervisor, mistakes)))
            .OfType<SupervisedChild>()
            .ToList();

        var types = new Dictionary<GrainType, SupervisedType>();
        foreach (var group in mistakes.Count == 0 ? children.Concat(accepted).GroupBy(child => child.Type) : [])
        {
            var families = group.Where(child => child.Spec.Kind == ChildKind.Family).ToList();
            if (families.Count > 1)
            {
                mistakes.Add($"The grain type '{group.Key}' is a family in {families.Count} places: {string.Join(", ", families.Select(child => child.Spec.Path))}; a worker has one supervisor.");
                continue;
            }

            types[group.Key] = new SupervisedType(
                group.Where(child => child.Spec.Kind == ChildKind.Worker && !accepted.Contains(child)).ToFrozenDictionary(child => GrainOf(child.Spec)),
                families.SingleOrDefault(),
                group.Any(child => Enumerates(child.Spec.Interface)),
                [.. group.Where(accepted.Contains)]);
        }

        if (mistakes.Count > 0)
        {
            throw new SupervisionTreeException(mistakes);
        }

        supervised.Set(types);
    }

    private SupervisedChild? ResolveChild(WorkerSpec worker, SupervisorSpec supervisor, List<string> mistakes)
    {
        var type = TypeOf(worker.Interface, $"{worker.Kind} '{worker.Path}'", mistakes);
        GrainType? fallback = worker.Fallback is null
            ? null
            : TypeOf(worker.Fallback, $"The fallback of '{worker.Path}'", mistakes);
        return type is { } known ? new SupervisedChild(worker, supervisor, known, fallback, DeadlineOf(worker)) : null;
    }

    private TimeSpan? DeadlineOf(WorkerSpec worker) =>
        (worker.Deadline ?? options.Deadline) is { } deadline && deadline != Timeout.InfiniteTimeSpan ? deadline : null;

    private GrainType? TypeOf(Type grainInterface, string at, List<string> mistakes)
    {
        if (!grainInterface.IsInterface || !typeof(IGrain).IsAssignableFrom(grainInterface))
        {
            return null;
        }

        try
        {
            if (grainTypes.TryGetGrainType(interfaceTypes.GetGrainInterfaceType(grainInterface), out var type))
            {
                return type;
            }

            mistakes.Add($"{at} is declared with {grainInterface.FullName}, but no silo of the cluster has a grain class that implements it.");
        }
        catch (ArgumentException ambiguous)
        {
            mistakes.Add($"{at} is declared with {grainInterface.FullName}, which does not name one grain class: {ambiguous.Message}");
        }

        return null;
    }

    private GrainId GrainOf(WorkerSpec worker) => worker.Key switch
    {
        string key => grains.GetGrain(worker.Interface, key).GetGrainId(),
        long key => grains.GetGrain(worker.Interface, key).GetGrainId(),
        Guid key => grains.GetGrain(worker.Interface, key).GetGrainId(),
        _ => throw new InvalidOperationException($"Worker '{worker.Path}' has no key."),
    };

    private static bool Enumerates(Type grainInterface) => grainInterface.GetInterfaces().Append(grainInterface)
        .SelectMany(type => type.GetMethods())
        .Any(method => method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>));
}
