using System.Collections.Immutable;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>How often a remediation was followed by which outcome.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.OutcomeCounts")]
public sealed record OutcomeCounts
{
    /// <summary>The same trigger served again and the group stayed away for the verification window.</summary>
    [Id(0)] public long Healed { get; init; }

    /// <summary>The group returned within the verification window.</summary>
    [Id(1)] public long Failed { get; init; }

    /// <summary>Neither was seen.</summary>
    [Id(2)] public long Inconclusive { get; init; }
}

/// <summary>What is known of one group of crashes.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.Lesson")]
public sealed record Lesson
{
    /// <summary>The group's id; stable across restarts and silos.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>The failure mode in one line: exception type and message template.</summary>
    [Id(1)] public required string FailureMode { get; init; }

    /// <summary>The failure class.</summary>
    [Id(2)] public required FailureClass Class { get; init; }

    /// <summary>The worker type that crashed.</summary>
    [Id(3)] public required string WorkerType { get; init; }

    /// <summary>The child that crashed last.</summary>
    [Id(4)] public required string Child { get; init; }

    /// <summary>Why it happens: a person's words once a ticket was resolved, else empty.</summary>
    [Id(5)] public string RootCause { get; init; } = "";

    /// <summary>The remediation that works, once one was seen to, or a person named it; else null.</summary>
    [Id(6)] public RemediationAction? Remediation { get; init; }

    /// <summary>Where <see cref="Remediation"/> comes from.</summary>
    [Id(7)] public RuleOrigin Origin { get; init; } = RuleOrigin.BuiltIn;

    /// <summary>Crashes of this group, ever.</summary>
    [Id(8)] public long Crashes { get; init; }

    /// <summary>Outcomes by the name of the remediation that was applied.</summary>
    [Id(9)] public ImmutableDictionary<string, OutcomeCounts> Outcomes { get; init; } = ImmutableDictionary<string, OutcomeCounts>.Empty;

    /// <summary>When it was first seen.</summary>
    [Id(10)] public DateTimeOffset FirstSeen { get; init; }

    /// <summary>When it was last seen.</summary>
    [Id(11)] public DateTimeOffset LastSeen { get; init; }

    /// <summary>The build it was last seen on.</summary>
    [Id(12)] public string Build { get; init; } = "";

    /// <summary>The exception types of the last crash, outermost first.</summary>
    [Id(13)] public ImmutableArray<string> Types { get; init; } = [];

    /// <summary>The last crash's message template.</summary>
    [Id(14)] public string MessageTemplate { get; init; } = "";

    /// <summary>The last crash's significant frames, innermost first.</summary>
    [Id(15)] public ImmutableArray<string> Frames { get; init; } = [];

    /// <summary>The last crash's redacted state snapshot.</summary>
    [Id(16)] public ImmutableDictionary<string, string> State { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The last crash's correlation id.</summary>
    [Id(17)] public string CorrelationId { get; init; } = "";

    /// <summary>Grows with each change; an edit names the version it saw.</summary>
    [Id(18)] public long Version { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(19)] public LessonStatus Status { get; init; }

    /// <summary>Until when it is muted; null when it is not.</summary>
    [Id(20)] public LessonMute? Mute { get; init; }

    /// <summary>The build that a person resolved it on, when the cure was to come with the next one; else empty.</summary>
    [Id(21)] public string ResolvedBuild { get; init; } = "";

    /// <summary>The build on which it came back after it was resolved; else empty.</summary>
    [Id(22)] public string RegressedBuild { get; init; } = "";

    /// <summary>The builds it was seen on, the latest last, 10 at most. Each is the worker assembly's version, a plus, and its module id.</summary>
    [Id(23)] public ImmutableArray<string> Builds { get; init; } = [];

    /// <summary>The signatures of its crashes, the latest last, 32 at most.</summary>
    [Id(24)] public ImmutableArray<string> Signatures { get; init; } = [];

    /// <summary>Crashes that opened or joined a ticket.</summary>
    [Id(25)] public long Ticketed { get; init; }

    /// <summary>What is done about the next crash, and why, in a sentence.</summary>
    [Id(26)] public string Next { get; init; } = "";

    /// <summary>Who gave the answer that <see cref="Remediation"/> or <see cref="RootCause"/> holds; empty when nobody did.</summary>
    [Id(27)] public string AnsweredBy { get; init; } = "";

    /// <summary>The lesson that it was a part of until their members answered differently to the same remedy; else empty.</summary>
    [Id(28)] public string SplitFrom { get; init; } = "";

    /// <summary>The last crash's message, redacted, 500 characters at most.</summary>
    [Id(29)] public string Message { get; init; } = "";

    /// <summary>What ran when it crashed last.</summary>
    [Id(30)] public CrashTriggerKind Trigger { get; init; }

    /// <summary>Whether the last crash was raised by the state facet over a damaged record.</summary>
    [Id(31)] public bool StateDamaged { get; init; }

    /// <summary>What that person added to the answer; empty when nothing, or when the answer came from another cluster.</summary>
    [Id(32)] public string AnswerNote { get; init; } = "";
}

/// <summary>The article's figures, counted since the first start. Rates are fractions; a rate over nothing is null.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.LessonStatistics")]
public sealed record LessonStatistics
{
    /// <summary>Groups of crashes that are known.</summary>
    [Id(0)] public long TotalLessons { get; init; }

    /// <summary>Crashes that were captured.</summary>
    [Id(1)] public long TotalCrashes { get; init; }

    /// <summary>Crashes healed with no person involved, by a rule, a lesson or the default restart, of all crashes whose outcome is known (Healed or Failed).</summary>
    [Id(2)] public double? AutoRemediatedRate { get; init; }

    /// <summary>The same, of crashes that a rule or lesson had a remedy for: one that asks a person, or contains what a person knows of, is none.</summary>
    [Id(3)] public double? AutoRemediatedKnownRate { get; init; }

    /// <summary>
    /// From the crash being seen to the first success of the same trigger that held, on average, asked-for waits included. When the failure
    /// returns within the verification window its incident goes on: it ends with the success that holds.
    /// </summary>
    [Id(4)] public double? MeanTimeToRecoverySeconds { get; init; }

    /// <summary>Crashes that opened or joined a ticket, of all crashes.</summary>
    [Id(5)] public double? EscalationRate { get; init; }

    /// <summary>Crashes where a rule or lesson acted and the group returned, of crashes where one acted and the outcome is known.</summary>
    [Id(6)] public double? FalsePositiveRate { get; init; }

    /// <summary>Crashes of a group that a person knows of already and that were kept from joining its ticket, of all crashes.</summary>
    [Id(7)] public double? ContainedRate { get; init; }
}
