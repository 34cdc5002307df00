using System.Collections.Concurrent;
using Orleans.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>The live activations of supervised grains on this silo. An activation is entered when its lifecycle starts and leaves when it stops.</summary>
internal sealed class LiveActivations
{
    private readonly ConcurrentDictionary<ActivationId, (IGrainContext Context, SupervisedChild Child)> _live = new();

    private long _workerChanges;

    /// <summary>Grows with each activation of a worker that comes or goes; families change without it.</summary>
    public long WorkerChanges => Volatile.Read(ref _workerChanges);

    public void Add(IGrainContext context, SupervisedChild child)
    {
        _live[context.ActivationId] = (context, child);
        Changed(child);
    }

    public void Remove(IGrainContext context)
    {
        if (_live.TryRemove(context.ActivationId, out var gone))
        {
            Changed(gone.Child);
        }
    }

    public int Count => _live.Count;

    public IEnumerable<(IGrainContext Context, SupervisedChild Child)> All => _live.Values;

    /// <summary>The activations of a child, or of everything under a path.</summary>
    public IEnumerable<(IGrainContext Context, SupervisedChild Child)> Under(GrainId? grain, string path) =>
        All.Where(live => grain is { } only ? live.Context.GrainId == only : ChildPath.IsUnder(live.Child.Spec.Path, path));

    private void Changed(SupervisedChild child)
    {
        if (child.Spec.Kind == ChildKind.Worker)
        {
            Interlocked.Increment(ref _workerChanges);
        }
    }
}
