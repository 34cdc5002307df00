using System.Collections.Immutable;

namespace Prismatic.Domains.Security;

/// <summary>Judges an organisation's evidence against the ten measures of NIS2 Article 21(2). Each organisation has a durable record of its own.</summary>
[Alias("prismatic.IComplianceCheckerGrain")]
public interface IComplianceCheckerGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "compliance-checker";

    /// <summary>Adds evidence, or replaces the one with its id.</summary>
    /// <exception cref="ArgumentException">No measure has that control, the dates are in the wrong order, or the hash is not SHA-256 in hex.</exception>
    [Alias("AddEvidence")]
    Task AddEvidence(string orgId, Evidence e);

    /// <summary>The share of controls with valid evidence, for each measure and in all. Evidence that has expired counts for nothing.</summary>
    [Alias("Assess")]
    Task<ComplianceReport> Assess(string orgId, Framework f);

    /// <summary>The controls without valid evidence.</summary>
    [Alias("Gaps")]
    Task<ImmutableArray<Gap>> Gaps(string orgId);

    /// <summary>The deadlines of NIS2 Article 23 for an incident: early warning 24 h, notification 72 h, final report one month after the notification is due.</summary>
    [Alias("OpenIncident")]
    Task<IncidentClock> OpenIncident(IncidentInfo i);
}

/// <summary>A rule book.</summary>
[GenerateSerializer, Alias("prismatic.domains.Framework")]
public enum Framework
{
    /// <summary>Directive (EU) 2022/2555, Article 21(2).</summary>
    Nis2,
}

/// <summary>Proof that a control is in place.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.Evidence")]
public sealed record Evidence
{
    /// <summary>Its id within the organisation.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>The ISO/IEC 27001:2022 Annex A control, such as <c>A.5.24</c>.</summary>
    [Id(1)] public required string Control { get; init; }

    /// <summary>When it was taken.</summary>
    [Id(2)] public required DateTimeOffset Date { get; init; }

    /// <summary>When it stops to count.</summary>
    [Id(3)] public required DateTimeOffset Expires { get; init; }

    /// <summary>SHA-256 of the source, 64 hex digits.</summary>
    [Id(4)] public required string SourceHash { get; init; }
}

/// <summary>One measure's result.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.MeasureResult")]
public sealed record MeasureResult
{
    /// <summary>Its letter, a to j.</summary>
    [Id(0)] public required string Letter { get; init; }

    /// <summary>What it asks for.</summary>
    [Id(1)] public required string Title { get; init; }

    /// <summary>Share of its controls with valid evidence, 0 to 1.</summary>
    [Id(2)] public required double Score { get; init; }

    /// <summary><c>compliant</c> from 0.8, <c>partial</c> from 0.5, else <c>non-compliant</c>.</summary>
    [Id(3)] public required string Status { get; init; }
}

/// <summary>An organisation's result.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.ComplianceReport")]
public sealed record ComplianceReport
{
    /// <summary>The organisation.</summary>
    [Id(0)] public required string Organisation { get; init; }

    /// <summary>The mean of the measures.</summary>
    [Id(1)] public required double Score { get; init; }

    /// <summary>As for a measure.</summary>
    [Id(2)] public required string Status { get; init; }

    /// <summary>The measures, by letter.</summary>
    [Id(3)] public required ImmutableArray<MeasureResult> Measures { get; init; }
}

/// <summary>A control without valid evidence.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.Gap")]
public sealed record Gap
{
    /// <summary>The measure's letter.</summary>
    [Id(0)] public required string Measure { get; init; }

    /// <summary>The control.</summary>
    [Id(1)] public required string Control { get; init; }

    /// <summary><c>missing</c> or <c>expired</c>.</summary>
    [Id(2)] public required string Reason { get; init; }
}

/// <summary>An incident that must be reported.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.IncidentInfo")]
public sealed record IncidentInfo
{
    /// <summary>The organisation.</summary>
    [Id(0)] public required string Organisation { get; init; }

    /// <summary>When it became aware.</summary>
    [Id(1)] public required DateTimeOffset AwareAt { get; init; }
}

/// <summary>The deadlines of an incident.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.IncidentClock")]
public sealed record IncidentClock
{
    /// <summary>Early warning.</summary>
    [Id(0)] public required DateTimeOffset EarlyWarningBy { get; init; }

    /// <summary>Notification.</summary>
    [Id(1)] public required DateTimeOffset NotificationBy { get; init; }

    /// <summary>Final report.</summary>
    [Id(2)] public required DateTimeOffset FinalReportBy { get; init; }
}
