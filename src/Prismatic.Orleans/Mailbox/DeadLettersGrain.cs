using System.Collections.Immutable;
using System.Globalization;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;
using Prismatic.Supervision;
using Prismatic.Telemetry;

namespace Prismatic.Mailbox;

/// <summary>The door to all dead letters. It keeps nothing; reentrant, since a replay lasts as long as its call.</summary>
[GrainType("prismatic-dead-letters"), Reentrant]
internal sealed class DeadLettersGrain(IGrainFactory grains, Serializer serializer, TimeProvider time) : Grain, IDeadLettersGrain
{
    private const int MaxName = 200;

    public async Task<DeadLetterList> List(string under, int limit)
    {
        ArgumentNullException.ThrowIfNull(under);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 500);
        var workers = await Workers.All();

        // A member of a family is below its family, whose record has its letters.
        var records = await Task.WhenAll(workers
            .Where(path => under.Length == 0 || ChildPath.IsUnder(path, under) || ChildPath.IsUnder(under, path))
            .Select(path => Of(path).Read()));
        return new DeadLetterList
        {
            Letters =
            [
                .. records.SelectMany(record => record.Letters)
                    .Where(letter => under.Length == 0 || ChildPath.IsUnder(letter.Child, under))
                    .OrderByDescending(letter => letter.LastSeen).Take(limit),
            ],
            Dropped = records.Sum(record => record.Dropped),
        };
    }

    public async Task<DeadLetter?> Replay(string id, string by)
    {
        if (string.IsNullOrWhiteSpace(by) || by.Length > MaxName)
        {
            throw new ArgumentException($"A replay says who asks for it, in 1 to {MaxName} characters.", nameof(by));
        }

        if (await Find(id) is not { } found)
        {
            return null;
        }

        var (worker, letter) = found;
        if (letter.NotReplayable is { } why)
        {
            throw new InvalidOperationException($"The dead letter {id} cannot be replayed. {why}");
        }

        var failure = await Send(letter);
        return await worker.Replayed(id, new DeadLetterReplay(time.GetUtcNow(), PrintableText.Of(by, MaxName), failure));
    }

    public async Task<bool> Discard(string id) => await Find(id) is { } found && await found.Worker.Discard(id);

    /// <summary>Sends the kept request as a caller would; the failure as a text, or null when it was served.</summary>
    private async Task<string?> Send(DeadLetter letter)
    {
        var kept = await grains.GetGrain<IDeadLetterRequestGrain>(letter.Id).Read()
            ?? throw new InvalidOperationException($"The dead letter {letter.Id} cannot be replayed. Its request is not there any more.");
        try
        {
            var request = serializer.Deserialize<IInvokable>(kept) ?? throw new InvalidOperationException("The kept request is empty.");
            var target = grains.GetGrain(GrainId.Parse(letter.Grain, CultureInfo.InvariantCulture)).AsReference(request.GetInterfaceType());
            request.SetTarget(new Addressee(target));
            using var answer = await request.Invoke();
            return answer.Exception is { } failed ? DeadLetterText.Of(failed) : null;
        }
        catch (Exception failure)
        {
            return DeadLetterText.Of(failure);
        }
    }

    private async Task<(IWorkerDeadLettersGrain Worker, DeadLetter Letter)?> Find(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        var cut = id.LastIndexOf(':');
        if (cut <= 0 || !(await Workers.All()).Contains(id[..cut]))
        {
            // Only a worker that has letters is looked at: an id made up by a caller must not make a grain.
            return null;
        }

        var worker = Of(id[..cut]);
        return (await worker.Read()).Letters.FirstOrDefault(letter => letter.Id == id) is { } letter ? (worker, letter) : null;
    }

    private IDeadLetterWorkersGrain Workers => grains.GetGrain<IDeadLetterWorkersGrain>(IDeadLettersGrain.Key);

    private IWorkerDeadLettersGrain Of(string path) => grains.GetGrain<IWorkerDeadLettersGrain>(path);

    private sealed class Addressee(object target) : ITargetHolder
    {
        public object GetTarget() => target;

        public object? GetComponent(Type componentType) => componentType.IsInstanceOfType(target) ? target : null;
    }
}
