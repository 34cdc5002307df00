using Prismatic.Drills;
using Prismatic.Lessons;
using static Prismatic.Healing.Nature;
using static Prismatic.Lessons.FailureClass;

namespace Prismatic.Healing;

/// <summary>
/// The 60 looks of faults: types, messages and frames as real services throw them. In a message, {n} is a number, {id} a hexadecimal id,
/// {ms} a duration and {host} a host name, new for each time. The nature stands beside the look, and where two look alike it may differ.
/// </summary>
internal static class Catalogue
{
    public static IReadOnlyList<Entry> All { get; } =
    [
        // State corruption: 6 damaged records, 4 stale in memory, 1 passing, 2 incurable, 2 of the request.
        State(Damaged, "dd/case-manager", "Prismatic.Storage.StateDamagedException", "", "CaseManagerGrain.Load"),
        State(Damaged, "core/cache-manager", "Prismatic.Storage.StateDamagedException", "", "CacheManagerGrain.Load"),
        State(Damaged, "osint/adapter-registry", "Prismatic.Storage.StateDamagedException", "", "AdapterRegistryGrain.Load"),
        State(Damaged, "security/threat-analyzer", "Prismatic.Storage.StateDamagedException", "", "ThreatAnalyzerGrain.Load"),
        State(Damaged, "evolution/mycelial-network", "Prismatic.Storage.StateDamagedException", "", "MycelialNetworkGrain.Load"),
        State(Damaged, "osint/monitoring-engine", "Prismatic.Storage.StateDamagedException", "", "MonitoringEngineGrain.Load"),
        State(Glitch, "dd/entity-resolver", "Orleans.Storage.InconsistentStateException", "Version conflict (WriteState): ServiceId=prismatic ProviderName=prismatic GrainType=screening-lists GrainId={id} ETag={n}.", "EntityResolverGrain.SaveOrders"),
        State(Glitch, "dd/pipeline-coordinator", "System.Data.DBConcurrencyException", "Concurrency violation: the UpdateCommand affected 0 of the expected {n} records.", "PipelineCoordinatorGrain.Advance"),
        State(Glitch, "core/telemetry-collector", "System.InvalidOperationException", "The board is corrupt: bucket {n} ends before it begins.", "TelemetryBoard.Roll"),
        State(Glitch, "security/compliance-checker", "System.IO.InvalidDataException", "Checksum mismatch in evidence block {n}: expected {id}, found {id}.", "ComplianceCheckerGrain.ReadEvidence"),
        State(Passing, "evolution/mendel-engine", "Orleans.Storage.InconsistentStateException", "e-Tag mismatch in Memory Storage: expected {n}, found {n} for evolved-configurations.", "MendelEngineGrain.Store"),
        State(Incurable, "core/storage-coordinator", "System.IO.InvalidDataException", "Journal segment {n} has an invalid magic number in its header.", "Journal.Scan"),
        State(Incurable, "evolution/fitness-evaluator", "System.IO.EndOfStreamException", "Unable to read beyond the end of the stream while reading trace {id}.", "TraceReplay.ReadFile"),
        State(Nature.Request, "core/storage-coordinator", "System.IO.InvalidDataException", "Document {id} is malformed: row {n} has no key.", "DocumentCollection.Apply"),
        State(Nature.Request, "dd/case-manager", "System.ArgumentException", "The case history is stale: version {n} was expected.", "CaseManagerGrain.Append", code: "request"),

        // External dependency: 9 outages, 4 connections gone bad in memory, 2 passing, 2 incurable, 1 of the request.
        External(Outage, "osint/source-manager", "System.Net.Http.HttpRequestException", "Connection refused ({host}:443)", "HttpAdapters.Ask", "source:registry",
            Inner("System.Net.Sockets.SocketException", "Connection refused", "ConnectionRefused")),
        External(Outage, "osint/source-manager", "System.Net.Http.HttpRequestException", "Response status code does not indicate success: 503 (Service Unavailable).", "SourceFetcher.Read", "source:sanctions"),
        External(Outage, "osint/adapter-registry", "System.Net.Http.HttpRequestException", "Name or service not known ({host}:443)", "AdapterRegistryGrain.Probe", "source:rdap",
            Inner("System.Net.Sockets.SocketException", "Name or service not known", "HostNotFound")),
        External(Outage, "osint/monitoring-engine", "System.TimeoutException", "The operation has timed out after {ms} ms waiting for {host}.", "MonitoringEngineGrain.Look", "source:watch"),
        External(Outage, "security/threat-analyzer", "System.Threading.Tasks.TaskCanceledException", "The request was canceled due to the configured HttpClient.Timeout of {n} seconds elapsing.", "ThreatAnalyzerGrain.Pull", "feed:threats",
            Inner("System.TimeoutException", "The operation was canceled.", null)),
        External(Outage, "security/perimeter-scanner", "System.Net.Sockets.SocketException", "No route to host [::ffff:{host}]:443", "PerimeterScannerGrain.Connect", "scan:edge", code: "HostUnreachable"),
        External(Outage, "dd/entity-resolver", "System.Net.Http.HttpRequestException", "Response status code does not indicate success: 502 (Bad Gateway).", "ListFiles.Download", "lists:pep"),
        External(Outage, "core/storage-coordinator", "Npgsql.NpgsqlException", "Failed to connect to {host}:5432", "StorageCoordinatorGrain.Mirror", "db:mirror",
            Inner("System.Net.Sockets.SocketException", "Connection refused", "ConnectionRefused")),
        External(Outage, "evolution/fitness-evaluator", "System.Text.Json.JsonException", "'<' is an invalid start of a value. Path: $ | LineNumber: 0 | BytePositionInLine: 0.", "FitnessEvaluatorGrain.FetchResponse", "api:traces"),
        External(Glitch, "core/telemetry-collector", "System.IO.IOException", "Unable to write data to the transport connection: Broken pipe.", "TelemetryCollectorGrain.Ship", "sink:metrics",
            Inner("System.Net.Sockets.SocketException", "Broken pipe", "Shutdown")),
        External(Glitch, "osint/source-manager", "System.ObjectDisposedException", "Cannot access a disposed object. Object name: 'SslStream{n}'.", "SourceManagerGrain.Ask", "source:tls"),
        External(Glitch, "dd/pipeline-coordinator", "Npgsql.NpgsqlException", "Exception while reading from stream", "PipelineCoordinatorGrain.Query", "db:pipeline",
            Inner("System.IO.EndOfStreamException", "Attempted to read past the end of the stream.", null)),
        External(Glitch, "security/compliance-checker", "System.TimeoutException", "The channel to {host} did not answer for {ms} ms; the last frame was {n}.", "ComplianceCheckerGrain.Verify", "api:policies"),
        External(Passing, "evolution/mycelial-network", "System.Net.Sockets.SocketException", "Connection reset by peer", "MycelialNetworkGrain.Send", "peer:hyphae", code: "ConnectionReset"),
        External(Passing, "core/cache-manager", "System.IO.IOException", "Unable to read data from the transport connection: Connection reset by peer.", "CacheManagerGrain.Fetch", "origin:cache",
            Inner("System.Net.Sockets.SocketException", "Connection reset by peer", "ConnectionReset")),
        External(Incurable, "security/perimeter-scanner", "System.Security.Authentication.AuthenticationException", "The remote certificate is invalid because of errors in the certificate chain: NotTimeValid", "TlsHandshake.Verify", "scan:partner"),
        External(Incurable, "dd/case-manager", "System.Net.Http.HttpRequestException", "Response status code does not indicate success: 401 (Unauthorized).", "CaseManagerGrain.Notify", "api:mail"),
        External(Nature.Request, "osint/adapter-registry", "System.Net.Http.HttpRequestException", "Response status code does not indicate success: 400 (Bad Request) for query {id}.", "AdapterRegistryGrain.Ask", null),

        // Resource exhaustion: 7 shortages, 3 outages of somebody who is overloaded, 2 incurable, 1 of the request.
        Resource(Starved, "core/cache-manager", "System.OutOfMemoryException", "Exception of type 'System.OutOfMemoryException' was thrown.", "CacheShelf.Grow", null),
        Resource(Starved, "core/storage-coordinator", "System.IO.IOException", "No space left on device : '/var/lib/prismatic/journal-{n}.log'", "Journal.Append", null),
        Resource(Starved, "osint/monitoring-engine", "System.Net.Sockets.SocketException", "Too many open files", "MonitoringEngineGrain.Open", null, code: "TooManyOpenSockets"),
        Resource(Starved, "security/threat-analyzer", "System.InvalidOperationException", "The connection pool has been exhausted, either raise 'Max Pool Size' (currently {n}) or 'Timeout' (currently 15 seconds)", "ThreatAnalyzerGrain.Lease", null),
        Resource(Starved, "dd/entity-resolver", "System.InsufficientMemoryException", "Insufficient memory to continue the execution of the program: {n} MB were asked for.", "EntityResolverGrain.BuildIndex", null),
        Resource(Starved, "evolution/mendel-engine", "System.ComponentModel.Win32Exception", "An error occurred trying to start process 'simulate' with working directory '/srv/evolution/{n}'. Resource temporarily unavailable", "MendelEngineGrain.Evolve", null, code: "11"),
        Resource(Starved, "dd/pipeline-coordinator", "Npgsql.PostgresException", "sorry, too many clients already", "PipelineCoordinatorGrain.Connect", null, code: "53300"),
        Resource(Outage, "osint/source-manager", "System.Net.Http.HttpRequestException", "Response status code does not indicate success: 429 (Too Many Requests).", "HttpAdapters.Page", "source:archive"),
        Resource(Outage, "security/compliance-checker", "System.InvalidOperationException", "Rate limit of {n} calls a minute exceeded for tenant {id}.", "ComplianceCheckerGrain.Lookup", "api:registry"),
        Resource(Outage, "evolution/fitness-evaluator", "System.IO.IOException", "The remote quota is used up: {n} of {n} bytes.", "FitnessEvaluatorGrain.Upload", "store:traces"),
        Resource(Incurable, "osint/monitoring-engine", "System.InsufficientExecutionStackException", "Insufficient stack to continue executing the program safely.", "SnapshotDiff.Walk", null),
        Resource(Incurable, "core/telemetry-collector", "System.OutOfMemoryException", "Array dimensions exceeded supported range.", "TelemetryBoard.Allocate", null),
        Resource(Nature.Request, "dd/entity-resolver", "System.OutOfMemoryException", "Insufficient memory for a result of {n} rows.", "MatchRules.Expand", null),

        // Logic error: 9 wrong in memory, 3 incurable, 2 of the request.
        Logic(Glitch, "dd/case-manager", "System.NullReferenceException", "Object reference not set to an instance of an object.", "CaseHistory.Last"),
        Logic(Glitch, "osint/source-manager", "System.Collections.Generic.KeyNotFoundException", "The given key 'source-{id}' was not present in the dictionary.", "SourceManagerGrain.Bucket"),
        Logic(Glitch, "osint/adapter-registry", "System.InvalidOperationException", "Collection was modified; enumeration operation may not execute.", "AdapterRegistryGrain.List"),
        Logic(Glitch, "security/threat-analyzer", "System.IndexOutOfRangeException", "Index was outside the bounds of the array.", "ThreatRules.Score"),
        Logic(Glitch, "security/perimeter-scanner", "System.InvalidCastException", "Unable to cast object of type 'MxFinding' to type 'TlsFinding'.", "PostureRules.Grade"),
        Logic(Glitch, "evolution/mendel-engine", "System.ArgumentOutOfRangeException", "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')", "Genetics.Cross"),
        Logic(Glitch, "evolution/mycelial-network", "System.InvalidOperationException", "Operations that change non-concurrent collections must have exclusive access. Node {n}.", "Mycelium.Grow"),
        Logic(Glitch, "core/telemetry-collector", "System.DivideByZeroException", "Attempted to divide by zero.", "TelemetryBoard.Rate"),
        Logic(Glitch, "dd/pipeline-coordinator", "System.InvalidOperationException", "The stage '{id}' is already running.", "PipelineStages.Begin"),
        Logic(Incurable, "evolution/fitness-evaluator", "System.NotImplementedException", "The method or operation is not implemented.", "FitnessRules.Weigh"),
        Logic(Incurable, "security/compliance-checker", "System.NullReferenceException", "Object reference not set to an instance of an object.", "ComplianceRules.Check"),
        Logic(Incurable, "core/cache-manager", "System.MissingMethodException", "Method not found: 'Void CacheShelf.Trim(Int64)'.", "CacheManagerGrain.Trim"),
        Logic(Nature.Request, "osint/monitoring-engine", "System.FormatException", "The input string '{id}' was not in a correct format.", "MonitoringEngineGrain.ParseSpec"),
        Logic(Nature.Request, "security/threat-analyzer", "System.ArgumentException", "'{id}' is not an indicator.", "ThreatAnalyzerGrain.Assess", code: "request"),
    ];

