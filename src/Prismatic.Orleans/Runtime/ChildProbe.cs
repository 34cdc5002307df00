using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>An extension of every grain by which a supervisor starts a child: reaching it activates the grain. It touches no code of the worker.</summary>
[Control, Alias("prismatic.IChildProbe")]
internal interface IChildProbe : IGrainExtension
{
    /// <summary>Returns when the grain is active.</summary>
    [Alias("Ping")]
    Task Ping();
}

/// <inheritdoc cref="IChildProbe"/>
internal sealed class ChildProbe : IChildProbe
{
    public Task Ping() => Task.CompletedTask;
}
