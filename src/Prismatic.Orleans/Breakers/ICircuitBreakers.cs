using Prismatic.Supervision;

namespace Prismatic.Breakers;

/// <summary>
/// Wraps calls that leave the process. A call to a target whose breaker is open is refused at once; a failure is marked with its target,
/// so that a crash it leads to can open the right breaker.
/// <code>await breakers.Execute("source:justice", token => http.GetStringAsync(url, token), cancellationToken);</code>
/// </summary>
public interface ICircuitBreakers
{
    /// <summary>Calls <paramref name="call"/> unless the breaker of <paramref name="target"/> is open.</summary>
    /// <param name="target">What is called: a kind, a colon, and a name, such as <c>source:justice</c>. One breaker for each target in the cluster.</param>
    /// <param name="call">The call. Its exceptions pass through unchanged, marked with the target in <see cref="Exception.Data"/>.</param>
    /// <param name="cancellationToken">Passed to <paramref name="call"/>.</param>
    /// <exception cref="BreakerOpenException">The breaker is open; <paramref name="call"/> was not called.</exception>
    Task<T> Execute<T>(string target, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken = default);

    /// <summary>The breaker of <paramref name="target"/> as this silo knows it. Costs no grain call.</summary>
    BreakerView Get(string target);
}
