using System.Collections.Immutable;

namespace Prismatic.Remediation;

/// <summary>
/// The rules that every service starts with. Their priorities are negative, so that a registered rule, which has priority 0 unless it
/// says otherwise, outranks those that are no more specific than it is.
/// Only <c>state-damaged</c> resets state, since no type or message tells a damaged record from a bad answer of somebody else.
/// </summary>
internal static class BuiltInRules
{
    // A wrapper says less than what it wraps: InvalidOperationException around a TimeoutException is a timeout.
    private const int Telling = -10;
    private const int Plain = -20;
    private const int General = -30;
    private const int Wrapper = -40;

    private static readonly RestartWithBackoff AfterOneSecond = new() { First = TimeSpan.FromSeconds(1) };
    private static readonly RestartWithBackoff AfterFiveSeconds = new() { First = TimeSpan.FromSeconds(5), Initial = TimeSpan.FromSeconds(5), Max = TimeSpan.FromSeconds(60) };
    private static readonly RestartWithBackoff Reload = new() { Initial = TimeSpan.FromMilliseconds(100), Max = TimeSpan.FromSeconds(5) };
    private static readonly CircuitBreak Break = new() { Duration = TimeSpan.FromSeconds(30) };
    private static readonly RedirectToFallback Fallback = new() { Duration = TimeSpan.FromSeconds(30) };
    private static readonly RestartWithBackoff StartAgain = new() { Initial = TimeSpan.FromMilliseconds(100), Max = TimeSpan.FromSeconds(30), GiveUpAfter = 3 };
    private static readonly Escalate LogicError = new() { Reason = "logic error: a restart alone will not cure it" };

    /// <summary>What is done when no other rule matches.</summary>
    public static RemediationRule Unknown { get; } = Rule("unknown", new CrashPattern(), new Escalate { Reason = "unknown failure pattern" });

    /// <summary>All of them, in the order of trial.</summary>
    public static ImmutableArray<RemediationRule> All { get; } = RuleOrder.Sort(
    [
        Rule("state-damaged", new CrashPattern { StateDamaged = true }, new RestartWithStateReset()),

        Code("socket-refused", "socket", Break, "ConnectionRefused"),
        Code("socket-unreachable", "socket", Break, "HostNotFound", "HostUnreachable", "HostDown", "NetworkUnreachable", "NetworkDown", "TryAgain"),
        Code("socket-interrupted", "socket", AfterOneSecond, "ConnectionReset", "ConnectionAborted", "NetworkReset", "Shutdown"),
        Target("socket-interrupted-target", new CrashPattern { Code = "socket", CodeValues = ["ConnectionReset", "ConnectionAborted", "NetworkReset", "Shutdown"] }, Telling),
        Code("socket-timeout", "socket", Fallback, "TimedOut"),
        Code("socket-exhausted", "socket", AfterFiveSeconds, "TooManyOpenSockets", "NoBufferSpaceAvailable"),
        Code("http-connection", "http.error", Break, "ConnectionError", "NameResolutionError", "ProxyTunnelError"),
        Code("http-too-many", "http", AfterOneSecond, "429", "TooManyRequests") with { Priority = Telling + 1 },
        Rule("http-too-many-target", new CrashPattern { Code = "http", CodeValues = ["429", "TooManyRequests"], TargetKnown = true }, Break, Telling + 1),
        Code("http-unavailable", "http", Break, "502", "503", "504", "BadGateway", "ServiceUnavailable", "GatewayTimeout") with { Priority = Telling + 1 },
        Rule("database-connection", new CrashPattern { ExceptionType = "System.Data.Common.DbException", Code = "socket" }, AfterOneSecond, Telling + 1),
        Target("database-connection-target", new CrashPattern { ExceptionType = "System.Data.Common.DbException", Code = "socket" }, Telling + 1),

        Rule("disk-full", new CrashPattern { ExceptionType = "System.IO.IOException", MessageContains = "no space left on device" }, AfterFiveSeconds),
        Rule("disk-full-windows", new CrashPattern { ExceptionType = "System.IO.IOException", MessageContains = "not enough space on the disk" }, AfterFiveSeconds),
        Rule("refused-in-io", new CrashPattern { ExceptionType = "System.IO.IOException", MessageContains = "connection refused" }, Break, General),
        Rule("refused-in-operation", new CrashPattern { ExceptionType = "System.InvalidOperationException", MessageContains = "connection refused" }, Break),

        Rule("unreadable-answer", new CrashPattern { ExceptionType = "System.Text.Json.JsonException", TargetKnown = true }, Break),
        Type("inconsistent-state", "Orleans.Storage.InconsistentStateException", Reload, Telling),
        Type("out-of-memory", "System.OutOfMemoryException", AfterFiveSeconds, Telling),
        Type("database", "System.Data.Common.DbException", AfterOneSecond),
        Target("database-target", new CrashPattern { ExceptionType = "System.Data.Common.DbException" }, Plain),
        Type("timeout", "System.TimeoutException", Fallback),
        Type("task-cancelled", "System.Threading.Tasks.TaskCanceledException", Fallback),
        Type("file-missing", "System.IO.FileNotFoundException", LogicError),
        Type("folder-missing", "System.IO.DirectoryNotFoundException", LogicError),
        Type("input-output", "System.IO.IOException", AfterOneSecond, General),


        Type("null-reference", "System.NullReferenceException", LogicError, Wrapper),
        Type("argument-out-of-range", "System.ArgumentOutOfRangeException", LogicError, Wrapper),
        Type("invalid-operation", "System.InvalidOperationException", LogicError, Wrapper),
        Type("key-not-found", "System.Collections.Generic.KeyNotFoundException", LogicError, Wrapper),
        Type("index-out-of-range", "System.IndexOutOfRangeException", LogicError, Wrapper),
        Type("format", "System.FormatException", LogicError, Wrapper),
        Type("invalid-cast", "System.InvalidCastException", LogicError, Wrapper),
        Type("divide-by-zero", "System.DivideByZeroException", LogicError, Wrapper),
        Type("not-implemented", "System.NotImplementedException", LogicError, Wrapper),
        Type("not-supported", "System.NotSupportedException", LogicError, Wrapper),

        Rule("connection-refused", new CrashPattern { MessageContains = "connection refused" }, Break),

        // What a start reads may be half written: it is tried again before a person is asked.
        Rule("unknown-start", new CrashPattern { FailedStart = true }, StartAgain) with { Ladder = [new Escalate { Reason = "it does not start, and the failure pattern is unknown" }] },
        Unknown,
    ]);

    private static RemediationRule Code(string id, string code, RemediationAction action, params ImmutableArray<string> values) =>
        Rule(id, new CrashPattern { Code = code, CodeValues = values }, action, Telling);

    /// <summary>
    /// A connection that a restart opens anew. What the fresh activation meets at once is not in its memory; the target that the crash names is what is left, and a person is asked about it
    /// only when it stays away.
    /// </summary>
    private static RemediationRule Target(string id, CrashPattern pattern, int priority) =>
        Rule(id, pattern with { TargetKnown = true }, AfterOneSecond with { GiveUpAfter = 1 }, priority) with { Ladder = [Break] };

    private static RemediationRule Type(string id, string type, RemediationAction action, int priority = Plain) =>
        Rule(id, new CrashPattern { ExceptionType = type }, action, priority);

    private static RemediationRule Rule(string id, CrashPattern pattern, RemediationAction action, int priority = Plain) =>
        new() { Id = id, Pattern = pattern, Action = action, Priority = priority, Origin = RuleOrigin.BuiltIn };
}
