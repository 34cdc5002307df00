using System.Collections.Concurrent;
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

/// <summary>The live activations of supervised grains on this silo. An activation is entered when its lifecycle starts and leaves when it stops.</summary>
internal sealed class LiveActivations
{
    private readonly ConcurrentDictionary<ActivationId, LiveActivation> _live = new();

    private long _workerChanges;

    /// <summary>Grows with each activation of a worker that comes or goes; families change without it.</summary>
    public long WorkerChanges => Volatile.Read(ref _workerChanges);

    public void Add(IGrainContext context, SupervisedChild child)
    {
        _live[context.ActivationId] = new LiveActivation(context, child);
        Changed(child);
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
            Changed(gone.Child);
        }
    }

    public int Count => _live.Count;

    public IEnumerable<LiveActivation> All => _live.Values;

    /// <summary>The activations of a child, or of everything under a path.</summary>
    public IEnumerable<LiveActivation> Under(GrainId? grain, string path) =>
        All.Where(live => grain is { } only ? live.Context.GrainId == only : ChildPath.IsUnder(live.Child.Spec.Path, path));

    private void Changed(SupervisedChild child)
    {
        if (child.Spec.Kind == ChildKind.Worker)
        {
            Interlocked.Increment(ref _workerChanges);
        }
    }
}
