using System.Collections.Immutable;

namespace Prismatic.Domains.Security;

/// <summary>
/// Inspects what an organisation shows to the outside. It refuses every target that is not loopback or private, unless the host's
/// options allow it by name.
/// </summary>
[Alias("prismatic.IPerimeterScannerGrain")]
public interface IPerimeterScannerGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "perimeter-scanner";

    /// <summary>Makes a TLS handshake and reports protocol, cipher and certificate; the chain's errors are findings, not failures.</summary>
    /// <exception cref="ArgumentException">The target is not allowed.</exception>
    [Alias("InspectTls")]
    Task<TlsReport> InspectTls(HostPort h);

    /// <summary>Asks for <paramref name="u"/> and judges the answer's security headers and cookies. Redirects are not followed.</summary>
    /// <exception cref="ArgumentException">The target is not allowed.</exception>
    [Alias("InspectHttp")]
    Task<HeaderReport> InspectHttp(Uri u);

    /// <summary>Reads SPF, DMARC, MX and CAA of a domain from the configured name server and judges them.</summary>
    /// <exception cref="InvalidOperationException">No name server is configured.</exception>
    [Alias("InspectMail")]
    Task<MailPosture> InspectMail(string domain);
}

/// <summary>A host and a port.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.HostPort")]
public sealed record HostPort
{
    /// <summary>A name or an IP address.</summary>
    [Id(0)] public required string Host { get; init; }

    /// <summary>1 to 65,535.</summary>
    [Id(1)] public required int Port { get; init; }
}

/// <summary>One thing that an inspection found.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.PostureFinding")]
public sealed record PostureFinding
{
    /// <summary>A short stable id, such as <c>hsts-missing</c>.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>What it means, in a sentence.</summary>
    [Id(1)] public required string Text { get; init; }

    /// <summary>How bad: 1 (note) to 5 (act now).</summary>
    [Id(2)] public required int Severity { get; init; }
}

/// <summary>A TLS endpoint.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.TlsReport")]
public sealed record TlsReport
{
    /// <summary>The protocol, such as <c>Tls13</c>.</summary>
    [Id(0)] public required string Protocol { get; init; }

    /// <summary>The cipher suite.</summary>
    [Id(1)] public required string Cipher { get; init; }

    /// <summary>The certificate's subject.</summary>
    [Id(2)] public required string Subject { get; init; }

    /// <summary>Its DNS names.</summary>
    [Id(3)] public required ImmutableArray<string> Names { get; init; }

    /// <summary>When it ends.</summary>
    [Id(4)] public required DateTimeOffset NotAfter { get; init; }

    /// <summary>Whole days until then; negative when it has ended.</summary>
    [Id(5)] public required int DaysLeft { get; init; }

    /// <summary>What is wrong.</summary>
    [Id(6)] public required ImmutableArray<PostureFinding> Findings { get; init; }
}

/// <summary>A web answer.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.HeaderReport")]
public sealed record HeaderReport
{
    /// <summary>What was asked.</summary>
    [Id(0)] public required Uri Address { get; init; }

    /// <summary>The HTTP status.</summary>
    [Id(1)] public required int Status { get; init; }

    /// <summary>What is wrong.</summary>
    [Id(2)] public required ImmutableArray<PostureFinding> Findings { get; init; }
}

/// <summary>A domain's protection against forged mail.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.MailPosture")]
public sealed record MailPosture
{
    /// <summary>The domain.</summary>
    [Id(0)] public required string Domain { get; init; }

    /// <summary>The SPF record; empty when there is none.</summary>
    [Id(1)] public required string Spf { get; init; }

    /// <summary>The DMARC record; empty when there is none.</summary>
    [Id(2)] public required string Dmarc { get; init; }

    /// <summary>What is wrong.</summary>
    [Id(3)] public required ImmutableArray<PostureFinding> Findings { get; init; }
}