    private static Entry State(Nature nature, string child, string type, string message, string method, string? code = null) =>
        Make(StateCorruption, nature, child, type, message, method, null, null, code);

    private static Entry External(Nature nature, string child, string type, string message, string method, string? target, ExceptionRecipe? inner = null, string? code = null) =>
        Make(ExternalDependency, nature, child, type, message, method, target, inner, code);

    private static Entry Resource(Nature nature, string child, string type, string message, string method, string? target, string? code = null) =>
        Make(ResourceExhaustion, nature, child, type, message, method, target, null, code);

    private static Entry Logic(Nature nature, string child, string type, string message, string method, string? code = null) =>
        Make(LogicError, nature, child, type, message, method, null, null, code);

    private static ExceptionRecipe Inner(string type, string message, string? code) => new() { Type = type, Message = message, Code = code };

    private static Entry Make(FailureClass known, Nature nature, string child, string type, string message, string method, string? target, ExceptionRecipe? inner, string? code)
    {
        var domain = child[..child.IndexOf('/', StringComparison.Ordinal)] switch { "dd" => "DueDiligence", var name => char.ToUpperInvariant(name[0]) + name[1..] };
        var stack = $"   at Prismatic.Domains.{domain}.{method}(String request)\n   at Prismatic.Domains.{domain}.{method.Split('.')[0]}.Serve(String request)";
        return new Entry(known, nature, $"prismatic/{child}", new ExceptionRecipe { Type = type, Message = message, Code = code, Inner = inner, Stack = stack }, target);
    }

    internal sealed record Entry(FailureClass Class, Nature Nature, string Child, ExceptionRecipe Recipe, string? Target);
}
