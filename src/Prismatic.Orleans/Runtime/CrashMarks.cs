namespace Prismatic.Runtime;

/// <summary>Keys under which supervision marks an exception in <see cref="Exception.Data"/>. The first mark of a kind stays.</summary>
internal static class CrashMarks
{
    /// <summary>The external target that was being called when the exception was thrown.</summary>
    public const string Target = "prismatic.target";

    /// <summary>The id of the crash that the exception caused.</summary>
    public const string Crash = "prismatic.crash";

    /// <summary>A refusal has travelled through the turn of this child: what its caller called has started.</summary>
    public const string Started = "prismatic.started";

    /// <summary>The grain in whose turn the exception was first thrown.</summary>
    public const string Origin = "prismatic.origin";
}
