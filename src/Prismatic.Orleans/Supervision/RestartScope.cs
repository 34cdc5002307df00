namespace Prismatic.Supervision;

/// <summary>Which children a crash restarts, by strategy. Stop them from the end, start them from the beginning.</summary>
internal static class RestartScope
{
    /// <summary>The range of children, in start order, that is restarted when the one at <paramref name="failed"/> crashes.</summary>
    public static Range Of(RestartStrategy strategy, int failed) => strategy switch
    {
        RestartStrategy.OneForOne => failed..(failed + 1),
        RestartStrategy.RestForOne => failed..,
        RestartStrategy.OneForAll => ..,
        _ => throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "No such strategy."),
    };
}
