using Prismatic.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Breakers;

/// <summary>The silo's breakers. A call to a target that is not open costs one volatile read.</summary>
internal sealed class CircuitBreakers(BreakerTable table, BreakerOwner owner, TimeProvider time) : ICircuitBreakers
{
    public Task<T> Execute<T>(string target, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        ArgumentNullException.ThrowIfNull(call);
        return table.Find(target) is { } entry
            ? ExecuteBroken(entry, call, cancellationToken)
            : Call(target, call, cancellationToken);
    }

    public BreakerView Get(string target) => table.Get(target);

    /// <summary>Opens the breaker of <paramref name="target"/>: on this silo before this returns a task, then everywhere.</summary>
    public Task Open(string target, TimeSpan duration, string reason) => owner.Open(target, duration, reason);

    private static async Task<T> Call<T>(string target, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(cancellationToken);
        }
        catch (Exception exception) when (Mark(exception, target, cancellationToken))
        {
            throw;
        }
    }

    private async Task<T> ExecuteBroken<T>(BreakerEntry entry, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var target = entry.View.Target;
        if (entry.Remaining > TimeSpan.Zero || !entry.TryBeginAsking())
        {
            throw Refusal(entry);
        }

        try
        {
            if (await owner.AskForProbe(entry) is { } probe)
            {
                return await Probe(probe, call, cancellationToken);
            }
        }
        finally
        {
            entry.EndAsking();
        }

        return table.Find(target) is { } open ? throw Refusal(open) : await Call(target, call, cancellationToken);
    }

    private async Task<T> Probe<T>(BreakerProbe probe, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        if (probe.IsOver(time))
        {
            throw Refusal(probe.Entry);
        }

        Task report = Task.CompletedTask;
        try
        {
            var answer = await Call(probe.Target, call, cancellationToken);
            report = owner.Report(probe, failure: null);
            return answer;
        }
        catch (Exception exception) when (BeginReport(exception, out report))
        {
            throw;
        }
        finally
        {
            await report;
        }

        bool BeginReport(Exception exception, out Task begun)
        {
            begun = Tells(exception, cancellationToken) ? owner.Report(probe, exception) : Task.CompletedTask;
            return false;
        }
    }

    private static BreakerOpenException Refusal(BreakerEntry entry)
    {
        var remaining = entry.Remaining;
        return new BreakerOpenException(entry.View.Target, remaining > TimeSpan.Zero ? remaining : BreakerEntry.AskEvery);
    }

    /// <summary>
    /// Runs as an exception filter, before the stack unwinds: the exception goes on as it is. The innermost target stays, since that is
    /// the one that failed.
    /// </summary>
    private static bool Mark(Exception exception, string target, CancellationToken cancellationToken)
    {
        if (Tells(exception, cancellationToken) && exception.Data is { IsReadOnly: false } data && !data.Contains(CrashMarks.Target))
        {
            data[CrashMarks.Target] = target;
        }

        return false;
    }

    /// <summary>A caller who gave up, or supervision's own refusal further in, tells nothing about the target.</summary>
    private static bool Tells(Exception exception, CancellationToken cancellationToken) =>
        exception is not SupervisionRefusedException
        && !(exception is OperationCanceledException && cancellationToken.IsCancellationRequested);
}
