namespace Prismatic.Calls;

/// <summary>A grain that does nothing, so that a call of it costs what calling costs.</summary>
public interface IPingGrain : IGrainWithIntegerKey
{
    Task Ping();

    Task Take(byte[] payload);
}

internal sealed class PingGrain : Grain, IPingGrain
{
    public Task Ping() => Task.CompletedTask;

    public Task Take(byte[] payload) => Task.CompletedTask;
}
