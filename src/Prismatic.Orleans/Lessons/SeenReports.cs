using System.Collections.Immutable;

namespace Prismatic.Lessons;

/// <summary>
/// Which reports were counted, so that a batch that is told again counts nothing twice. Reports of one silo travel through several
/// supervisors and arrive out of order: a single highest number would lose the late ones. Kept are ranges of sequence numbers for each
/// silo; beyond the bounds the lowest gap closes (a report that late is lost, never counted twice) and the silo silent longest is forgotten.
/// </summary>
[GenerateSerializer, Immutable, Alias("prismatic.SeenReports")]
internal sealed record SeenReports
{
    /// <summary>Silos, the one that reported last at the end.</summary>
    [Id(0)] public ImmutableArray<SeenOfSilo> Silos { get; init; } = [];

    /// <summary>Adds a report. False when it was there already; then nothing changes.</summary>
    public bool TryAdd(string silo, long sequence, int maxSilos, int maxRanges, out SeenReports next)
    {
        var index = -1;
        for (var i = Silos.Length - 1; i >= 0 && index < 0; i--)
        {
            index = Silos[i].Silo == silo ? i : -1;
        }

        var known = index < 0 ? new SeenOfSilo { Silo = silo } : Silos[index];
        if (!known.TryAdd(sequence, maxRanges, out var added))
        {
            next = this;
            return false;
        }

        var silos = (index < 0 ? Silos : Silos.RemoveAt(index)).Add(added);
        next = new SeenReports { Silos = silos.Length > maxSilos ? silos.RemoveAt(0) : silos };
        return true;
    }
}

/// <summary>The reports of one silo that were counted; the silo's name holds its generation, so numbers never start again under it.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.SeenOfSilo")]
internal sealed record SeenOfSilo
{
    /// <summary>The silo.</summary>
    [Id(0)] public required string Silo { get; init; }

    /// <summary>First and last number of each range, in turn, ascending and never touching.</summary>
    [Id(1)] public ImmutableArray<long> Ranges { get; init; } = [];

    /// <summary>Adds a number. False when a range holds it.</summary>
    public bool TryAdd(long sequence, int maxRanges, out SeenOfSilo next)
    {
        var at = Ranges.Length;
        while (at > 0 && Ranges[at - 2] > sequence)
        {
            at -= 2;
        }

        // The range before `at` starts at or below the number; the one at `at` starts above it.
        if (at > 0 && sequence <= Ranges[at - 1])
        {
            next = this;
            return false;
        }

        var ranges = Ranges.ToBuilder();
        var joinsLower = at > 0 && ranges[at - 1] == sequence - 1;
        var joinsUpper = at < ranges.Count && ranges[at] == sequence + 1;
        switch (joinsLower, joinsUpper)
        {
            case (true, true):
                ranges.RemoveRange(at - 1, 2);
                break;
            case (true, false):
                ranges[at - 1] = sequence;
                break;
            case (false, true):
                ranges[at] = sequence;
                break;
            default:
                ranges.InsertRange(at, [sequence, sequence]);
                break;
        }

        if (ranges.Count > maxRanges * 2)
        {
            ranges.RemoveRange(1, 2);
        }

        next = this with { Ranges = ranges.ToImmutable() };
        return true;
    }
}
