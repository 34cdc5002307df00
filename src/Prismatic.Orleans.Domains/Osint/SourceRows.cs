using Prismatic.Supervision;

namespace Prismatic.Domains.Osint;

/// <summary>A fan-out's rows: what a source's answer, or its failure, looks like beside the others.</summary>
internal static class SourceRows
{
    /// <summary>Where supervision leaves the id of a crash in its exception.</summary>
    public const string CrashKey = "prismatic.crash";

    public static SourceRow Of(string source, FetchResult result) => new() { Source = source, Status = result.Status, Result = result };

    public static SourceRow Of(string source, Exception failure) => new()
    {
        Source = source,
        Status = failure is BreakerOpenException ? FetchStatus.CircuitOpen : FetchStatus.Failed,
        ErrorType = failure.GetType().Name,
        Error = failure.Message,
        Correlation = failure.Data[CrashKey]?.ToString(),
    };

    /// <summary>Asks every source, at most so many at once and each for at most so long. No failure leaves this method but the caller's own cancellation.</summary>
    public static async Task<SourceRow[]> FanOut(
        IEnumerable<string> sources,
        Func<string, CancellationToken, Task<FetchResult>> ask,
        FanOutLimits limits,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var places = new SemaphoreSlim(limits.MaxConcurrency);
        return await Task.WhenAll(sources.Select(Row));

        async Task<SourceRow> Row(string source)
        {
            await places.WaitAsync(cancellationToken);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            try
            {
                return Of(source, await ask(source, end.Token).WaitAsync(limits.Timeout, time, cancellationToken));
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                return Of(source, failure);
            }
            finally
            {
                await end.CancelAsync();
                places.Release();
            }
        }
    }

    public static void Check(FanOutLimits limits, string parameter)
    {
        Demand.Range(limits.MaxConcurrency, 1, 64, parameter);
        Demand.Range(limits.Timeout.TotalSeconds, 0.001, 60, parameter);
    }
}
