using System.Collections.Immutable;

namespace Prismatic.Remediation;

/// <summary>What did not help one child, and when the last of it failed, by its supervisor's clock.</summary>
internal sealed record LadderMemory(ImmutableArray<FailedStep> Steps, TimeSpan At);

/// <summary>
/// How a supervisor keeps what did not help. An incident's memory ends when a remedy is seen to heal; one that nothing more is heard of is
/// forgotten after an hour. Changes the given dictionary; each method says whether the child's silos must be told.
/// </summary>
internal static class LadderMemories
{
    public const int Most = 10_000;

    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    /// <summary>A breaker needs a moment to be open on every silo; what comes back within it says nothing about the break.</summary>
    public static readonly TimeSpan BreakReaches = TimeSpan.FromSeconds(1);

    /// <summary>A remedy failed: its group came back.</summary>
    public static bool Failed(IDictionary<string, LadderMemory> ladders, string child, AppliedStep step, TimeSpan appliedAt, TimeSpan now)
    {
        if (!step.FailsAfter(now - appliedAt))
        {
            return false;
        }

        var known = ladders.TryGetValue(child, out var memory) ? memory.Steps : [];
        var steps = Ladder.Failed(known, step.Group, step.Rule, step.Step, step.Asked, step.Applied);
        if (steps.IsEmpty || (memory is null && ladders.Count >= Most))
        {
            return false;
        }

        ladders[child] = new LadderMemory(steps, now);
        return steps != known;
    }

    /// <summary>A group stayed away after a remedy.</summary>
    public static bool Healed(IDictionary<string, LadderMemory> ladders, string child, string group, TimeSpan now)
    {
        if (!ladders.TryGetValue(child, out var memory))
        {
            return false;
        }

        var left = Ladder.Healed(memory.Steps, group);
        if (left.Length == memory.Steps.Length)
        {
            return false;
        }

        if (left.IsEmpty)
        {
            ladders.Remove(child);
        }
        else
        {
            ladders[child] = new LadderMemory(left, now);
        }

        return true;
    }

    /// <summary>The children whose memory is old, which forgets it.</summary>
    public static IReadOnlyList<string> Forget(IDictionary<string, LadderMemory> ladders, TimeSpan now)
    {
        var old = ladders.Where(entry => now >= entry.Value.At + KeptFor).Select(entry => entry.Key).ToList();
        old.ForEach(child => ladders.Remove(child));
        return old;
    }
}

/// <summary>A step of a ladder as it was carried out.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.AppliedStep")]
internal sealed record AppliedStep(
    [property: Id(0)] string Group,
    [property: Id(1)] string Rule,
    [property: Id(2)] int Step,
    [property: Id(3)] RemediationAction Asked,
    [property: Id(4)] RemediationAction Applied)
{
    /// <summary>Whether its group's return after <paramref name="elapsed"/> says that it did not help.</summary>
    public bool FailsAfter(TimeSpan elapsed) => Rule != RemedyChoice.NoRule && !(Applied is CircuitBreak && elapsed < LadderMemories.BreakReaches);
}
