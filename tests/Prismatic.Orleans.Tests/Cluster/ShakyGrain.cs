using Orleans.Concurrency;
using Orleans.Runtime;
using Prismatic.Storage;

namespace Prismatic.Tests.Cluster;

/// <summary>A worker that does what a test tells it.</summary>
public interface IShakyGrain : IGrainWithStringKey
{
    /// <summary>The number of the activation that answers.</summary>
    Task<int> Activation();

    /// <summary>Writes into the journal and answers with the activation's number.</summary>
    Task<int> Note(string text);

    Task Crash(string message);

    Task CrashWith(string kind);

    [OneWay]
    Task CrashOneWay();

    /// <summary>Waits at a door, then crashes.</summary>
    Task HoldThenCrash(string door);

    Task<int> Hold(string door);

    Task StartTimer();

    Task StartReminder();

    IAsyncEnumerable<int> Count(int until, int crashAt);

    /// <summary>Calls another grain's Crash, and another's behind it.</summary>
    Task Relay(string[] chain);

    Task RelayWrapped(string next);

    Task<int> Store(int value);

    Task<int> Stored();

    Task Check(string name);
}

public interface IOtherGrain : IShakyGrain;

public interface IThirdGrain : IShakyGrain;

public interface IMemberGrain : IShakyGrain;

public interface IStandInGrain : IOtherGrain;

public sealed class VendorException(string message, int code) : Exception(message)
{
    public int Code { get; } = code;
}

public sealed class ShakyState
{
    public int Value { get; set; }
}

internal abstract class ShakyGrainBase(Stage stage, ISupervisedState<ShakyState> state) : Grain, IShakyGrain, IRemindable
{
    private readonly int _number = stage.NextActivation();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        stage.Journal.Enqueue($"start {key}");
        if (stage.TakeActivationFailure(key))
        {
            throw new InvalidDataException($"{key} could not be activated");
        }

        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        stage.Journal.Enqueue($"stop {this.GetPrimaryKeyString()}");
        return Task.CompletedTask;
    }

    public Task<int> Activation() => Task.FromResult(_number);

    public Task<int> Note(string text)
    {
        stage.Journal.Enqueue(text);
        return Task.FromResult(_number);
    }

    public Task Crash(string message) => throw new InvalidOperationException(message);

    public Task CrashWith(string kind) => throw Make(kind);

    public Task CrashOneWay() => throw new InvalidOperationException("one-way");

    public async Task HoldThenCrash(string door)
    {
        await stage.At(door);
        throw new InvalidOperationException("held, then crashed");
    }

    public async Task<int> Hold(string door)
    {
        await stage.At(door);
        return _number;
    }

    public Task StartTimer()
    {
        this.RegisterGrainTimer(() => throw new InvalidOperationException("timer"), new GrainTimerCreationOptions(TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan));
        return Task.CompletedTask;
    }

    public Task StartReminder() => Task.CompletedTask;

    public Task ReceiveReminder(string reminderName, TickStatus status) => throw new InvalidOperationException($"reminder {reminderName}");

    public async IAsyncEnumerable<int> Count(int until, int crashAt)
    {
        for (var i = 0; i < until; i++)
        {
            if (i == crashAt)
            {
                throw new InvalidOperationException("enumeration");
            }

            yield return i;
            await Task.Yield();
        }
    }

    public Task Relay(string[] chain) => chain switch
    {
        [var last] => GrainFactory.GetGrain<IThirdGrain>(last).Crash("at the end of the chain"),
        [var next, .. var rest] => GrainFactory.GetGrain<IOtherGrain>(next).Relay(rest),
        _ => throw new ArgumentException("empty", nameof(chain)),
    };

    public async Task RelayWrapped(string next)
    {
        try
        {
            await GrainFactory.GetGrain<IThirdGrain>(next).Crash("inner");
        }
        catch (InvalidOperationException inner)
        {
            throw new AggregateException("wrapped by its caller", inner);
        }
    }

    public async Task<int> Store(int value)
    {
        state.Value.Value = value;
        await state.WriteAsync();
        return value;
    }

    public Task<int> Stored() => Task.FromResult(state.Value.Value);

    public Task Check(string name) => throw new ArgumentException("no such name", nameof(name));

    private static Exception Make(string kind) => kind switch
    {
        "state" => new InvalidCastException("own state"),
        "json" => new System.Text.Json.JsonException("a remote body is not JSON"),
        "vendor" => new VendorException("vendor says no", 7) { Data = { ["ticket"] = "T-1" } },
        "key" => new KeyNotFoundException("own key is missing"),
        "http" => new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused (127.0.0.1:9)", new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.ConnectionRefused)),
        "many" => new AggregateException(new InvalidOperationException("one"), new VendorException("two", 2)),
        "cancelled" => new TaskCanceledException("own cancellation"),
        "secret" => new InvalidOperationException("login failed: Password=hunter2;Token=abc.def"),
        _ => new InvalidOperationException(kind),
    };
}

internal sealed class ShakyGrain(Stage stage, [SupervisedState("test-shaky")] ISupervisedState<ShakyState> state) : ShakyGrainBase(stage, state);

internal sealed class OtherGrain(Stage stage, [SupervisedState("test-other")] ISupervisedState<ShakyState> state) : ShakyGrainBase(stage, state), IOtherGrain;

internal sealed class ThirdGrain(Stage stage, [SupervisedState("test-third")] ISupervisedState<ShakyState> state) : ShakyGrainBase(stage, state), IThirdGrain;

internal sealed class MemberGrain(Stage stage, [SupervisedState("test-member")] ISupervisedState<ShakyState> state) : ShakyGrainBase(stage, state), IMemberGrain;

internal sealed class StandInGrain(Stage stage, [SupervisedState("test-stand-in")] ISupervisedState<ShakyState> state) : ShakyGrainBase(stage, state), IStandInGrain;
