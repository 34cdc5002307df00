using Prismatic.Storage;

namespace Prismatic.Domains.Records;

/// <summary>What a record grain stores: nothing yet, or a value.</summary>
internal sealed class Held<T> : ICheckedState
    where T : class
{
    public T? Value { get; set; }

    public string? FindDamage() => (Value as ICheckedState)?.FindDamage();
}

/// <summary>
/// One durable record of a worker that keeps many: a case, a run, a feed. Each has a grain of its own, so that a write costs the same
/// however many there are and one damaged record harms no other. The worker decides; the record only keeps.
/// </summary>
[Alias("prismatic.domains.IRecordGrain`1")]
internal interface IRecordGrain<T> : IGrainWithStringKey
    where T : class
{
    [Alias("Read")]
    Task<T?> Read();

    [Alias("Write")]
    Task Write(T value);

    [Alias("Clear")]
    Task Clear();
}

internal abstract class RecordGrain<T>(ISupervisedState<Held<T>> state) : Grain
    where T : class
{
    public Task<T?> Read() => Task.FromResult(state.Value.Value);

    public Task Write(T value)
    {
        state.Value.Value = value;
        return state.WriteAsync();
    }

    public Task Clear() => state.ClearAsync();
}
