using System.Collections.Concurrent;
using Orleans.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;

namespace Prismatic.Tests.Conformance;

/// <summary>A child that ends as a test says, and whose starts come out as a script says. What it does stands in the stage's journal.</summary>
public interface IActorGrain : IGrainWithStringKey
{
    /// <summary>Serves: the number of the activation.</summary>
    Task<int> Serve();

    /// <summary>Ends: by an exception, or by itself.</summary>
    /// <param name="reason">By an exception unless it is normal or shutdown.</param>
    /// <param name="call">Tells one call from the next: a request that crashes every clean incarnation is blamed itself, and nobody restarts for it.</param>
    Task Exit(ExitReason reason, int call = 0);

    /// <summary>Waits at a door of the stage.</summary>
    Task Hold(string door);
}

/// <summary>The same kind under a name of its own, for a second type in one tree.</summary>
public interface ISecondActorGrain : IActorGrain;

/// <summary>What the next starts of each key come to; after the script, every start succeeds.</summary>
internal sealed class StartScripts
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<StartOutcome>> _scripts = new();
    private readonly ConcurrentDictionary<string, StartOutcome> _always = new();

    public void Next(string key, params StartOutcome[] outcomes)
    {
        foreach (var outcome in outcomes)
        {
            _scripts.GetOrAdd(key, _ => new()).Enqueue(outcome);
        }
    }

    /// <summary>What every start of a key comes to from now on; null: what the script says.</summary>
    public void Always(string key, StartOutcome? outcome)
    {
        if (outcome is { } known)
        {
            _always[key] = known;
        }
        else
        {
            _always.TryRemove(key, out _);
        }
    }

    public StartOutcome Take(string key) =>
        _always.TryGetValue(key, out var always) ? always
        : _scripts.TryGetValue(key, out var script) && script.TryDequeue(out var outcome) ? outcome
        : StartOutcome.Started;
}

internal abstract class ActorGrainBase(Stage stage, StartScripts scripts) : Grain, IActorGrain
{
    private readonly int _number = stage.NextActivation();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        switch (scripts.Take(key))
        {
            case StartOutcome.Failed:
                stage.Journal.Enqueue($"fail {key}");
                throw new InvalidDataException($"{key} cannot start");
            case StartOutcome.Ignored:
                stage.Journal.Enqueue($"ignore {key}");
                throw new ChildIgnoredException($"{key} has nothing to do");
            default:
                stage.Journal.Enqueue($"start {key}");
                return Task.CompletedTask;
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        stage.Journal.Enqueue($"stop {this.GetPrimaryKeyString()}");
        return Task.CompletedTask;
    }

    public Task<int> Serve() => Task.FromResult(_number);

    public Task Exit(ExitReason reason, int call)
    {
        switch (reason)
        {
            case ExitReason.Normal:
                this.ExitNormally();
                return Task.CompletedTask;
            case ExitReason.Shutdown:
                this.ExitShutdown();
                return Task.CompletedTask;
            default:
                throw new InvalidOperationException("told to crash");
        }
    }

    public Task Hold(string door) => stage.At(door);

    protected Task At(string door) => stage.At(door);
}

internal sealed class ActorGrain(Stage stage, StartScripts scripts) : ActorGrainBase(stage, scripts);

internal sealed class SecondActorGrain(Stage stage, StartScripts scripts) : ActorGrainBase(stage, scripts), ISecondActorGrain;
