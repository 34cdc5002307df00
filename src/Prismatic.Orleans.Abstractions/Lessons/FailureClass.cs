namespace Prismatic.Lessons;

/// <summary>What has to change for the next attempt to succeed.</summary>
[GenerateSerializer, Alias("prismatic.FailureClass")]
public enum FailureClass
{
    /// <summary>Stored or held state is wrong, stale, torn or concurrently changed; rereading, rebuilding or resetting it cures.</summary>
    StateCorruption,

    /// <summary>Something outside the process refused, failed, timed out or answered wrongly.</summary>
    ExternalDependency,

    /// <summary>A finite resource ran out: memory, disk, handles, threads, sockets, a pool, a quota.</summary>
    ResourceExhaustion,

    /// <summary>The code or its configuration is wrong; the same input fails again.</summary>
    LogicError,
}
