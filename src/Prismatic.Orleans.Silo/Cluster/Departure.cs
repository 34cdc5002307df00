namespace Prismatic.Silo;

/// <summary>What came of an attempt to connect to a silo's port.</summary>
internal enum Knock
{
    /// <summary>Somebody listens there: the silo, one that hangs, or its successor.</summary>
    Answered,

    /// <summary>The machine at that address says that nobody listens there.</summary>
    Refused,

    /// <summary>Nothing came back.</summary>
    Silent,
}

/// <summary>What a silo that starts makes of another one's row.</summary>
internal enum DepartureVerdict
{
    /// <summary>It lives, or Orleans' own votes must say that it does not.</summary>
    Leave,

    /// <summary>Not known yet.</summary>
    Watch,

    /// <summary>Its process is gone, and its row may say so.</summary>
    Gone,
}

/// <summary>
/// Whether a silo that the membership table calls active is gone. Orleans waits until such a row is stale; after <c>kill -9</c> of all silos there is
/// better evidence. No clock but this machine's monotonic one is asked: another silo's time in the table only has to stand still.
/// </summary>
internal static class Departure
{
    /// <summary>Two notes of being alive and a second more: a silo that reaches the database writes within this time.</summary>
    public static readonly TimeSpan Patience = (2 * MembershipSettings.IAmAlive) + TimeSpan.FromSeconds(1);

    /// <param name="knock">What came of knocking just now.</param>
    /// <param name="sameMachine">Whether the silo's address is one of this machine's own.</param>
    /// <param name="wroteMeanwhile">Whether it noted that it lives since it was first looked at.</param>
    /// <param name="watched">Since when it was looked at.</param>
    public static DepartureVerdict Judge(Knock knock, bool sameMachine, bool wroteMeanwhile, TimeSpan watched) => (knock, sameMachine, wroteMeanwhile) switch
    {
        (Knock.Answered, _, _) => DepartureVerdict.Leave,

        // The kernel that would hold its socket is the one that says there is none.
        (Knock.Refused, true, _) => DepartureVerdict.Gone,

        // It is only this silo that cannot reach it.
        (_, _, true) => DepartureVerdict.Leave,

        // A refusal from afar may be a firewall's, and silence a cut network: neither is enough while it may still write.
        _ => watched >= Patience ? DepartureVerdict.Gone : DepartureVerdict.Watch,
    };
}
