using System.Collections.Immutable;

namespace Prismatic.Mailbox;

/// <summary>The stored dead letters of one worker, the oldest first.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.DeadLettersRecord")]
internal sealed record DeadLettersRecord
{
    /// <summary>How many are kept; beyond it the one that was seen least lately goes, and is counted.</summary>
    public const int Kept = 100;

    /// <summary>The form of this record; grows when a field changes its meaning.</summary>
    [Id(0)] public int SchemaVersion { get; init; } = 1;

    /// <summary>The letters, seen least lately first.</summary>
    [Id(1)] public ImmutableArray<DeadLetter> Letters { get; init; } = [];

    /// <summary>Letters that there was no room for.</summary>
    [Id(2)] public long Dropped { get; init; }

    /// <summary>The last batch taken in, by silo.</summary>
    [Id(3)] public ImmutableDictionary<string, long> Seen { get; init; } = ImmutableDictionary<string, long>.Empty;

    private const int SilosKept = 100;

    /// <summary>The record with the letters of a batch in it, and the letters that left it; itself when it took the batch in before.</summary>
    public (DeadLettersRecord Record, ImmutableArray<DeadLetter> Left) With(string silo, long sequence, IEnumerable<DeadLetter> letters)
    {
        if (Seen.GetValueOrDefault(silo) >= sequence)
        {
            return (this, []);
        }

        var kept = Letters.ToList();
        foreach (var letter in letters)
        {
            var at = kept.FindIndex(known => known.Id == letter.Id);
            var joined = at < 0 ? letter : letter with
            {
                Count = kept[at].Count + letter.Count,
                FirstSeen = kept[at].FirstSeen,
                LastReplay = kept[at].LastReplay,
            };
            if (at >= 0)
            {
                kept.RemoveAt(at);
            }

            kept.Add(joined);
        }

        var left = kept.Take(Math.Max(0, kept.Count - Kept)).ToImmutableArray();
        return (this with
        {
            Letters = [.. kept.Skip(left.Length)],
            Dropped = Dropped + left.Length,
            Seen = (Seen.Count < SilosKept ? Seen : []).SetItem(silo, sequence),
        }, left);
    }

    /// <summary>The record with what came of a replay. One that was served cannot be replayed again.</summary>
    public DeadLettersRecord With(string id, DeadLetterReplay replay) => this with
    {
        Letters =
        [
            .. Letters.Select(letter => letter.Id != id ? letter : letter with
            {
                LastReplay = replay,
                NotReplayable = replay.Failure is null ? "It was replayed, and the worker served it." : letter.NotReplayable,
            }),
        ],
    };
}

/// <summary>The stored request of a dead letter.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.DeadLetterRequestRecord")]
internal sealed record DeadLetterRequestRecord
{
    /// <summary>The form of this record.</summary>
    [Id(0)] public int SchemaVersion { get; init; } = 1;

    /// <summary>The request as Orleans serializes it; null when none is kept.</summary>
    [Id(1)] public byte[]? Request { get; init; }
}

/// <summary>The stored list of workers that have dead letters.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.DeadLetterWorkersRecord")]
internal sealed record DeadLetterWorkersRecord
{
    /// <summary>The form of this record.</summary>
    [Id(0)] public int SchemaVersion { get; init; } = 1;

    /// <summary>Their paths.</summary>
    [Id(1)] public ImmutableSortedSet<string> Paths { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
}
