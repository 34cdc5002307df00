using System.Collections.Immutable;
using Prismatic.Breakers;

namespace Prismatic.Domains.Osint;

/// <summary>
/// Asks the sources: quota, breaker (<c>source:{slug}</c>), fetch and provenance. A source that fails fails the call with its own
/// exception; other sources are not held up, since calls interleave.
/// </summary>
[Alias("prismatic.ISourceManagerGrain")]
public interface ISourceManagerGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "source-manager";

    /// <summary>
    /// Asks one source. Beyond its quota, or when it answers 429, the result says so and nothing is thrown.
    /// What the source throws is thrown: HttpRequestException, TimeoutException after 5 s, JsonException when its answer has another shape.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such source, or the query is empty.</exception>
    /// <exception cref="Supervision.BreakerOpenException">Its breaker is open; it was not asked.</exception>
    [Alias("Query")]
    Task<FetchResult> Query(string slug, OsintQuery q, CancellationToken cancellationToken = default);

    /// <summary>Asks every source that accepts the query's kind; a failing source becomes an error row and the other rows are kept.</summary>
    [Alias("QueryAll")]
    Task<FanOutResult> QueryAll(OsintQuery q, FanOutLimits l, CancellationToken cancellationToken = default);

    /// <summary>Breaker, quota and counts of one source; counts are of this incarnation.</summary>
    [Alias("Status")]
    Task<SourceStatus> Status(string slug);

    /// <summary>Sets the quota in place of the adapter's own; durable.</summary>
    /// <param name="slug">The source.</param>
    /// <param name="rpm">Requests per minute, 1 to 6,000.</param>
    /// <param name="burst">Requests at once, 1 to 1,000.</param>
    [Alias("SetQuota")]
    Task SetQuota(string slug, int rpm, int burst);

    /// <summary>Joins what sources claim about one fact: independent agreement raises the confidence, disagreement shows as aleatoric doubt.</summary>
    /// <exception cref="ArgumentException">There is no claim, or a confidence is outside 0 to 1.</exception>
    [Alias("Assess")]
    Task<Confidence> Assess(ImmutableArray<SourceClaim> claims);
}

/// <summary>A question to a source.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.OsintQuery")]
public sealed record OsintQuery
{
    /// <summary>What <see cref="Text"/> is.</summary>
    [Id(0)] public required InputKind Kind { get; init; }

    /// <summary>The name that is asked for; not empty.</summary>
    [Id(1)] public required string Text { get; init; }
}

