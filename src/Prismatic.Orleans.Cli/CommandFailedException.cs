namespace Prismatic.Cli;

/// <summary>Ends a command: the sentence goes to standard error, the code to the caller.</summary>
internal sealed class CommandFailedException(int exitCode, string sentence) : Exception(sentence)
{
    /// <summary>One of <see cref="Cli.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;
}
