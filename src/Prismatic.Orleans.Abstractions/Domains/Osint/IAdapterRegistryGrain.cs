using System.Collections.Immutable;

namespace Prismatic.Domains.Osint;

/// <summary>Knows the source adapters: what each one is called, where it asks, and what it can be asked. Durable.</summary>
[Alias("prismatic.IAdapterRegistryGrain")]
public interface IAdapterRegistryGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "adapter-registry";

    /// <summary>Registers an adapter. Registering the same facts again changes nothing.</summary>
    /// <exception cref="ArgumentException">The facts are not valid, or the slug belongs to other facts.</exception>
    [Alias("Register")]
    Task<RegisterResult> Register(AdapterInfo info);

    /// <summary>The adapter with this slug, or null.</summary>
    [Alias("Find")]
    Task<AdapterInfo?> Find(string slug);

    /// <summary>The adapters that accept <paramref name="kind"/>, by slug; of one category, or of all when it is null.</summary>
    [Alias("ForInput")]
    Task<ImmutableArray<AdapterInfo>> ForInput(InputKind kind, string? category);

    /// <summary>Asks the adapter's address once, without breaker or quota, and says how it answers.</summary>
    [Alias("Probe")]
    Task<AdapterHealth> Probe(string slug);

    /// <summary>Drops the adapters whose kind this build has no handler for and returns how many are left.</summary>
    [Alias("Rebuild")]
    Task<int> Rebuild();
}

/// <summary>What can be asked of a source.</summary>
[GenerateSerializer, Alias("prismatic.domains.InputKind")]
public enum InputKind
{
    /// <summary>A company's name.</summary>
    Company,

    /// <summary>A person's name.</summary>
    Person,

    /// <summary>A domain name.</summary>
    Domain,

    /// <summary>A host, with or without a port.</summary>
    Host,
}

/// <summary>How a source is asked.</summary>
[GenerateSerializer, Alias("prismatic.domains.AdapterKind")]
public enum AdapterKind
{
    /// <summary>HTTP GET of <c>{address}?q={text}</c>; the answer is a JSON array of flat objects, or an object whose <c>items</c> is one.</summary>
    HttpJson,

    /// <summary>HTTP GET of <c>{address}/domain/{text}</c>; the answer is RDAP (RFC 9083).</summary>
    RdapHttp,

    /// <summary>HTTP HEAD of the address; the answer's headers.</summary>
    HttpHeaders,

    /// <summary>A TLS handshake with <c>host:port</c>; the certificate.</summary>
    TlsCertificate,

    /// <summary>Questions of type A, AAAA, MX, NS and TXT to the name server <c>ip:port</c>.</summary>
    Dns,

    /// <summary>A list file: an OFAC sdn.csv, or FollowTheMoney JSON lines when the name ends in .json or .jsonl.</summary>
    ListFile,
}

/// <summary>An adapter.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.AdapterInfo")]
public sealed record AdapterInfo
{
    /// <summary>Its id: 1 to 64 characters of a-z, 0-9 and '-'. The breaker's target is <c>source:{slug}</c>.</summary>
    [Id(0)] public required string Slug { get; init; }

    /// <summary>Its name for people.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>Its subject. <c>sanctions</c>, <c>insolvency</c>, <c>ownership</c>, <c>financial</c> and <c>litigation</c> feed that dimension of the risk score.</summary>
    [Id(2)] public required string Category { get; init; }

    /// <summary>How it is asked.</summary>
    [Id(3)] public required AdapterKind Kind { get; init; }

    /// <summary>Where: an http or https address, <c>host:port</c>, or a path below the list directory. Redirects are not followed.</summary>
    [Id(4)] public required string Address { get; init; }

    /// <summary>What it accepts; at least one.</summary>
    [Id(5)] public required ImmutableArray<InputKind> Inputs { get; init; }

    /// <summary>Requests per minute. 1 to 6,000; default 60.</summary>
    [Id(6)] public int RequestsPerMinute { get; init; } = 60;

    /// <summary>Requests at once. 1 to 1,000; default 10.</summary>
    [Id(7)] public int Burst { get; init; } = 10;

    /// <summary>How far its statements are trusted. More than 0, at most 1; default 0.7.</summary>
    [Id(8)] public double Confidence { get; init; } = 0.7;
}

/// <summary>The outcome of a registration.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.RegisterResult")]
public sealed record RegisterResult
{
    /// <summary>The slug.</summary>
    [Id(0)] public required string Slug { get; init; }

    /// <summary>False when the same facts were there before.</summary>
    [Id(1)] public required bool Added { get; init; }

    /// <summary>Adapters registered now.</summary>
    [Id(2)] public required int Total { get; init; }
}

/// <summary>How an adapter's address answers.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.AdapterHealth")]
public sealed record AdapterHealth
{
    /// <summary>The adapter.</summary>
    [Id(0)] public required string Slug { get; init; }

    /// <summary><c>healthy</c>, <c>degraded</c> (answers after more than 2 s, or says that it is asked too often) or <c>unavailable</c>.</summary>
    [Id(1)] public required string Status { get; init; }

    /// <summary>How long it took.</summary>
    [Id(2)] public required TimeSpan Elapsed { get; init; }

    /// <summary>The failure's type and message; empty when it answered.</summary>
    [Id(3)] public string Failure { get; init; } = "";
}
