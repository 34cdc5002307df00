using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Orleans.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>An activation of a supervised grain.</summary>
internal sealed class LiveActivation(IGrainContext context, SupervisedChild child)
{
    private volatile bool _started;

    /// <summary>The activation.</summary>
    public IGrainContext Context => context;

    /// <summary>The child that it is of.</summary>
    public SupervisedChild Child => child;

    /// <summary>Whether it is up: its state is read and OnActivateAsync has returned.</summary>
    public bool Started
    {
        get => _started;
        set => _started = value;
    }
}

/// <summary>
/// The live activations of supervised grains on this silo. An activation is entered when its lifecycle starts and leaves when it stops. The members of families,
/// which there may be a hundred thousand of, are counted as they come and go, so that nobody has to walk over them for their number.
/// </summary>
internal sealed class LiveActivations
{
    private readonly ConcurrentDictionary<ActivationId, LiveActivation> _live = new();
    private readonly ConcurrentDictionary<string, StrongBox<int>> _families = new(StringComparer.Ordinal);
    private long _workerChanges;

    /// <summary>Grows with each activation of a worker that comes or goes; families change without it.</summary>
    public long WorkerChanges => Volatile.Read(ref _workerChanges);

    public void Add(IGrainContext context, SupervisedChild child)
    {
        if (_live.TryAdd(context.ActivationId, new LiveActivation(context, child)))
        {
            Changed(child, 1);
        }
    }

    /// <summary>The activation is up.</summary>
    public void Started(IGrainContext context)
    {
        if (_live.TryGetValue(context.ActivationId, out var live))
        {
            live.Started = true;
        }
    }

    public void Remove(IGrainContext context)
    {
        if (_live.TryRemove(context.ActivationId, out var gone))
        {
            Changed(gone.Child, -1);
        }
    }

    /// <summary>How many of these are not up yet. None where Orleans does not tell which come up: all would seem to start for ever.</summary>
    public static int Starting(IEnumerable<LiveActivation> activations, HookStatus hooks) => hooks.HearsActivations ? activations.Count(activation => !activation.Started) : 0;

    public int Count => _live.Count;

    public IEnumerable<LiveActivation> All => _live.Values;

    public IEnumerable<LiveActivation> Workers => _live.Select(entry => entry.Value).Where(live => live.Child.Spec.Kind == ChildKind.Worker);

    /// <summary>How many members of each family live here, by the family's path; a family that has none is not named.</summary>
    public IEnumerable<(string Path, int Count)> Families =>
        _families.Select(family => (family.Key, Count: Volatile.Read(ref family.Value.Value))).Where(family => family.Count > 0);

    /// <summary>The activations of a child, or of everything under a path.</summary>
    public IEnumerable<LiveActivation> Under(GrainId? grain, string path) =>
        All.Where(live => grain is { } only ? live.Context.GrainId == only : ChildPath.IsUnder(live.Child.Spec.Path, path));

    private void Changed(SupervisedChild child, int by)
    {
        if (child.Spec.Kind == ChildKind.Family)
        {
            Interlocked.Add(ref _families.GetOrAdd(child.Spec.Path, static _ => new StrongBox<int>()).Value, by);
        }
        else
        {
            Interlocked.Increment(ref _workerChanges);
        }
    }
}
