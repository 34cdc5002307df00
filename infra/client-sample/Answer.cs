using Orleans.Runtime;
using Prismatic.Supervision;

namespace Prismatic.ClientSample;

/// <summary>What a call came to, for whoever made it.</summary>
internal enum AnswerKind
{
    /// <summary>The worker answered.</summary>
    Served,

    /// <summary>The call ran, and the worker threw.</summary>
    Failed,

    /// <summary>The call did not start; it may be sent again.</summary>
    Refused,

    /// <summary>No answer came; whether the call ran is not known.</summary>
    Lost,
}

/// <summary>What a call came to, in words, and when the same call is worth sending again.</summary>
/// <param name="Kind">What it came to.</param>
/// <param name="Text">A sentence.</param>
/// <param name="Again">How long to wait before the same call; null when waiting alone does not help.</param>
internal sealed record Answer(AnswerKind Kind, string Text, TimeSpan? Again)
{
    private const string CrashId = "prismatic.crash";

    public static Answer Served(string text) => new(AnswerKind.Served, text, TimeSpan.Zero);

    /// <summary>
    /// The catch clauses of a caller, from the most particular one down. What supervision itself answers has a type of its own; everything that is
    /// neither that nor Orleans' is the worker's own exception, of the type that the worker threw.
    /// </summary>
    public static Answer Of(Exception thrown) => thrown switch
    {
        BreakerOpenException breaker => new(
            AnswerKind.Refused, $"{breaker.Subject} is known to fail and was not called", breaker.RetryAfter),
        ChildUnavailableException { RetryAfter: { } soon } child => new(
            AnswerKind.Refused, $"{child.Subject} is {child.Status}; the call did not start", soon),
        ChildUnavailableException child => new(
            AnswerKind.Refused, $"{child.Subject} is {child.Status} until somebody starts it{(child.Ticket is { } ticket ? $", ticket {ticket}" : "")}", null),
        SupervisionRefusedException refused => new(AnswerKind.Refused, refused.Message, refused.RetryAfter),
        _ when thrown.Data[CrashId] is string crash => new(
            AnswerKind.Failed, $"{thrown.GetType().FullName}: {thrown.Message} (crash {crash})", TimeSpan.Zero),
        OrleansException or TimeoutException => new(
            AnswerKind.Lost, $"{thrown.GetType().Name}: {thrown.Message}", TimeSpan.Zero),
        _ => new(AnswerKind.Failed, $"{thrown.GetType().FullName}: {thrown.Message}", TimeSpan.Zero),
    };
}
