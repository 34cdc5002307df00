using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Prismatic.Storage;

namespace Prismatic.Runtime;

/// <summary>
/// Leaves an activation behind whose turn does not end. .NET cannot abort a turn: it may run on, but calls go to the next activation, and
/// what the old one still writes through the state facet is refused.
/// Orleans 10.4 abandons an activation that has been ending for longer than MaxRequestProcessingTime, which holds for all grains of the silo,
/// and looks only when a message arrives. So the activation is made to look as if it had been ending for long, by the one property of it that
/// says since when, and a message is sent. Where Orleans has no such property any more, the activation is only fenced and Orleans' own limit
/// holds; health says so.
/// </summary>
internal sealed partial class Abandonment(LiveActivations live, ActivationLives lives, IGrainFactory grains, HookStatus hooks, Mutants mutants, MonotonicClock clock, ILogger<Abandonment> log)
{
    private static readonly TimeSpan PokeEvery = TimeSpan.FromSeconds(1);
    private static readonly ConcurrentDictionary<Type, PropertyInfo?> EndingSince = new();
    private static readonly ConcurrentDictionary<Type, PropertyInfo?> Executing = new();

    /// <summary>Refuses what the activation writes from now on. What it is writing at this moment is ordered by the storage's own version check.</summary>
    public void Fence(IGrainContext context) => lives.Of(context).Fenced = !mutants.Has(Mutant.LeftBehindGoesOn);

    public bool IsFenced(IGrainContext context) => lives.IsFenced(context);

    /// <summary>Whether a turn is running. Unknown counts as running.</summary>
    public static bool IsExecuting(IGrainContext context) =>
        Executing.GetOrAdd(context.GetType(), type => Find(type, "IsCurrentlyExecuting"))?.GetValue(context) is not false;

    /// <summary>Ends and leaves behind; completes when calls go to the next activation.</summary>
    public async Task Abandon(IGrainContext context, string reason)
    {
        Fence(context);
        context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, reason));
        live.Remove(context);
        if (EndingSince.GetOrAdd(context.GetType(), type => Find(type, "DeactivationStartTime")) is not { CanWrite: true } since || since.PropertyType != typeof(DateTime?))
        {
            hooks.CannotAbandon = true;
            NotAbandoned(log, context.GrainId);
            return;
        }

        since.SetValue(context, DateTime.UnixEpoch);
        while (!context.Deactivated.IsCompleted)
        {
            // The message is sent on to the next activation, which may be refused or fail: neither matters here.
            grains.GetGrain(context.GrainId).AsReference<IChildProbe>().Ping().Ignore();
            await Task.WhenAny(context.Deactivated, Task.Delay(PokeEvery, clock.TimeProvider));
        }
    }

    private static PropertyInfo? Find(Type type, string name) => type.GetProperty(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The activation of {Grain} is fenced, but this version of Orleans gives no way to leave it behind: calls wait until its turn ends or Orleans' MaxRequestProcessingTime has passed.")]
    private static partial void NotAbandoned(ILogger log, GrainId grain);
}
