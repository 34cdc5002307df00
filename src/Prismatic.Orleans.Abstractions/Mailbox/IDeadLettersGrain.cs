using System.Collections.Immutable;
using Prismatic.Supervision;

namespace Prismatic.Mailbox;

/// <summary>An argument of a dead letter, for people.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Type">Its type's name.</param>
/// <param name="Value">The value as text, redacted, at most 200 characters.</param>
[GenerateSerializer, Immutable, Alias("prismatic.DeadLetterArgument")]
public sealed record DeadLetterArgument([property: Id(0)] string Name, [property: Id(1)] string Type, [property: Id(2)] string Value);

/// <summary>What came of a replay.</summary>
/// <param name="At">When it ended, by the silo's clock.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="Failure">The exception it ended with, redacted; null when the worker served it.</param>
[GenerateSerializer, Immutable, Alias("prismatic.DeadLetterReplay")]
public sealed record DeadLetterReplay([property: Id(0)] DateTimeOffset At, [property: Id(1)] string By, [property: Id(2)] string? Failure);

/// <summary>
/// A poisonous request: one that crashed clean incarnations of its worker again and again while others were served. Its callers get the worker's
/// own exception; the worker stays as it is, and no window counts it.
/// </summary>
[GenerateSerializer, Immutable, Alias("prismatic.DeadLetter")]
public sealed record DeadLetter
{
    /// <summary>Its id: the worker's path, a colon, and a short hash of the request.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>The child that it was sent to; of a family, the member.</summary>
    [Id(1)] public required string Child { get; init; }

    /// <summary>The method, such as <c>IEntityResolverGrain.Match</c>.</summary>
    [Id(2)] public required string Method { get; init; }

    /// <summary>Its arguments, redacted. This is all that is ever shown of them.</summary>
    [Id(3)] public ImmutableArray<DeadLetterArgument> Arguments { get; init; } = [];

    /// <summary>The exception's type and message, redacted.</summary>
    [Id(4)] public required string Failure { get; init; }

    /// <summary>The correlation id of the last time.</summary>
    [Id(5)] public required string CorrelationId { get; init; }

    /// <summary>How often it was sent since it was recognised.</summary>
    [Id(6)] public required long Count { get; init; }

    /// <summary>When it was recognised.</summary>
    [Id(7)] public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>When it was sent last.</summary>
    [Id(8)] public required DateTimeOffset LastSeen { get; init; }

    /// <summary>Why it cannot be replayed, in a sentence; null when it can.</summary>
    [Id(9)] public string? NotReplayable { get; init; }

    /// <summary>The last replay; null when there was none. One that the worker served took the kept request with it.</summary>
    [Id(10)] public DeadLetterReplay? LastReplay { get; init; }

    /// <summary>The grain that it was sent to.</summary>
    [Id(11)] public string Grain { get; init; } = "";
}

/// <summary>Dead letters, and how many there is no room for.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.DeadLetterList")]
public sealed record DeadLetterList
{
    /// <summary>The letters, seen last first.</summary>
    [Id(0)] public required ImmutableArray<DeadLetter> Letters { get; init; }

    /// <summary>Letters of the listed workers that were dropped since each keeps its last 100.</summary>
    [Id(1)] public required long Dropped { get; init; }
}

/// <summary>
/// The dead letters of all workers, at key <see cref="Key"/>. Each worker has a record of its own, with its last 100 letters. The request itself
/// is kept only of workers that ask for it (<c>ReplayDeadLetters</c> in the tree), apart from the letter, never shown, at most 64 KB, and not at
/// all when it holds, or could hide, what looks like a secret. Only such a letter can be replayed.
/// </summary>
[Alias("prismatic.IDeadLettersGrain")]
public interface IDeadLettersGrain : IGrainWithStringKey
{
    /// <summary>The key of the one entrance to all dead letters.</summary>
    const string Key = "dead-letters";

    /// <summary>The letters of a child, or of all below a supervisor.</summary>
    /// <param name="under">A path; empty for the whole tree.</param>
    /// <param name="limit">At most this many, 1 to 500.</param>
    /// <exception cref="ArgumentException">The limit is out of range.</exception>
    [Alias("List")]
    Task<DeadLetterList> List(string under, int limit);

    /// <summary>
    /// Sends the kept request to its worker again, through all gates, as any caller's. One that is served is over, and the kept request is
    /// deleted; one that fails stays. A request that ran on behind an answer that never came may have had its effect, as with any call.
    /// </summary>
    /// <param name="id">The letter.</param>
    /// <param name="by">Who asks, 1 to 200 characters.</param>
    /// <returns>The letter with <see cref="DeadLetter.LastReplay"/>; null when there is no such letter.</returns>
    /// <exception cref="InvalidOperationException">The letter cannot be replayed; the message says why.</exception>
    [Control, Alias("Replay")]
    Task<DeadLetter?> Replay(string id, string by);

    /// <summary>Deletes a letter and the request kept with it. False when there is none.</summary>
    [Control, Alias("Discard")]
    Task<bool> Discard(string id);
}
