using System.Collections.Concurrent;

namespace Prismatic.Runtime;

/// <summary>
/// State resets that this silo was told to carry out. The state facet takes an order when it reads the state of the next activation;
/// an order that is never taken harms nothing, since the facet acts only on a record that it cannot read.
/// </summary>
/// <param name="askOthers">Asks the other silos for their order; null where there are none to ask.</param>
internal sealed class ResetOrders(Func<GrainId, Task<string?>>? askOthers = null)
{
    private readonly ConcurrentDictionary<GrainId, string> _orders = new();

    /// <summary>Orders a reset; the id names the crash it follows from, and the record kept aside bears it.</summary>
    public void Order(GrainId grain, string resetId) => _orders[grain] = resetId;

    /// <summary>The order for <paramref name="grain"/>, which stays until <see cref="Done"/>, so that an activation that dies while resetting resumes it.</summary>
    public bool TryGet(GrainId grain, out string resetId) => _orders.TryGetValue(grain, out resetId!);

    /// <summary>
    /// The order of whichever silo has one. The silo that saw the crash had it before the caller saw the exception; the next activation may
    /// come up on another, sooner than the supervisor's directive does.
    /// </summary>
    public async Task<string?> Find(GrainId grain) =>
        TryGet(grain, out var own) ? own : askOthers is null ? null : await askOthers(grain);

    /// <summary>The reset was carried out, or is no longer wanted.</summary>
    public void Done(GrainId grain) => _orders.TryRemove(grain, out _);

    /// <summary>Orders not carried out.</summary>
    public int Count => _orders.Count;
}
