using System.Collections.Concurrent;
using System.Collections.Frozen;
using Orleans.Serialization.Invocation;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>A worker or family with the names Orleans knows it by.</summary>
internal sealed class SupervisedChild(WorkerSpec spec, SupervisorSpec supervisor, GrainType type, GrainType? fallback, TimeSpan? deadline = null)
{
    public WorkerSpec Spec => spec;

    public SupervisorSpec Supervisor => supervisor;

    public GrainType Type => type;

    public GrainType? Fallback => fallback;

    /// <summary>How long a turn may take; null: for ever.</summary>
    public TimeSpan? Deadline => deadline;

    /// <summary>The place of a child that was added at run time among those of its supervisor.</summary>
    public int Order { get; init; }

    /// <summary>The path of the child that <paramref name="grain"/> is: the worker's, or one below the family's.</summary>
    public string PathOf(GrainId grain) =>
        spec.Kind == ChildKind.Family ? ChildPath.Combine(spec.Path, grain.Key.ToString()!) : spec.Path;
}

/// <summary>A grain type that has children in the tree, or may have some at run time.</summary>
internal sealed class SupervisedType(FrozenDictionary<GrainId, SupervisedChild> workers, SupervisedChild? family, bool enumerates, IReadOnlyList<SupervisedChild> accepted)
{
    private readonly bool _hasDeadline = HasDeadline([.. workers.Values, .. accepted], family);
    private readonly ConcurrentDictionary<GrainId, SupervisedChild> _added = new();
    private int _attention;
    private volatile int _filtersItself;

    /// <summary>The places at which grains of this type may be added at run time, as templates.</summary>
    public IReadOnlyList<SupervisedChild> Accepted => accepted;

    /// <summary>Whether only children run: grains of this type are added one by one.</summary>
    public bool OnlyChildren => accepted.Count > 0 && family is null;

    /// <summary>
    /// Whether any child of this type needs more than being called: a gate, a remedy to verify. The path of a successful call reads this
    /// and nothing else.
    /// </summary>
    public bool NeedsAttention => Volatile.Read(ref _attention) != 0;

    /// <summary>Whether some of its calls need more than being seen to fail: turns with a deadline, and asynchronous enumerations, whose errors come back as results.</summary>
    public bool LooksAtCalls { get; } = enumerates || HasDeadline([.. workers.Values, .. accepted], family);

    /// <summary>Whether this is such a call; asked only where <see cref="LooksAtCalls"/>.</summary>
    public bool MustSee(IInvokable request) => _hasDeadline || Turn.IsEnumeration(request);

    /// <summary>Whether the grain's class is a call filter of its own calls; looked up once.</summary>
    public bool FiltersItself(IIncomingGrainCallContext call)
    {
        const int No = 1;
        const int Yes = 2;
        var known = _filtersItself;
        if (known == 0)
        {
            _filtersItself = known = call.Grain is IIncomingGrainCallFilter ? Yes : No;
        }

        return known == Yes;
    }

    public SupervisedChild? Find(GrainId grain) =>
        workers.TryGetValue(grain, out var worker) ? worker
        : accepted.Count > 0 && _added.TryGetValue(grain, out var added) ? added
        : family;

    public void Add(GrainId grain, SupervisedChild child) => _added[grain] = child;

    public void Remove(GrainId grain) => _added.TryRemove(grain, out _);

    /// <summary>The workers with their grains.</summary>
    public IEnumerable<KeyValuePair<GrainId, SupervisedChild>> Workers => workers;

    public IEnumerable<SupervisedChild> Children => family is null ? workers.Values : workers.Values.Append(family);

    private static bool HasDeadline(IReadOnlyList<SupervisedChild> workers, SupervisedChild? family) =>
        family?.Deadline is not null || workers.Any(worker => worker.Deadline is not null);

    public void Attend(int change) => Interlocked.Add(ref _attention, change);
}

