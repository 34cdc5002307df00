using System.Collections.Immutable;

namespace Prismatic.Remediation;

/// <summary>Where a rule comes from.</summary>
[GenerateSerializer, Alias("prismatic.RuleOrigin")]
public enum RuleOrigin
{
    /// <summary>Shipped with the library.</summary>
    BuiltIn,

    /// <summary>Registered by the service's code or through the API.</summary>
    Registered,

    /// <summary>A lesson that helped often enough.</summary>
    Learned,

    /// <summary>A ticket that a person resolved.</summary>
    Person,

    /// <summary>Declared with the tree, in the service's code.</summary>
    Code,

    /// <summary>Read from the rule file.</summary>
    File,
}

/// <summary>A crash pattern and what is done about it.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.RemediationRule")]
public sealed record RemediationRule
{
    /// <summary>A unique name, such as <c>socket-refused</c>. 1 to 100 characters.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>Which crashes.</summary>
    [Id(1)] public required CrashPattern Pattern { get; init; }

    /// <summary>What is done.</summary>
    [Id(2)] public required RemediationAction Action { get; init; }

    /// <summary>Among equally specific patterns the higher one wins. Default 0.</summary>
    [Id(3)] public int Priority { get; init; }

    /// <summary>Where it comes from.</summary>
    [Id(4)] public RuleOrigin Origin { get; init; } = RuleOrigin.Registered;

    /// <summary>The lesson it was made from, when <see cref="Origin"/> is learned or person.</summary>
    [Id(5)] public string? Lesson { get; init; }

    /// <summary>
    /// What is done instead, one after the other, when <see cref="Action"/> did not help: the failure came back while it was being verified.
    /// After the last one comes a ticket. Empty, the default: the next rule that matches with another action, then a ticket. At most 4.
    /// </summary>
    [Id(6)] public ImmutableArray<RemediationAction> Ladder { get; init; } = [];

    /// <summary>Whether the rule only says what it would do, while the crash goes on to the rules behind it. Default false.</summary>
    [Id(7)] public bool Shadow { get; init; }

    /// <summary>The rule in one sentence: "When …, then …."</summary>
    public string Describe()
    {
        var ladder = Ladder.IsDefaultOrEmpty ? "" : $"; when that does not help, {string.Join(", then ", Ladder.Select(action => action.Describe()))}, then a ticket";
        return $"When {Pattern.Describe()}, then {(Shadow ? "only say that it would " : "")}{Action.Describe()}{ladder}.";
    }

    /// <summary>Whether both say the same, the ladders step by step.</summary>
    public bool Equals(RemediationRule? other) =>
        other is not null && Id == other.Id && Pattern == other.Pattern && Action == other.Action && Priority == other.Priority
        && Origin == other.Origin && Lesson == other.Lesson && Shadow == other.Shadow && Steps(Ladder).SequenceEqual(Steps(other.Ladder));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Pattern, Action, Priority, Origin, Lesson, Shadow);

    private static ImmutableArray<RemediationAction> Steps(ImmutableArray<RemediationAction> ladder) => ladder.IsDefault ? [] : ladder;
}
