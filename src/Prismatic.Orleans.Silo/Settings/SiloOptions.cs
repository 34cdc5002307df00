using System.Net;

namespace Prismatic.Silo;

/// <summary>
/// The host's settings: the configuration section <c>Prismatic</c>, so in a file <c>{ "Prismatic": { "SiloPort": 11112 } }</c>, in the
/// environment <c>PRISMATIC__SILOPORT</c>, on the command line <c>--Prismatic:SiloPort 11112</c>.
/// </summary>
internal sealed record SiloOptions
{
    /// <summary>
    /// Where the SQLite file and the documents are kept; created when missing. Default <c>data</c> under the current directory. Not used with
    /// <see cref="ConnectionString"/>.
    /// </summary>
    public string DataDirectory { get; init; } = "data";

    /// <summary>
    /// The PostgreSQL database that silos share, in the form of Npgsql: <c>Host=db;Database=prismatic;Username=prismatic;SSL Mode=VerifyFull</c>. With
    /// it this silo is one of a cluster; without, the default, it is alone and keeps its data in one SQLite file. Never logged.
    /// </summary>
    public string? ConnectionString { get; init; }

    /// <summary>A file that holds the <see cref="ConnectionString"/>, which others may not read. Default none; only one of the two may be set.</summary>
    public string? ConnectionStringFile { get; init; }

    /// <summary>
    /// Whether the database's schema is made and migrated at start. Default true. With false it is only checked, and a start on another schema is
    /// refused: for users who may not change the database.
    /// </summary>
    public bool ApplySchema { get; init; } = true;

    /// <summary>Seconds that a start waits for a database that does not answer yet. 0 to 3600, default 60.</summary>
    public int DatabaseWaitSeconds { get; init; } = 60;

    /// <summary>
    /// The address at which other silos and clients reach this one, such as a pod's. Default 127.0.0.1, which is right for silos on one machine; several
    /// of them take 127.0.0.2 and so on, or ports of their own.
    /// </summary>
    public IPAddress AdvertisedAddress { get; init; } = IPAddress.Loopback;

    /// <summary>The address that silo and gateway listen on. Default the <see cref="AdvertisedAddress"/>; 0.0.0.0 or :: for all of the machine.</summary>
    public IPAddress? ListenAddress { get; init; }

    /// <summary>Port for other silos. 1 to 65535, default 11111.</summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>Port for Orleans clients. 1 to 65535, default 30000.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>Addresses of the HTTP server, separated by semicolons. Default <c>http://127.0.0.1:8080</c>; port 0 takes a free one.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://127.0.0.1:8080"];

    /// <summary>The cluster's name. 1 to 150 letters, digits, dots, dashes or underscores; default <c>prismatic</c>.</summary>
    public string ClusterId { get; init; } = "prismatic";

    /// <summary>
    /// The service's name, part of the key of each stored record: another name sees none of the state. Same form, default
    /// <c>prismatic</c>.
    /// </summary>
    public string ServiceId { get; init; } = "prismatic";

    /// <summary>
    /// A file with a token of 32 characters or more, readable by its owner only. A program that sends it as bearer token may do what a
    /// signed-in person may. Default none: no program may.
    /// </summary>
    public string? AdminTokenFile { get; init; }

    /// <summary>
    /// A file with the secret of 32 characters or more with which lesson files are signed, the same in every cluster that lessons travel between;
    /// readable by its owner only. Default none: lessons are neither exported nor imported.
    /// </summary>
    public string? LessonKeyFile { get; init; }

    /// <summary>Whether a one-time sign-in link is printed on standard output. Default true; without it only the token file gives access.</summary>
    public bool SignInLink { get; init; } = true;

    /// <summary>A file with remediation rules, read at start and whenever it changes. Default none.</summary>
    public string? RuleFile { get; init; }

    /// <summary>Form of the log: <c>simple</c>, for people, or <c>json</c>, one object a line. Default simple.</summary>
    public string Logging { get; init; } = "simple";

    /// <summary>
    /// Seconds after SIGTERM in which the silo says that it is not ready and serves as before, so that load balancers look elsewhere first. 0 to 300,
    /// default 0; below <see cref="ShutdownSeconds"/>, which it is a part of.
    /// </summary>
    public int DrainSeconds { get; init; }

    /// <summary>Seconds to end running calls and write what is pending after SIGTERM. 1 to 600, default 25, below what Kubernetes grants.</summary>
    public int ShutdownSeconds { get; init; } = 25;

    /// <summary>
    /// Whether drills may inject faults into this silo, over the admin API too. Default false; for rehearsals only, since whoever may start one can
    /// break every worker.
    /// </summary>
    public bool Drills { get; init; }

    /// <summary>
    /// The address where Prometheus finds <c>/metrics</c>, and nothing else is served; its port is its own. Whoever reaches it may read it: names of
    /// workers' types and counts, never keys or messages. Default none: there is no such page.
    /// </summary>
    public string? MetricsUrl { get; init; }

    /// <summary>
    /// Whether this silo asks Kubernetes which pods of its cluster are there, so that a silo whose pod is gone is declared dead at once. Needs the
    /// variables and the role of <c>infra/kubernetes/components/hosting</c>. Default false: silos watch each other without it.
    /// </summary>
    public bool KubernetesHosting { get; init; }

    /// <summary>Whether this silo is one of a cluster on PostgreSQL.</summary>
    public bool IsClustered => (ConnectionString ?? ConnectionStringFile) is not null;

    /// <summary>The SQLite file.</summary>
    public string DatabaseFile => Path.Combine(Path.GetFullPath(DataDirectory), "prismatic.db");

    /// <summary>Not the settings, which hold a password.</summary>
    public override string ToString() => nameof(SiloOptions);
}
