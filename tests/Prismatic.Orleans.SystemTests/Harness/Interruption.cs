using Xunit;

namespace Prismatic.SystemTests.Harness;

/// <summary>
/// Ends waits when the test is cancelled, or the command that runs instead of tests is. What cleans up waits past it.
/// </summary>
internal static class Interruption
{
    private static CancellationToken _command;

    public static CancellationToken Token => _command.CanBeCanceled ? _command : TestContext.Current.CancellationToken;

    /// <summary>From now on <paramref name="command"/> interrupts: Ctrl+C and SIGTERM.</summary>
    public static void Is(CancellationToken command) => _command = command;
}
