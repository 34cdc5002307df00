using Orleans.Runtime;

namespace Prismatic.Supervision;

/// <summary>
/// What supervision itself answers instead of a worker. A refused call has not started: it had no effect and may be sent again.
/// A refusal is never a crash, neither of the grain that was called nor of the one that called.
/// </summary>
[GenerateSerializer, Alias("prismatic.SupervisionRefusedException")]
public abstract class SupervisionRefusedException : Exception
{
    /// <summary>A refusal concerning <paramref name="subject"/>.</summary>
    protected SupervisionRefusedException(string message, string subject, TimeSpan? retryAfter)
        : base(message)
    {
        Subject = subject;
        RetryAfter = retryAfter;
    }

    /// <summary>The child path or breaker target that the call was refused for.</summary>
    [Id(0)]
    public string Subject { get; private set; }

    /// <summary>When trying again is worthwhile, or null when waiting alone will not help.</summary>
    [Id(1)]
    public TimeSpan? RetryAfter { get; private set; }
}

/// <summary>The child is backing off, being reset, quarantined or stopped, and the call did not start.</summary>
[GenerateSerializer, Alias("prismatic.ChildUnavailableException")]
public sealed class ChildUnavailableException : SupervisionRefusedException
{
    /// <summary>A refusal of a call to <paramref name="child"/>, which is in <paramref name="status"/>.</summary>
    public ChildUnavailableException(string child, ChildStatus status, TimeSpan? retryAfter, string? ticket = null)
        : base(Describe(child, status, retryAfter, ticket), child, retryAfter)
    {
        Status = status;
        Ticket = ticket;
    }

    /// <summary>Why it is unavailable.</summary>
    [Id(0)]
    public ChildStatus Status { get; private set; }

    /// <summary>The ticket that a person can look at, when there is one.</summary>
    [Id(1)]
    public string? Ticket { get; private set; }

    /// <summary>The grain that did not start the call; null when it is not known. Only a caller of this very grain may send its call again.</summary>
    [Id(2)]
    public GrainId? Grain { get; init; }

    private static string Describe(string child, ChildStatus status, TimeSpan? retryAfter, string? ticket)
    {
        var retry = retryAfter is { } wait ? $" Try again in {wait.TotalSeconds:0.0} s." : " It stays so until an operator starts it.";
        var known = ticket is null ? "" : $" Ticket {ticket}.";
        return $"{child} is {status} and did not start this call.{retry}{known}";
    }
}

/// <summary>
/// Thrown by a worker from its OnActivateAsync: there is nothing for it to do, and that is no failure. OTP's <c>ignore</c>. It is no crash and
/// no restart; a worker of the tree counts as stopped until it is started again, a member of a family is asked again by its next call.
/// Callers get <see cref="ChildUnavailableException"/> with <see cref="ChildStatus.Stopped"/>; a caller without supervision gets this exception.
/// </summary>
[GenerateSerializer, Alias("prismatic.ChildIgnoredException")]
public sealed class ChildIgnoredException : SupervisionRefusedException
{
    /// <summary>The worker does not start, because of <paramref name="reason"/>.</summary>
    /// <param name="reason">A sentence for people.</param>
    public ChildIgnoredException(string reason)
        : base($"The worker did not start, on purpose: {reason}", "", null)
    {
    }
}

/// <summary>The breaker of an external target is open: the target was not called.</summary>
[GenerateSerializer, Alias("prismatic.BreakerOpenException")]
public sealed class BreakerOpenException : SupervisionRefusedException
{
    /// <summary>A refusal of a call to <paramref name="target"/>.</summary>
    public BreakerOpenException(string target, TimeSpan? retryAfter)
        : base($"The breaker of {target} is open; it was not called. Try again in {retryAfter?.TotalSeconds ?? 0:0.0} s.", target, retryAfter)
    {
    }
}

/// <summary>A control method was called without a valid token of this cluster, which only silos hold.</summary>
[GenerateSerializer, Alias("prismatic.ControlRefusedException")]
public sealed class ControlRefusedException : SupervisionRefusedException
{
    /// <summary>A refusal of <paramref name="method"/>.</summary>
    public ControlRefusedException(string method)
        : base($"{method} is a control method: it is answered only inside the cluster. Use the admin API or the prismatic tool.", method, null)
    {
    }
}
