using Orleans.Concurrency;
using Orleans.Runtime;
using Prismatic.Control;
using Prismatic.Supervision;

namespace Prismatic.Tests.Control;

[Alias("prismatic.tests.IGuardedGrain")]
public interface IGuardedGrain : IGrainWithStringKey
{
    /// <summary>Runs only when signed. Returns the token that the grain can see, which is none.</summary>
    [Control, Alias("Order")]
    Task<string?> Order();

    [Control, OneWay, Alias("Whisper")]
    Task Whisper();

    [Control, Alias("Stream")]
    IAsyncEnumerable<int> Stream();

    [Alias("Ask")]
    Task<string?> Ask();

    /// <summary>Asks another grain what token it can see.</summary>
    [Alias("AskNext")]
    Task<string?> AskNext(string key);

    /// <summary>Gives an order to another grain.</summary>
    [Alias("PassOn")]
    Task<string?> PassOn(string key);

    /// <summary>Runs only when signed, and asks another grain what token it can see.</summary>
    [Control, Alias("OrderAndAsk")]
    Task<string?> OrderAndAsk(string key);

    [Alias("Orders")]
    Task<int> Orders();
}

[Control, Alias("prismatic.tests.IControlOnlyGrain")]
public interface IControlOnlyGrain : IGrainWithStringKey
{
    [Alias("Obey")]
    Task Obey();
}

[Alias("prismatic.tests.IBelowControlOnlyGrain")]
public interface IBelowControlOnlyGrain : IControlOnlyGrain
{
    [Alias("ObeyToo")]
    Task ObeyToo();
}

internal sealed class GuardedGrain : Grain, IGuardedGrain, IBelowControlOnlyGrain
{
    private int _orders;

    public Task<string?> Order()
    {
        _orders++;
        return Ask();
    }

    public Task Whisper() => Order();

    public async IAsyncEnumerable<int> Stream()
    {
        _orders++;
        await Task.Yield();
        yield return 1;
    }

    public Task<string?> Ask() => Task.FromResult(RequestContext.Get(ControlCalls.TokenKey) as string);

    public Task<string?> AskNext(string key) => GrainFactory.GetGrain<IGuardedGrain>(key).Ask();

    public Task<string?> PassOn(string key) => GrainFactory.GetGrain<IGuardedGrain>(key).Order();

    public Task<string?> OrderAndAsk(string key)
    {
        _orders++;
        return GrainFactory.GetGrain<IGuardedGrain>(key).Ask();
    }

    public Task<int> Orders() => Task.FromResult(_orders);

    public Task Obey() => Order();

    public Task ObeyToo() => Order();
}
