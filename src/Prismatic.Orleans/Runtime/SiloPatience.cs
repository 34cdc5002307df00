using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Prismatic.Runtime;

/// <summary>
/// How long an answer of a silo is waited for. One that left a question unanswered is hung, stopped or cut off; until it answers again or
/// membership declares it dead, each further question to it is given up soon, so that those who ask (supervisors do in their turn) are held up by
/// it once and not each time. What it was told lies in its queue, and it asks for the whole table when it is back.
/// </summary>
internal sealed class SiloPatience
{
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<SiloAddress, byte> _silent = new();

    /// <summary>How long to wait for <paramref name="silo"/>, where the caller has no more time than <paramref name="most"/>.</summary>
    public TimeSpan For(SiloAddress silo, TimeSpan? most = null)
    {
        var limit = _silent.ContainsKey(silo) ? Short : Long;
        return most < limit ? most.Value : limit;
    }

    public void Answered(SiloAddress silo) => _silent.TryRemove(silo, out _);

    public void WasSilent(SiloAddress silo) => _silent.TryAdd(silo, 0);

    /// <summary>Forgets all silos but these.</summary>
    public void Keep(IReadOnlyCollection<SiloAddress> members)
    {
        foreach (var gone in _silent.Keys.Where(silo => !members.Contains(silo)))
        {
            _silent.TryRemove(gone, out _);
        }
    }
}