/// <summary>One row of an answer.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.OsintItem")]
public sealed record OsintItem
{
    /// <summary>Its id at the source, or its position.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>The name it is about.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>Everything else, as text.</summary>
    [Id(2)] public ImmutableDictionary<string, string> Fields { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>Where an answer came from.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.Provenance")]
public sealed record Provenance
{
    /// <summary>The source's slug.</summary>
    [Id(0)] public required string Source { get; init; }

    /// <summary>The address that was asked.</summary>
    [Id(1)] public required string Address { get; init; }

    /// <summary>When it answered.</summary>
    [Id(2)] public required DateTimeOffset RetrievedAt { get; init; }

    /// <summary>The SHA-256 of the raw answer, in hex.</summary>
    [Id(3)] public required string Sha256 { get; init; }

    /// <summary>How long it took.</summary>
    [Id(4)] public required TimeSpan Elapsed { get; init; }

    /// <summary>How far the source is trusted.</summary>
    [Id(5)] public required double Confidence { get; init; }

    /// <summary>The source's category.</summary>
    [Id(6)] public required string Category { get; init; }
}

/// <summary>What became of one question.</summary>
[GenerateSerializer, Alias("prismatic.domains.FetchStatus")]
public enum FetchStatus
{
    /// <summary>The source answered.</summary>
    Fetched,

    /// <summary>Our quota or the source's own said: not now.</summary>
    RateLimited,

    /// <summary>Its breaker was open. Only in rows of a fan-out.</summary>
    CircuitOpen,

    /// <summary>It failed. Only in rows of a fan-out.</summary>
    Failed,
}

/// <summary>The answer of one source.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.FetchResult")]
public sealed record FetchResult
{
    /// <summary><see cref="FetchStatus.Fetched"/> or <see cref="FetchStatus.RateLimited"/>.</summary>
    [Id(0)] public required FetchStatus Status { get; init; }

    /// <summary>The rows; empty when the source knows nothing.</summary>
    [Id(1)] public ImmutableArray<OsintItem> Items { get; init; } = [];

    /// <summary>Where they came from; null when rate-limited.</summary>
    [Id(2)] public Provenance? Provenance { get; init; }

    /// <summary>When asking again is worthwhile; null when fetched.</summary>
    [Id(3)] public TimeSpan? RetryAfter { get; init; }
}

/// <summary>One source's part of a fan-out.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.SourceRow")]
public sealed record SourceRow
{
    /// <summary>The source.</summary>
    [Id(0)] public required string Source { get; init; }

    /// <summary>What became of it.</summary>
    [Id(1)] public required FetchStatus Status { get; init; }

    /// <summary>Its answer; null when it failed or was not asked.</summary>
    [Id(2)] public FetchResult? Result { get; init; }

    /// <summary>The failure's type name; empty when there was none.</summary>
    [Id(3)] public string ErrorType { get; init; } = "";

    /// <summary>The failure's message.</summary>
    [Id(4)] public string Error { get; init; } = "";

    /// <summary>The id under which supervision knows the crash; null when it is none.</summary>
    [Id(5)] public string? Correlation { get; init; }
}

/// <summary>Limits of a fan-out.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.FanOutLimits")]
public sealed record FanOutLimits
{
    /// <summary>Sources asked at once. 1 to 64; default 10.</summary>
    [Id(0)] public int MaxConcurrency { get; init; } = 10;

    /// <summary>Time for each source. More than zero, at most 1 min; default 5 s.</summary>
    [Id(1)] public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>The rows of a fan-out, by source.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.FanOutResult")]
public sealed record FanOutResult
{
    /// <summary>One row for each source.</summary>
    [Id(0)] public required ImmutableArray<SourceRow> Rows { get; init; }

    /// <summary>How many sources answered.</summary>
    public int Answered => Rows.Count(row => row.Status is FetchStatus.Fetched);
}

/// <summary>A source as it is now.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.SourceStatus")]
public sealed record SourceStatus
{
    /// <summary>The source.</summary>
    [Id(0)] public required string Source { get; init; }

    /// <summary>Its breaker, as this silo knows it.</summary>
    [Id(1)] public required BreakerView Breaker { get; init; }

    /// <summary>Requests that may be sent at once.</summary>
    [Id(2)] public required double TokensLeft { get; init; }

    /// <summary>Requests per minute.</summary>
    [Id(3)] public required int RequestsPerMinute { get; init; }

    /// <summary>Calls made.</summary>
    [Id(4)] public required long Calls { get; init; }

    /// <summary>Calls that failed.</summary>
    [Id(5)] public required long Failures { get; init; }

    /// <summary>Share of calls that succeeded; 1 when there was none.</summary>
    public double SuccessRate => Calls == 0 ? 1 : 1 - (double)Failures / Calls;
}

/// <summary>What one source says about a fact.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.SourceClaim")]
public sealed record SourceClaim
{
    /// <summary>The source.</summary>
    [Id(0)] public required string Source { get; init; }

    /// <summary>The value it gives.</summary>
    [Id(1)] public required string Value { get; init; }

    /// <summary>How far it is trusted, 0 to 1.</summary>
    [Id(2)] public required double Confidence { get; init; }

    /// <summary>When it said so.</summary>
    [Id(3)] public DateTimeOffset RetrievedAt { get; init; }
}

/// <summary>How sure a fact is.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.Confidence")]
public sealed record Confidence
{
    /// <summary>The best supported value.</summary>
    [Id(0)] public required string Value { get; init; }

    /// <summary>1 less the chance that all its sources are wrong, times its share of all support. 0 to 1.</summary>
    [Id(1)] public required double Score { get; init; }

    /// <summary>Doubt that more sources would lessen, 0 to 1.</summary>
    [Id(2)] public required double Epistemic { get; init; }

    /// <summary>Doubt that comes from contradiction, 0 to 1.</summary>
    [Id(3)] public required double Aleatoric { get; init; }

    /// <summary>The sources for the value, each once, sorted.</summary>
    [Id(4)] public required ImmutableArray<string> Sources { get; init; }

    /// <summary>Claims looked at.</summary>
    [Id(5)] public required int EvidenceCount { get; init; }

    /// <summary>The newest claim for the value.</summary>
    [Id(6)] public required DateTimeOffset LastVerified { get; init; }
}
