using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Prismatic.Lessons;

namespace Prismatic.Drills;

/// <summary>What a drill leaves behind. Times are seconds from its start.</summary>
internal sealed record DrillReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    public required string Name { get; init; }

    public required long Seed { get; init; }

    public required bool Passed { get; init; }

    public required double DurationSeconds { get; init; }

    public required ImmutableArray<ExpectationResult> Expectations { get; init; }

    /// <summary>Which of the drill's own calls each fault was to strike: a function of the file.</summary>
    public required ImmutableArray<PlannedFault> Plan { get; init; }

    public required ImmutableArray<DrilledCrash> Crashes { get; init; }

    public required ImmutableArray<DrilledChild> Calls { get; init; }

    /// <summary>Calls that failed and were struck by no fault, by child and exception.</summary>
    public required ImmutableArray<BystanderFailure> BystanderFailures { get; init; }

    /// <summary>Restarts by child, those in rounds among them.</summary>
    public required ImmutableSortedDictionary<string, long> Restarts { get; init; }

    /// <summary>Tickets that were opened, as sentences.</summary>
    public required ImmutableArray<string> Escalations { get; init; }

    /// <summary>The lessons' figures at the end, which count from the cluster's first start.</summary>
    public required LessonStatistics Statistics { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <summary>One expectation with what was seen.</summary>
internal sealed record ExpectationResult(string Name, string Expected, string Seen, bool Met);

/// <summary>What a fault was to do.</summary>
/// <param name="Fault">Its place in the file.</param>
/// <param name="Where">Where it strikes.</param>
/// <param name="Child">The child.</param>
/// <param name="Strikes">How many of the drill's own calls it covers and draws; null where no call of the drill is struck.</param>
/// <param name="Digest">A hash of their ordinals; equal files have equal digests.</param>
internal sealed record PlannedFault(int Fault, FaultPlace Where, string? Child, int? Strikes, string? Digest);

/// <summary>One crash that supervision decided about.</summary>
internal sealed record DrilledCrash
{
    public required string Child { get; init; }

    public required double At { get; init; }

    public required string CorrelationId { get; init; }

    public string? Signature { get; init; }

    public FailureClass? Class { get; init; }

    public string? Remediation { get; init; }

    public string? Rule { get; init; }

    /// <summary>What became of it; null while it is still being verified.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>From the crash to the first served call of its child; null when there was none.</summary>
    public double? SecondsToRecovery { get; init; }
}

/// <summary>The calls to one child.</summary>
/// <param name="Child">The child.</param>
/// <param name="Sent">Calls made.</param>
/// <param name="Served">Answered.</param>
/// <param name="Struck">Ended with a fault's exception.</param>
/// <param name="Refused">Refused with a retry hint.</param>
/// <param name="Failed">Failed in any other way.</param>
internal sealed record DrilledChild(string Child, int Sent, int Served, int Struck, int Refused, int Failed);

/// <summary>Calls that were struck by no fault and failed all the same.</summary>
internal sealed record BystanderFailure(string Child, string Exception, int Calls);
