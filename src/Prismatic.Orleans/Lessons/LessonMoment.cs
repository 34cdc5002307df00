using System.Collections.Immutable;
using Prismatic.Remediation;

namespace Prismatic.Lessons;

/// <summary>What the entrance knows and a lesson needs, when it is told something.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonMoment")]
internal sealed record LessonMoment
{
    /// <summary>The index's last page: a lesson that begins now is listed there or after it.</summary>
    [Id(0)] public required long LastPage { get; init; }

    /// <summary>What actions did, over all groups.</summary>
    [Id(1)] public required ClassExperience Experience { get; init; }

    /// <summary>Whether the cluster's budget has room for another trial.</summary>
    [Id(2)] public required bool MayTry { get; init; }

    /// <summary>Which lesson a member that was split off came from, and with what; null for others.</summary>
    [Id(3)] public SplitMember? SplitFrom { get; init; }

    /// <summary>The id of the lesson that it was split from.</summary>
    [Id(4)] public string? Parent { get; init; }
}

/// <summary>What follows from what a lesson was told.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonAnswer")]
internal sealed record LessonAnswer
{
    /// <summary>The index page to start listing it at, or null once it is listed.</summary>
    [Id(0)] public long? Unlisted { get; init; }

    /// <summary>The class of its crashes.</summary>
    [Id(1)] public FailureClass Class { get; init; }

    /// <summary>Rules that the registry is to have in place of <see cref="Remove"/>.</summary>
    [Id(2)] public ImmutableArray<RemediationRule> Register { get; init; } = [];

    /// <summary>Rules that the registry is to have no more.</summary>
    [Id(3)] public ImmutableArray<string> Remove { get; init; } = [];

    /// <summary>All rules that the registry has when that is done.</summary>
    [Id(6)] public ImmutableArray<RemediationRule> Wanted { get; init; } = [];

    /// <summary>Whether an alternative began to be tried.</summary>
    [Id(4)] public bool TrialBegan { get; init; }

    /// <summary>Signatures that it was told of and that are lessons of their own.</summary>
    [Id(5)] public ImmutableDictionary<string, SplitMember> Elsewhere { get; init; } = ImmutableDictionary<string, SplitMember>.Empty;

    /// <summary>Whether the registry has other rules of this lesson than it should.</summary>
    public bool RulesChanged => Register.Length > 0 || Remove.Length > 0;
}
