using System.Collections.Immutable;

namespace Prismatic.Supervision;

/// <summary>One exception of a chain, as it was seen; texts are redacted and capped before they get here.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.ExceptionFact")]
public sealed record ExceptionFact
{
    /// <summary>The exception's full type name.</summary>
    [Id(0)] public required string Type { get; init; }

    /// <summary>Its message.</summary>
    [Id(1)] public required string Message { get; init; }

    /// <summary>Its base types' full names, nearest first, without <see cref="Exception"/> and <see cref="object"/>; empty when unknown.</summary>
    [Id(2)] public ImmutableArray<string> BaseTypes { get; init; } = [];

    /// <summary>
    /// Codes that name the failure more exactly than its type: <c>socket</c> (SocketError), <c>http</c> (status), <c>sqlstate</c>,
    /// <c>sqlite</c>, <c>hresult</c>, <c>http.error</c> (HttpRequestError), <c>grpc</c> (status), <c>errno</c>, <c>win32</c>, <c>db.error</c>.
    /// </summary>
    [Id(3)] public ImmutableDictionary<string, string> Codes { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>Who is to blame for an exception; it decides whether the worker is restarted and counted.</summary>
[GenerateSerializer, Alias("prismatic.Blame")]
public enum Blame
{
    /// <summary>The worker: a crash. Restarted and counted.</summary>
    Worker,

    /// <summary>The request: its arguments, an exception declared as expected, or a request that crashed two clean incarnations. Answered, not counted.</summary>
    Request,

    /// <summary>A grain that the worker called: the crash is counted there, once.</summary>
    Dependency,

    /// <summary>The silo: shutting down or lost.</summary>
    Host,
}

/// <summary>What ran when it crashed.</summary>
[GenerateSerializer, Alias("prismatic.CrashTriggerKind")]
public enum CrashTriggerKind
{
    /// <summary>A grain call that waits for an answer.</summary>
    Call,

    /// <summary>A one-way grain call.</summary>
    OneWay,

    /// <summary>A grain timer's callback.</summary>
    Timer,

    /// <summary>A reminder's tick.</summary>
    Reminder,

    /// <summary>A stream delivery.</summary>
    Stream,

    /// <summary>A step of an asynchronous enumeration.</summary>
    Enumeration,

    /// <summary>The making of an activation: constructor, state read, OnActivateAsync.</summary>
    Activation,

    /// <summary>The loss of the silo it ran on.</summary>
    SiloLost,
}

/// <summary>
/// What is known of one crash: everything that signature, classification and rules may look at.
/// A value; building one from an exception is the only step that touches the exception itself.
/// </summary>
[GenerateSerializer, Immutable, Alias("prismatic.CrashFacts")]
public sealed record CrashFacts
{
    /// <summary>The exception and its inner ones, outermost first; members of an AggregateException follow in their order. Never empty.</summary>
    [Id(0)] public required ImmutableArray<ExceptionFact> Exceptions { get; init; }

    /// <summary>The stack of the outermost exception that has one, in .NET's text form; empty when unknown.</summary>
    [Id(1)] public string Stack { get; init; } = "";

    /// <summary>The worker's type name, or empty when the crash is not tied to a worker.</summary>
    [Id(2)] public string WorkerType { get; init; } = "";

    /// <summary>The child's path, or empty.</summary>
    [Id(3)] public string Child { get; init; } = "";

    /// <summary>The external target that was being called, when a breaker named it; else null.</summary>
    [Id(4)] public string? Target { get; init; }

    /// <summary>Whether our own state facet raised it: the only evidence on which state is ever reset.</summary>
    [Id(5)] public bool StateDamaged { get; init; }

    /// <summary>Who is to blame.</summary>
    [Id(6)] public Blame Blame { get; init; }

    /// <summary>Whether the grain failed to start: its constructor, the read of its state, or OnActivateAsync.</summary>
    [Id(7)] public bool FailedStart { get; init; }

    /// <summary>The outermost exception.</summary>
    public ExceptionFact Outermost => Exceptions[0];
}