/// <summary>The tree by grain type. Empty until the silo has checked the tree, so that nothing is supervised by halves.</summary>
internal sealed class SupervisedTypes
{
    private FrozenDictionary<GrainType, SupervisedType> _byType = FrozenDictionary<GrainType, SupervisedType>.Empty;
    private FrozenDictionary<string, SupervisedChild> _byPath = FrozenDictionary<string, SupervisedChild>.Empty;
    private FrozenDictionary<string, GrainId> _grains = FrozenDictionary<string, GrainId>.Empty;
    private readonly ConcurrentDictionary<string, (GrainId Grain, SupervisedChild Child)> _added = new();

    public bool TryGet(GrainType type, out SupervisedType supervised) => _byType.TryGetValue(type, out supervised!);

    /// <summary>The worker or family at a path, or the family that a member's path lies under.</summary>
    public SupervisedChild? Find(string path)
    {
        if (_byPath.TryGetValue(path, out var child))
        {
            return child;
        }

        if (_added.TryGetValue(path, out var added))
        {
            return added.Child;
        }

        return ChildPath.Parent(path) is { } parent && _byPath.TryGetValue(parent, out var family) && family.Spec.Kind == ChildKind.Family
            ? family
            : null;
    }

    /// <summary>The grain at a path: a worker's, or a family member's; null for a family as a whole and for what is not in the tree.</summary>
    public GrainId? GrainAt(string path)
    {
        if (_grains.TryGetValue(path, out var worker))
        {
            return worker;
        }

        if (_added.TryGetValue(path, out var added))
        {
            return added.Grain;
        }

        return Find(path) is { Spec.Kind: ChildKind.Family } family && family.Spec.Path != path
            ? GrainId.Create(family.Type, ChildPath.Name(path))
            : null;
    }

    /// <summary>Declared children and those that were added.</summary>
    public IEnumerable<SupervisedChild> Children => _byPath.Values.Concat(_added.Values.Select(added => added.Child));

    /// <summary>The grain types with children at or under a path, now or later.</summary>
    public IEnumerable<SupervisedType> TypesUnder(string path) => _byType.Values.Where(type =>
        type.Children.Concat(type.Accepted).Any(child => ChildPath.IsUnder(child.Spec.Path, path) || ChildPath.IsUnder(path, child.Supervisor.Path)));

    /// <summary>The place at which a grain may be added under a supervisor; null when its type is not accepted there.</summary>
    public SupervisedChild? TemplateFor(string supervisor, GrainId grain) =>
        _byType.TryGetValue(grain.Type, out var type) ? type.Accepted.FirstOrDefault(accepted => accepted.Supervisor.Path == supervisor) : null;

    /// <summary>A grain became a child at run time, or what is known of it changed.</summary>
    public void Add(string supervisor, AddedChild child)
    {
        if (TemplateFor(supervisor, child.Grain) is not { } template || !TryGet(child.Grain.Type, out var type))
        {
            return;
        }

        var spec = template.Spec with
        {
            Id = child.Id,
            Path = ChildPath.Combine(supervisor, child.Id),
            RestartType = child.Restart,
            Shutdown = child.Shutdown,
            Significant = child.Significant,
        };
        var added = new SupervisedChild(spec, template.Supervisor, template.Type, template.Fallback, template.Deadline) { Order = child.Order };
        _added[spec.Path] = (child.Grain, added);
        type.Add(child.Grain, added);
    }

    /// <summary>A grain is no child any more.</summary>
    public void Remove(string path)
    {
        if (_added.TryRemove(path, out var added) && TryGet(added.Grain.Type, out var type))
        {
            type.Remove(added.Grain);
        }
    }

    /// <summary>What was added under a supervisor.</summary>
    public IEnumerable<SupervisedChild> AddedUnder(string supervisor) => _added.Values.Select(added => added.Child).Where(child => child.Supervisor.Path == supervisor).OrderBy(child => child.Order);

    public void Set(IReadOnlyDictionary<GrainType, SupervisedType> types)
    {
        _byPath = types.Values.SelectMany(type => type.Children).ToFrozenDictionary(child => child.Spec.Path);
        _grains = types.Values.SelectMany(type => type.Workers).ToFrozenDictionary(worker => worker.Value.Spec.Path, worker => worker.Key);
        _byType = types.ToFrozenDictionary();
    }
}
