using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Prismatic.Runtime;

namespace Prismatic.Supervision;

/// <summary>
/// How a worker ends by itself. The activation ends when its turn is over; the supervisor is told why, and what follows is a matter of the
/// child's restart type. A turn that crashes after it asked to end is a crash. In a grain that is not in the tree they only end the activation.
/// <code>
/// public async Task Import(Batch batch)
/// {
///     await Store(batch);
///     if (batch.IsLast)
///     {
///         this.ExitNormally();
///     }
/// }
/// </code>
/// </summary>
public static class WorkerExits
{
    /// <summary>The worker is done: <see cref="ExitReason.Normal"/>. Returns at once; the turn goes on to its end. Of several calls in one activation the first counts.</summary>
    /// <param name="worker">The grain itself.</param>
    public static void ExitNormally(this IGrainBase worker) => Exit(worker, ExitReason.Normal);

    /// <summary>The worker ends in order before it is done: <see cref="ExitReason.Shutdown"/>.</summary>
    /// <inheritdoc cref="ExitNormally"/>
    public static void ExitShutdown(this IGrainBase worker) => Exit(worker, ExitReason.Shutdown);

    private static void Exit(IGrainBase worker, ExitReason reason)
    {
        ArgumentNullException.ThrowIfNull(worker);
        var context = worker.GrainContext;
        context.ActivationServices.GetService<OwnExits>()?.Request(context, reason);
        context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, $"Supervision: the worker ended by itself ({reason})."));
    }
}
