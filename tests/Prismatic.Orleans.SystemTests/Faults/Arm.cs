namespace Prismatic.SystemTests.Faults;

/// <summary>The sides that are compared.</summary>
internal enum Arm
{
    /// <summary>The platform as it is shipped.</summary>
    Platform,

    /// <summary>The platform with Orleans' own membership settings, and nobody declares departed silos dead.</summary>
    DefaultMembership,

    /// <summary>
    /// Orleans as it comes: the same workers on the same database with supervision that only looks (the workers' state needs it to be there), with Orleans'
    /// own membership settings, and a client without supervision.
    /// </summary>
    Bare,
}
