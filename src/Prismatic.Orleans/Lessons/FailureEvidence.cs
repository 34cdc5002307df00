using System.Buffers;
using System.Collections.Immutable;

namespace Prismatic.Lessons;

/// <summary>
/// What types and words say about the class of a failure. Within a table the first row that fits decides: state before resources before
/// the outside before logic, as the classes are told apart, except where a narrower row has to come first.
/// </summary>
internal static class FailureEvidence
{
    /// <summary>Types that mean one thing wherever they are thrown.</summary>
    public static readonly ImmutableArray<(FailureClass Class, string[] Names)> SureTypes =
    [
        (FailureClass.StateCorruption,
            ["*Concurrency*", "*Corrupt*", "*Checksum*", "*WrongExpectedVersion*", "*StaleObject*", "*StaleState*", "*OptimisticLock*",
             "InconsistentStateException", "StateDamagedException", "ETagMismatchException", "ConflictException"]),
        (FailureClass.ResourceExhaustion,
            ["OutOfMemoryException", "InsufficientMemoryException", "*RateLimit*", "*TooManyRequests*", "*Throttl*", "*PoolExhausted*", "*QuotaExceeded*",
             "MongoWaitQueueFullException"]),
        (FailureClass.LogicError,
            ["NullReferenceException", "IndexOutOfRangeException", "ArgumentOutOfRangeException", "ArgumentNullException", "KeyNotFoundException",
             "InvalidCastException", "DivideByZeroException", "NotImplementedException", "NotSupportedException", "ObjectDisposedException",
             "StackOverflowException", "MissingMethodException", "MissingFieldException", "MissingMemberException", "TypeLoadException",
             "EntryPointNotFoundException", "DllNotFoundException", "ArrayTypeMismatchException", "RankException", "AmbiguousMatchException",
             "SynchronizationLockException", "CodecNotFoundException", "RuntimeBinderException"]),
    ];

    /// <summary>Types that mean a thing mostly; asked when nothing else spoke.</summary>
    public static readonly ImmutableArray<(FailureClass Class, string[] Names)> LikelyTypes =
    [
        (FailureClass.LogicError,
            ["FileNotFoundException", "DirectoryNotFoundException", "UnauthorizedAccessException", "FormatException", "ArgumentException",
             "*Configuration*", "*Validation*", "*Mapping*", "*NotFound*", "SQLiteMisuseException"]),
        (FailureClass.StateCorruption, ["InvalidDataException", "*BadData*", "*Recovery*"]),
        (FailureClass.ExternalDependency,
            ["SocketException", "ExtendedSocketException", "HttpRequestException", "WebException", "TaskCanceledException", "OperationCanceledException",
             "AuthenticationException", "RpcException", "*Timeout*", "*Connection*", "*Connect*", "*Unreachable*", "*Unavailable*", "*Broker*", "*Transport*",
             "*Network*", "*ServiceException*", "*RequestFailed*", "*ApiException*", "*Smtp*", "*Ftp*", "*Ssh*", "*Lock*", "*Redis*", "*Kafka*",
             "NpgsqlException", "MySqlException", "SqlException", "OracleException", "MongoException", "ConsumeException", "ProduceException",
             "BrokenCircuitException", "SiloUnavailableException"]),
    ];

