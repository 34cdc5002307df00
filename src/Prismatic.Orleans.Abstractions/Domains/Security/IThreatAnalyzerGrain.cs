using System.Collections.Immutable;

namespace Prismatic.Domains.Security;

/// <summary>Holds indicators of several feeds and says how likely an observable is bad. Each feed has a durable record of its own.</summary>
[Alias("prismatic.IThreatAnalyzerGrain")]
public interface IThreatAnalyzerGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "threat-analyzer";

    /// <summary>Replaces the feed's indicators by those in <paramref name="content"/>. Bad rows are counted, not fatal.</summary>
    /// <exception cref="ArgumentException">The content as a whole is not of that format, or has more than 100,000 indicators.</exception>
    [Alias("Ingest")]
    Task<IngestReport> Ingest(string feedId, FeedFormat f, string content);

    /// <summary>The verdict: 1 less the product over feeds of (1 - confidence x reliability x age decay).</summary>
    [Alias("Lookup")]
    Task<ThreatVerdict> Lookup(Observable o);

    /// <summary>Tells whether a hit was right, which moves the reliability of the feeds that had it by a tenth towards 1 or 0.</summary>
    [Alias("Feedback")]
    Task Feedback(Observable o, bool truePositive);
}

/// <summary>A feed's format.</summary>
[GenerateSerializer, Alias("prismatic.domains.FeedFormat")]
public enum FeedFormat
{
    /// <summary>A STIX 2.1 bundle; indicators whose pattern is one comparison of a value.</summary>
    Stix,

    /// <summary>Lines of <c>kind,value,confidence</c>; a header line is allowed.</summary>
    Csv,

    /// <summary>One value a line; what follows '#' is ignored. The kind is seen from the value's form.</summary>
    Text,
}

/// <summary>What an observable is.</summary>
[GenerateSerializer, Alias("prismatic.domains.ObservableKind")]
public enum ObservableKind
{
    /// <summary>An IP address.</summary>
    Ip,

    /// <summary>A domain name.</summary>
    Domain,

    /// <summary>A URL.</summary>
    Url,

    /// <summary>A file's MD5, SHA-1 or SHA-256.</summary>
    FileHash,
}

/// <summary>Something seen.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.Observable")]
public sealed record Observable
{
    /// <summary>What it is.</summary>
    [Id(0)] public required ObservableKind Kind { get; init; }

    /// <summary>Its value; letter case matters only in URLs.</summary>
    [Id(1)] public required string Value { get; init; }
}

/// <summary>What an ingestion did.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.IngestReport")]
public sealed record IngestReport
{
    /// <summary>The feed.</summary>
    [Id(0)] public required string Feed { get; init; }

    /// <summary>Indicators taken.</summary>
    [Id(1)] public required int Accepted { get; init; }

    /// <summary>Rows that could not be read.</summary>
    [Id(2)] public required int Rejected { get; init; }
}

/// <summary>A feed's part of a verdict.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.ThreatEvidence")]
public sealed record ThreatEvidence
{
    /// <summary>The feed.</summary>
    [Id(0)] public required string Feed { get; init; }

    /// <summary>The indicator's confidence in the feed.</summary>
    [Id(1)] public required double Confidence { get; init; }

    /// <summary>The feed's reliability.</summary>
    [Id(2)] public required double Reliability { get; init; }

    /// <summary>The factor for the indicator's age: it halves every 30 days.</summary>
    [Id(3)] public required double Decay { get; init; }
}

/// <summary>How likely an observable is bad.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.ThreatVerdict")]
public sealed record ThreatVerdict
{
    /// <summary>What was looked up.</summary>
    [Id(0)] public required Observable Observable { get; init; }

    /// <summary>0 (no feed knows it) to 1.</summary>
    [Id(1)] public required double Score { get; init; }

    /// <summary>The feeds that know it.</summary>
    [Id(2)] public required ImmutableArray<ThreatEvidence> Evidence { get; init; }
}
