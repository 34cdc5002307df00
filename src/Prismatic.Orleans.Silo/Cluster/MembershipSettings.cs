using Orleans.Configuration;
using Orleans.Hosting;

namespace Prismatic.Silo;

/// <summary>
/// How soon silos notice that another one is gone. Set the same on every silo, before the crash: the reader's settings judge the dead silo's row.
/// </summary>
internal static class MembershipSettings
{
    /// <summary>How often a silo notes in the database that it lives: one small update. Orleans' own is 30 s.</summary>
    public static readonly TimeSpan IAmAlive = TimeSpan.FromSeconds(5);

    /// <summary>After so many notes that did not come Orleans holds a row for stale, and waits no longer for its silo to answer. Orleans' own.</summary>
    public const int MissedNotes = 3;

    public static ISiloBuilder UseMembershipSettings(this ISiloBuilder silo) => silo.Configure<ClusterMembershipOptions>(membership =>
    {
        membership.IAmAliveTablePublishTimeout = IAmAlive;
        membership.NumMissedTableIAmAliveLimit = MissedNotes;

        // Three probes missed at 2 s make 6 s: more than a long garbage collection, less than people wait. Orleans' own is 5 s.
        membership.ProbeTimeout = TimeSpan.FromSeconds(2);
        membership.NumMissedProbesLimit = 3;

        // Gossip tells of changes at once; this is for the silo that missed it. Orleans' own is 60 s.
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
    });
}