    /// <summary>Words of messages; the English of the runtime, of databases and of operating systems, and what their translations are known to say.</summary>
    public static readonly ImmutableArray<(FailureClass Class, SearchValues<string> Words)> Words =
    [
        // The process's own hand: words that would otherwise look like a lock, a timeout or a resource.
        (FailureClass.LogicError, Any(
            "being used by another process", "collection was modified", "connectionstring property has not been initialized", "disposed object", "disposed context",
            "already exists", "address already in use", "failed to bind", "already been completed", "second operation was started", "already an open datareader",
            "circular dependency", "unable to resolve service", "no service for type", "cannot resolve", "syntax error", "invalid column name",
            "invalid object name", "unknown column", "no such table", "no such column", "constraint failed", "violates", "cannot insert duplicate",
            "conflicted with the", "object reference not set", "sequence contains no", "was not present in the dictionary",
            "argument is out of range", "index was out of range", "index was outside", "input string was not in a correct format", "not registered")),
        (FailureClass.StateCorruption, Any(
            "corrupt", "malformed", "checksum", "crc mismatch", "crc error", "invalid magic", "bad magic", "optimistic concurrency", "concurrency conflict",
            "concurrency exception", "concurrent update", "concurrently modified", "has been modified since", "may have been modified or deleted",
            "updated or deleted by another", "expected to affect", "wrongexpectedversion", "wrong expected version", "expected version", "etag",
            "precondition failed", "condition not satisfied", "conditional check failed", "inconsistent state", "is no longer correct", "stale data",
            "version mismatch", "unsupported version", "unknown version", "schema version", "not a database", "invalid database", "file is damaged",
            "truncated file", "torn page", "torn write", "cannot be decoded", "undecodable", "write conflict", "read past end of", "could not read snapshot",
            "0x00 is an invalid", "'0x00'", "key ring", "failed to recover", "recovery failed")),
        (FailureClass.ResourceExhaustion, Any(
            "out of memory", "outofmemory", "not enough memory", "insufficient memory", "cannot allocate memory", "array dimensions exceeded",
            "no space left", "not enough space", "disk full", "disk is full", "enospc", "磁盘空间不足", "空间不足", "espacio en disco", "speicherplatz",
            "espace disque", "spazio su disco", "недостаточно места",
            "too many open", "emfile", "enfile", "inotify", "file descriptors", "too many files",
            "connection from the pool", "max pool size", "pool has been exhausted", "connection pool exhausted", "pool exhausted", "pool is exhausted",
            "pooled connections were in use", "wait queue for acquiring", "waiting for a connection from", "connection slots", "too many connections",
            "too many clients", "max_connections", "max number of clients", "sufficient buffer space", "queue was full", "queue is full",
            "espacio de búfer", "pufferspeicher", "only one usage of each socket", "ephemeral port", "too many requests", "rate limit", "ratelimit",
            "quota", "throttl", "threadpool", "thread pool", "insufficient system resources", "insufficient resources", "not enough quota",
            "not enough storage", "resource temporarily unavailable", "unable to create new native thread", "failed to start thread", "cannot create thread",
            "limit has been reached", "limit reached", "exceeded the maximum number", "maximum number of")),
        (FailureClass.ExternalDependency, Any(
            "timed out", "timeout", "time out", "did not respond", "no response", "deadline", "refused", "denegó", "verweigert", "refusé", "отверг",
            "unreachable", "were reachable", "not reachable", "no route to host", "host is down", "no such host", "name or service not known",
            "could not be resolved", "resolver el nombre", "temporary failure in name resolution", "name resolution", "nodename nor servname",
            "connection reset", "reset by peer", "forcibly closed", "connection was closed", "connection closed", "closed by the remote", "connection lost",
            "connection aborted", "broken pipe", "transport connection", "transport stream", "reading from stream", "writing to stream", "network",
            "ssl connection", "ssl", "tls", "certificate", "unable to connect", "could not connect", "cannot connect", "failed to connect", "connect failed",
            "connection failed", "unabletoconnect", "no connection is", "not connected", "opening a connection", "deadlock", "access_refused", "login failed",
            "login was refused", "authentication failed", "unauthorized", "forbidden", "service unavailable", "bad gateway", "gateway", "internal server error",
            "remote server", "remote host", "remote party", "the server returned", "response ended prematurely", "response status code", "broker",
            "not leader", "leader not available", "http2", "underlying provider failed on open", "transient failure", "server has gone away",
            "server is not responding", "service is unavailable", "request was canceled", " lease")),
    ];

    /// <summary>Types that say only that something could not be read.</summary>
    public static readonly string[] UnreadableContentTypes =
        ["*Json*", "*Xml*", "*Yaml*", "*Toml*", "*Protobuf*", "InvalidProtocolBufferException", "*Serialization*", "*Deserializ*", "*Parse*", "EndOfStreamException", "InvalidDataException"];

    /// <summary>Words that say the same.</summary>
    public static readonly SearchValues<string> UnreadableContentWords = Any(
        "root element is missing", "root level is invalid", "end of stream", "unexpected end", "invalid start of a value", "unexpected character");

    /// <summary>A page where data was asked for: a proxy or an error page answered.</summary>
    public static readonly SearchValues<string> HtmlWords = Any("parsing value: <", "'<' is an invalid start", "'<', hexadecimal", "<!doctype", "<html", "token '<'");

    /// <summary>Content that stops short or is blank: a write that did not finish.</summary>
    public static readonly SearchValues<string> TornContentWords = Any(
        "root element is missing", "0x00", "end of stream encountered", "unexpected end of", "expected end of data", "does not contain any json tokens", "unexpected eof");

    /// <summary>Names of methods and types that read from a remote side.</summary>
    public static readonly SearchValues<string> RemoteSources = Any(
        "http", "webclient", "webrequest", "webapi", "restclient", "apiclient", "download", "response", "socket", "npgsql", "mysql", "rabbitmq", "grpc", "scrap", "fetch");

    /// <summary>Names of methods and types that read what was stored.</summary>
    public static readonly SearchValues<string> StoredSources = Any(
        "setting", "config", "preference", "savegame", "gamesave", "snapshot", "journal", "storage", "persist", "cache", "checkpoint", "readfile",
        "loadfile", "loadfrom", "fromfile", "loadbinary", "database", "repository", "profile", "index.", "recover", "restore", "statefile", "readstate", "loadstate");

    private static SearchValues<string> Any(params string[] words) => SearchValues.Create(words, StringComparison.OrdinalIgnoreCase);
}
