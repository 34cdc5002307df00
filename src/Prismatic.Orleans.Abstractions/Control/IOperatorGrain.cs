using System.Collections.Immutable;
using Prismatic.Supervision;

namespace Prismatic.Control;

/// <summary>What an operator asks for.</summary>
[GenerateSerializer, Alias("prismatic.OperatorActionKind")]
public enum OperatorActionKind
{
    /// <summary>End a child's activation and open its gates, whatever it waited for.</summary>
    Restart,

    /// <summary>The same, and a stored record that cannot be read is put back to the last known-good state. One that can be read stays as it is.</summary>
    Reset,

    /// <summary>End a child's activation and keep its gates shut.</summary>
    Stop,

    /// <summary>Open the gates of a stopped or quarantined child.</summary>
    Start,

    /// <summary>Open the breaker of a target: calls to it are refused at once.</summary>
    Isolate,

    /// <summary>Close the breaker of a target.</summary>
    Close,
}

/// <summary>Where an action stands.</summary>
[GenerateSerializer, Alias("prismatic.OperatorActionStatus")]
public enum OperatorActionStatus
{
    /// <summary>It is stored and will be carried out, also when every silo is killed now.</summary>
    Accepted,

    /// <summary>It was carried out.</summary>
    Done,

    /// <summary>It was refused, and nothing changed: the child has another incarnation, or its supervisor has ended.</summary>
    Refused,

    /// <summary>It could not be carried out, or not all of it.</summary>
    Failed,
}

/// <summary>An operator's order.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.OperatorOrder")]
public sealed record OperatorOrder
{
    /// <summary>What.</summary>
    [Id(0)] public required OperatorActionKind Kind { get; init; }

    /// <summary>A child's path; of Isolate and Close, a breaker's target. 1 to 500 characters.</summary>
    [Id(1)] public required string Target { get; init; }

    /// <summary>The incarnation of the child that the operator saw; null for any. When it has another by now, the order is refused.</summary>
    [Id(2)] public long? Incarnation { get; init; }

    /// <summary>How long Isolate lasts. Default 5 minutes; more than zero, at most 1 day.</summary>
    [Id(3)] public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Why, 1 to 500 characters.</summary>
    [Id(4)] public required string Reason { get; init; }

    /// <summary>Who, 1 to 200 characters.</summary>
    [Id(5)] public required string By { get; init; }

    /// <summary>Two orders of one person with the same key are one order. 1 to 200 characters.</summary>
    [Id(6)] public required string IdempotencyKey { get; init; }
}

/// <summary>An order that was accepted, and what became of it.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.OperatorAction")]
public sealed record OperatorAction
{
    /// <summary>Its id.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>The order.</summary>
    [Id(1)] public required OperatorOrder Order { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(2)] public required OperatorActionStatus Status { get; init; }

    /// <summary>What came of it, in a sentence; empty while it is accepted only.</summary>
    [Id(3)] public string Outcome { get; init; } = "";

    /// <summary>When it was accepted.</summary>
    [Id(4)] public required DateTimeOffset At { get; init; }

    /// <summary>When it was over; null before.</summary>
    [Id(5)] public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>Why an order was not accepted.</summary>
[GenerateSerializer, Alias("prismatic.OrderProblem")]
public enum OrderProblem
{
    /// <summary>It was accepted.</summary>
    None,

    /// <summary>It is not valid.</summary>
    Invalid,

    /// <summary>The tree has no such child.</summary>
    UnknownTarget,

    /// <summary>The idempotency key belongs to another order of the same person.</summary>
    KeyInUse,
}

/// <summary>The answer to an order.</summary>
/// <param name="Action">The accepted action; null when there is a problem.</param>
/// <param name="Problem">Why it was not accepted.</param>
/// <param name="Text">The problem in a sentence; empty when there is none.</param>
[GenerateSerializer, Immutable, Alias("prismatic.OrderAnswer")]
public sealed record OrderAnswer([property: Id(0)] OperatorAction? Action, [property: Id(1)] OrderProblem Problem = OrderProblem.None, [property: Id(2)] string Text = "");

/// <summary>One thing that a person asked of the cluster.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.AuditEntry")]
public sealed record AuditEntry
{
    /// <summary>1 for the first.</summary>
    [Id(0)] public required long Number { get; init; }

    /// <summary>When, by the clock of the silo that stored it.</summary>
    [Id(1)] public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    [Id(2)] public required string By { get; init; }

    /// <summary>What, such as <c>restart</c> or <c>escalation resolved</c>.</summary>
    [Id(3)] public required string What { get; init; }

    /// <summary>Whose: a path, a breaker's target, a ticket, a lesson, a rule.</summary>
    [Id(4)] public required string Subject { get; init; }

    /// <summary>Why, redacted; may be empty.</summary>
    [Id(5)] public string Reason { get; init; } = "";

    /// <summary>The action behind it; null when it is none.</summary>
    [Id(6)] public string? Action { get; init; }

    /// <summary>What became of the action; null when there is none behind it.</summary>
    [Id(7)] public OperatorActionStatus? Status { get; init; }
}

/// <summary>
/// What operators do, at key <see cref="Key"/>: orders, each stored before it is acknowledged and carried out once, and the audit of everything
/// that people ask for.
/// </summary>
[Alias("prismatic.IOperatorGrain")]
public interface IOperatorGrain : IGrainWithStringKey
{
    /// <summary>The key of the one operators' desk.</summary>
    const string Key = "operator";

    /// <summary>Accepts an order. It is durable, with its audit entry, when this returns, and carried out meanwhile.</summary>
    [Control, Alias("Submit")]
    Task<OrderAnswer> Submit(OperatorOrder order);

    /// <summary>One action, or null.</summary>
    [Alias("Get")]
    Task<OperatorAction?> Get(string id);

    /// <summary>Writes into the audit what a person is about to do by another way; durable when this returns.</summary>
    /// <param name="by">Who.</param>
    /// <param name="what">What.</param>
    /// <param name="subject">Whose.</param>
    /// <param name="reason">Why; may be empty.</param>
    [Control, Alias("Note")]
    Task Note(string by, string what, string subject, string reason);

    /// <summary>Audit entries with a number below <paramref name="before"/>, newest first.</summary>
    /// <param name="before">Null: from the newest.</param>
    /// <param name="limit">At most this many, 1 to 200.</param>
    /// <exception cref="ArgumentException">The limit is out of range.</exception>
    [Alias("Audit")]
    Task<ImmutableArray<AuditEntry>> Audit(long? before, int limit);
}
