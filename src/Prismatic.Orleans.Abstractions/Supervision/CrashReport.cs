using System.Collections.Immutable;
using Prismatic.Lessons;
using Prismatic.Remediation;

namespace Prismatic.Supervision;

/// <summary>One crash, as the silo that saw it tells the child's supervisor.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.CrashReport")]
public sealed record CrashReport
{
    /// <summary>The crash's id, which is the correlation id of all that follows from it: the trace id of the call when there was one.</summary>
    [Id(0)] public required string CrashId { get; init; }

    /// <summary>Position in the sequence of what its silo reports; with <see cref="Silo"/> it makes a report's effect happen once.</summary>
    [Id(1)] public required long Sequence { get; init; }

    /// <summary>The silo that saw it.</summary>
    [Id(2)] public required string Silo { get; init; }

    /// <summary>The child's path.</summary>
    [Id(3)] public required string Child { get; init; }

    /// <summary>The grain's id, in Orleans' text form.</summary>
    [Id(4)] public required string GrainId { get; init; }

    /// <summary>The activation that crashed. A second report of the same activation joins the first.</summary>
    [Id(5)] public required string ActivationId { get; init; }

    /// <summary>What ran.</summary>
    [Id(6)] public required CrashTriggerKind Trigger { get; init; }

    /// <summary>The method, timer or stage that ran, such as <c>ISourceManagerGrain.Query</c>.</summary>
    [Id(7)] public required string Method { get; init; }

    /// <summary>What is known of the failure.</summary>
    [Id(8)] public required CrashFacts Facts { get; init; }

    /// <summary>What identifies the failure: its signature's stable hash.</summary>
    [Id(9)] public required string Signature { get; init; }

    /// <summary>The group of signatures that are the same failure.</summary>
    [Id(10)] public required string Group { get; init; }

    /// <summary>The failure class.</summary>
    [Id(11)] public required FailureClass Class { get; init; }

    /// <summary>What the silo decided at once.</summary>
    [Id(12)] public required RemediationAction Action { get; init; }

    /// <summary>The rule or lesson behind the decision; <c>default</c> when none matched.</summary>
    [Id(13)] public required string Rule { get; init; }

    /// <summary>Whether the activation was ended; false in observe mode and where the worker resumes.</summary>
    [Id(14)] public bool Restarted { get; init; }

    /// <summary>When it was seen, by the silo's clock; for people.</summary>
    [Id(15)] public DateTimeOffset SeenAt { get; init; }

    /// <summary>The delay that the silo chose before the next activation may run.</summary>
    [Id(16)] public TimeSpan Delay { get; init; }

    /// <summary>The worker assembly's version and module id: which build crashed.</summary>
    [Id(17)] public string Build { get; init; } = "";

    /// <summary>The worker's state as it allowed it to be shown, redacted and capped; empty when it shows none.</summary>
    [Id(18)] public ImmutableDictionary<string, string> State { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The start of the child that crashed, as far as its silo knows it; 0 when it was started by a call.</summary>
    [Id(19)] public long Incarnation { get; init; }

    /// <summary>How many calls waited behind the turn that crashed; null where Orleans does not say. OTP's <c>message_queue_len</c>.</summary>
    [Id(20)] public int? QueueLength { get; init; }

    /// <summary>Which step of the rule's ladder it is: 0 the rule's own action, -1 the ticket after all steps.</summary>
    [Id(30)] public int Step { get; init; }

    /// <summary>What the rule asked for, where <see cref="Action"/> had to take its place; null where both are the same.</summary>
    [Id(31)] public RemediationAction? Asked { get; init; }

    /// <summary>Why the rules' remedy was held back; then <see cref="Rule"/> is <c>default</c>.</summary>
    [Id(32)] public RemedyHold Held { get; init; }

    /// <summary>The rule whose remedy was held back, or the shadow rule that would have come first; null when there is none.</summary>
    [Id(33)] public string? Proposed { get; init; }

    /// <summary>What <see cref="Proposed"/> would have done.</summary>
    [Id(34)] public RemediationAction? ProposedAction { get; init; }
}
