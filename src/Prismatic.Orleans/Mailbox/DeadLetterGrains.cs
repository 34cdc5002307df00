using System.Collections.Immutable;
using Prismatic.Storage;

namespace Prismatic.Mailbox;

/// <inheritdoc cref="IWorkerDeadLettersGrain"/>
[GrainType("prismatic-worker-dead-letters")]
internal sealed class WorkerDeadLettersGrain(
    [SupervisedState("dead-letters", OnDamage = DamagePolicy.SetAside)] ISupervisedState<DeadLettersRecord> stored,
    IGrainFactory grains) : Grain, IWorkerDeadLettersGrain
{
    public async Task Keep(string silo, long sequence, ImmutableArray<DeadLetterReport> reports)
    {
        var (record, left) = stored.Value.With(silo, sequence, reports.Select(report => report.Letter));
        if (ReferenceEquals(record, stored.Value))
        {
            return;
        }

        // Whoever asks finds the worker before it finds its letters, and a letter after its request; told again, all of it is the same.
        await grains.GetGrain<IDeadLetterWorkersGrain>(IDeadLettersGrain.Key).Add(this.GetPrimaryKeyString());
        foreach (var kept in reports.Where(report => report.Request is not null).DistinctBy(report => report.Letter.Id))
        {
            await Request(kept.Letter.Id).Keep(kept.Request);
        }

        await stored.WriteAsync(record);
        foreach (var gone in left.Where(letter => letter.NotReplayable is null))
        {
            await Request(gone.Id).Keep(null);
        }
    }

    public Task<DeadLettersRecord> Read() => Task.FromResult(stored.Value);

    public async Task<DeadLetter?> Replayed(string id, DeadLetterReplay replay)
    {
        await stored.WriteAsync(stored.Value.With(id, replay));
        if (replay.Failure is null)
        {
            await Request(id).Keep(null);
        }

        return stored.Value.Letters.FirstOrDefault(letter => letter.Id == id);
    }

    public async Task<bool> Discard(string id)
    {
        var left = stored.Value.Letters.RemoveAll(letter => letter.Id == id);
        if (left.Length == stored.Value.Letters.Length)
        {
            return false;
        }

        await Request(id).Keep(null);
        await stored.WriteAsync(stored.Value with { Letters = left });
        return true;
    }

    private IDeadLetterRequestGrain Request(string id) => grains.GetGrain<IDeadLetterRequestGrain>(id);
}

/// <inheritdoc cref="IDeadLetterRequestGrain"/>
[GrainType("prismatic-dead-letter-request")]
internal sealed class DeadLetterRequestGrain(
    [SupervisedState("dead-letter-request", OnDamage = DamagePolicy.SetAside)] ISupervisedState<DeadLetterRequestRecord> stored) : Grain, IDeadLetterRequestGrain
{
    public Task Keep(byte[]? request) =>
        (request is null && stored.Value.Request is null) || (request is not null && stored.Value.Request?.AsSpan().SequenceEqual(request) == true)
            ? Task.CompletedTask
            : stored.WriteAsync(stored.Value with { Request = request });

    public Task<byte[]?> Read() => Task.FromResult(stored.Value.Request);
}

/// <inheritdoc cref="IDeadLetterWorkersGrain"/>
[GrainType("prismatic-dead-letter-workers")]
internal sealed class DeadLetterWorkersGrain(
    [SupervisedState("dead-letter-workers", OnDamage = DamagePolicy.SetAside)] ISupervisedState<DeadLetterWorkersRecord> stored) : Grain, IDeadLetterWorkersGrain
{
    public Task<ImmutableArray<string>> All() => Task.FromResult<ImmutableArray<string>>([.. stored.Value.Paths]);

    public Task Add(string path) =>
        stored.Value.Paths.Contains(path) ? Task.CompletedTask : stored.WriteAsync(stored.Value with { Paths = stored.Value.Paths.Add(path) });
}
