using System.Collections.Immutable;
using Prismatic.Supervision;

namespace Prismatic.Mailbox;

/// <summary>A poisonous request as the silo that recognised it tells of it.</summary>
/// <param name="Letter">The letter of this one time.</param>
/// <param name="Request">The request itself, when it may be kept.</param>
[GenerateSerializer, Immutable, Alias("prismatic.DeadLetterReport")]
internal sealed record DeadLetterReport([property: Id(0)] DeadLetter Letter, [property: Id(1)] byte[]? Request);

/// <summary>The dead letters of one worker or family; its key is the path.</summary>
[Control, Alias("prismatic.IWorkerDeadLettersGrain")]
internal interface IWorkerDeadLettersGrain : IGrainWithStringKey
{
    /// <summary>Takes letters in; a batch that is told again changes nothing.</summary>
    [Alias("Keep")]
    Task Keep(string silo, long sequence, ImmutableArray<DeadLetterReport> reports);

    /// <summary>What is kept.</summary>
    [Alias("Read")]
    Task<DeadLettersRecord> Read();

    /// <summary>A replay is over.</summary>
    [Alias("Replayed")]
    Task<DeadLetter?> Replayed(string id, DeadLetterReplay replay);

    /// <summary>Deletes a letter.</summary>
    [Alias("Discard")]
    Task<bool> Discard(string id);
}

/// <summary>The request of one dead letter; its key is the letter's id.</summary>
[Control, Alias("prismatic.IDeadLetterRequestGrain")]
internal interface IDeadLetterRequestGrain : IGrainWithStringKey
{
    /// <summary>Keeps it, or deletes it when null.</summary>
    [Alias("Keep")]
    Task Keep(byte[]? request);

    /// <summary>The request, or null.</summary>
    [Alias("Read")]
    Task<byte[]?> Read();
}

/// <summary>The workers that have dead letters, at key <see cref="IDeadLettersGrain.Key"/>.</summary>
[Control, Alias("prismatic.IDeadLetterWorkersGrain")]
internal interface IDeadLetterWorkersGrain : IGrainWithStringKey
{
    /// <summary>The paths.</summary>
    [Alias("All")]
    Task<ImmutableArray<string>> All();

    /// <summary>Adds a worker.</summary>
    [Alias("Add")]
    Task Add(string path);
}
