namespace Prismatic.Tests.Conformance;

/// <summary>Puts a world through a history and compares what came of each step.</summary>
internal static class Replay
{
    /// <summary>The first step that went another way, told for people; null when there is none.</summary>
    /// <param name="history">What was done, and what came of it.</param>
    /// <param name="world">The world that does it again.</param>
    /// <param name="documented">The differences that are meant; null: none.</param>
    public static string? Difference(History history, IHistoryWorld world, Documented? documented = null)
    {
        for (var i = 0; i < history.Steps.Count; i++)
        {
            var expected = history.Steps[i];
            var found = i == 0 ? world.Boot(history.Root) : world.Perform(expected);
            if (documented is not null)
            {
                found = documented.WithoutThem(expected, found);
            }

            if (!expected.Outcome().SequenceEqual(found.Outcome()))
            {
                return documented is not null && documented.EndsComparison(expected) ? null : $"""
                    history {history.Number}, step {i} of {history.Steps.Count - 1}: {ErlangHistories.Text(history.Steps[i] with { Reply = [], Journal = [], Tree = [] })}
                    root      {ErlangHistories.Text(history.Root)}
                    before    {(i == 0 ? "" : string.Join("  ", history.Steps[i - 1].Tree))}
                    expected  {Tell(expected)}
                    found     {Tell(found)}
                    """;
            }
        }

        return null;
    }

    /// <summary>How many, and the shortest of them.</summary>
    public static string Tell(IReadOnlyList<string> differences) =>
        $"{differences.Count} histories went another way.\n\n{string.Join("\n\n", differences.OrderBy(one => one.Length).Take(6))}";

    private static string Tell(HistoryStep step) => $"{string.Join(" ", step.Reply)}  {string.Join("  ", step.Journal)}  ->  {string.Join("  ", step.Tree)}";
}
