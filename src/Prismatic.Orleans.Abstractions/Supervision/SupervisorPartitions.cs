namespace Prismatic.Supervision;

/// <summary>Finds the partition of a key. The same key goes to the same partition on every caller as long as the number of partitions stays.</summary>
public static class SupervisorPartitions
{
    /// <summary>The partition of <paramref name="key"/>: a hash of its characters (FNV-1a, 32 bits) modulo <paramref name="partitions"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no partitions.</exception>
    public static int Of(string key, int partitions)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        var hash = 2_166_136_261u;
        foreach (var letter in key)
        {
            hash = unchecked((hash ^ letter) * 16_777_619u);
        }

        return (int)(hash % (uint)partitions);
    }

    /// <summary>The grain of the partition that <paramref name="key"/> belongs to now. Asks the supervisor how many partitions run.</summary>
    /// <param name="grains">The grain factory of a client or a grain.</param>
    /// <param name="supervisor">The partition supervisor's path.</param>
    /// <param name="key">What the partition is chosen by.</param>
    /// <exception cref="InvalidOperationException">It is no partition supervisor, or all its partitions are taken out.</exception>
    public static async Task<TGrain> GetPartition<TGrain>(this IGrainFactory grains, string supervisor, string key)
        where TGrain : IGrainWithStringKey
    {
        ArgumentNullException.ThrowIfNull(grains);
        var partitions = await grains.GetGrain<ISupervisorGrain>(supervisor).CountPartitions();
        return partitions == 0
            ? throw new InvalidOperationException($"{supervisor} has no partitions running; resize it first.")
            : grains.GetGrain<TGrain>(ChildPath.Combine(supervisor, Of(key, partitions).ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }
}
