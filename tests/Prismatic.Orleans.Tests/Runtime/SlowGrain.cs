using Prismatic.Storage;
using Prismatic.Tests.Cluster;

namespace Prismatic.Tests.Runtime;

/// <summary>A worker whose turns take as long as a test wants.</summary>
public interface ISlowGrain : IGrainWithStringKey
{
    /// <summary>The key of one that waits at a door of that name while it is activated.</summary>
    public const string SlowToStart = "slow to start";

    Task<int> Activation();

    /// <summary>Waits at a door, then writes.</summary>
    Task HoldThenStore(string door, int value);

    Task HoldThenCrash(string door);

    /// <summary>Waits until it is cancelled, and says so in the journal.</summary>
    Task HoldUntilCancelled(CancellationToken cancellation);

    Task<int> Stored();
}

public interface ISlowMemberGrain : ISlowGrain;

internal abstract class SlowGrainBase(Stage stage, ISupervisedState<ShakyState> state) : Grain, ISlowGrain
{
    private readonly int _number = stage.NextActivation();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        stage.Journal.Enqueue($"start {this.GetPrimaryKeyString()}");
        return this.GetPrimaryKeyString() == ISlowGrain.SlowToStart ? stage.At(ISlowGrain.SlowToStart) : Task.CompletedTask;
    }

    public Task<int> Activation() => Task.FromResult(_number);

    public async Task HoldThenStore(string door, int value)
    {
        await stage.At(door);
        state.Value.Value = value;
        try
        {
            await state.WriteAsync();
        }
        catch (StateFencedException)
        {
            stage.Journal.Enqueue("fenced");
            throw;
        }
    }

    public async Task HoldThenCrash(string door)
    {
        await stage.At(door);
        throw new InvalidOperationException("late");
    }

    public async Task HoldUntilCancelled(CancellationToken cancellation)
    {
        var cancelled = new TaskCompletionSource();
        await using var registration = cancellation.Register(cancelled.SetResult);
        stage.At("holding").Ignore();
        await cancelled.Task;
        stage.Journal.Enqueue("cancelled");
        cancellation.ThrowIfCancellationRequested();
    }

    public Task<int> Stored() => Task.FromResult(state.Value.Value);
}

internal sealed class SlowGrain(Stage stage, [SupervisedState("test-slow")] ISupervisedState<ShakyState> state) : SlowGrainBase(stage, state);

internal sealed class SlowMemberGrain(Stage stage, [SupervisedState("test-slow-member")] ISupervisedState<ShakyState> state) : SlowGrainBase(stage, state), ISlowMemberGrain;
