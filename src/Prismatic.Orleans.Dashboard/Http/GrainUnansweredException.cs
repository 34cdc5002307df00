namespace Prismatic.Dashboard;

/// <summary>A grain failed or did not answer in time. Stays inside the API, which turns it into 503.</summary>
internal sealed class GrainUnansweredException(string what, Exception cause) : Exception($"{what} is not available: {cause.GetType().Name}.", cause)
{
    /// <summary>What was asked for, as the beginning of a sentence.</summary>
    public string What { get; } = what;

    public bool TimedOut => InnerException is TimeoutException;
}
