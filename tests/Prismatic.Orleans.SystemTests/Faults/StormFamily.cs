using Orleans.Runtime;
using Prismatic.Supervision;

namespace Prismatic.SystemTests.Faults;

/// <summary>A child that does nothing but serve and crash, for the storm: no worker of the platform crashes by the thousand when it is asked to.</summary>
[Alias("prismatic.tests.IStormChild")]
public interface IStormChild : IGrainWithStringKey
{
    [Alias("Serve")]
    Task Serve();

    [Alias("Crash")]
    Task Crash();
}

internal sealed class StormChild : Grain, IStormChild
{
    public Task Serve() => Task.CompletedTask;

    public Task Crash() => throw new InvalidOperationException("The storm has struck.");
}

/// <summary>The family of these children, beside the platform's own tree.</summary>
internal static class StormFamily
{
    public const string Supervisor = "prismatic/storm";
    public const string Path = $"{Supervisor}/children";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>Intensities that a storm does not exceed: what is asked is whether all of it is counted and healed, not whether the family is shut.</summary>
    public static void Declare(SupervisionTreeBuilder tree) => tree
        .Supervisor("storm", RestartStrategy.OneForOne, storm => storm
            .Intensity(100_000, Period)
            .Workers<IStormChild>("children", children => children.Intensity(100_000, Period)));
}
