namespace Prismatic.Cli;

/// <summary>What the process ends with; the same for every command.</summary>
internal static class ExitCode
{
    /// <summary>Done, and what was asked about is well.</summary>
    public const int Fine = 0;

    /// <summary>The answer is bad: not healthy, not found, an expectation failed.</summary>
    public const int NotFine = 1;

    /// <summary>The question is bad: an unknown option, a file that cannot be used.</summary>
    public const int WrongUse = 2;

    /// <summary>Nobody answered.</summary>
    public const int CannotReach = 3;
}
