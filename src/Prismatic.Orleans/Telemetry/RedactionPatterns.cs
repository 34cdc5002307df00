using System.Buffers;
using System.Text.RegularExpressions;

namespace Prismatic.Telemetry;

/// <summary>
/// What secrets look like. All patterns are matched without backtracking: the text comes from whoever caused the exception, and must not
/// be able to choose how long a match takes. The two word lists say cheaply that a pattern cannot match.
/// </summary>
internal static partial class RedactionPatterns
{
    private const RegexOptions Safe = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
    private const RegexOptions SafeAnyCase = Safe | RegexOptions.IgnoreCase;

    private const string Names =
        @"[\w.\-]*(?:password|passwd|passphrase|pwd|secret|secret[_\-]?(?:key|value)|[_\-]pass|account[_\-]?key|access[_\- ]?key(?:[_\-]?id)?"
        + @"|access[_\-]?signature|api[_\- ]?key|subscription[_\-]?key|private[_\-]?key|encryption[_\-]?key|signing[_\-]?key|master[_\-]?key"
        + @"|auth[_\-]?key|function[_\-]?key|token|credentials?|sig|signature|cookie|session[_\-]?(?:id|key))";

    /// <summary>At least one of these stands in a text that names a secret.</summary>
    public static readonly SearchValues<string> SecretNames = SearchValues.Create(
        ["pass", "pwd", "secret", "key", "token", "sig", "credential", "cookie", "session", "authorization"], StringComparison.OrdinalIgnoreCase);

    /// <summary>At least one of these stands in a text that holds a token of a known form.</summary>
    public static readonly SearchValues<string> TokenStarts = SearchValues.Create(
        ["bearer", "basic", "digest", "negotiate", "ntlm", "apikey", "signature", "eyJ", "gh", "glpat-", "xox", "AKIA", "ASIA", "sk_", "sk-", "rk_", "AIza", "npm_"],
        StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"-----BEGIN[^-]{1,60}-----(?:[^-]|-[^-]|--[^-])*?-----END[^-]{1,60}-----|-----BEGIN[^-]{1,60}-----[A-Za-z0-9+/=\s]*", Safe)]
    public static partial Regex Pem();

    /// <summary>The second form has a password with a slash in it: told from a port by something that is not a digit.</summary>
    [GeneratedRegex(@"([a-z][a-z0-9+.\-]{1,20}://)(?:[^\s/""'<>]*@|[^\s/:@""'<>]*:[^\s@/""'<>]*[^\s@/0-9""'<>][^\s@""'<>]*@)", SafeAnyCase)]
    public static partial Regex UserInfo();

    /// <summary>A value in a connection string ends at the semicolon and may hold spaces and quotes.</summary>
    [GeneratedRegex(@"((?:password|pwd|accountkey|sharedaccesskey)\s*=\s*)[^;\n]{1,300};", SafeAnyCase)]
    public static partial Regex ConnectionPassword();

    [GeneratedRegex(@"(authorization[""'\\]*\s*[:=]\s*[""'\\]*(?:[\w\-]+[ \t]+)?)[^\s,;""'}\]]+", SafeAnyCase)]
    public static partial Regex Authorization();

    [GeneratedRegex(
        @"(?<name>" + Names + @")(?<between>\\?[""']?\s*(?:=>|:=|[=:]|%3D)\s*|>)(?<value>\\?""[^""]*""?|'[^']*'?|[^\s;&""'<>,)}\]]+[^\s;&""<>]*)",
        SafeAnyCase)]
    public static partial Regex NamedSecret();

    [GeneratedRegex(
        @"(?<lead>(?:\b(?:secret|key|token|password|passphrase|signature|credential)s?[ \t]+(?:is|was|of|value)?[ \t]*|\bkey[ \t]*[=:][ \t]*|--[\w\-]*(?:password|secret|token|key)[ \t]+)[""']?)(?<value>[A-Za-z0-9][A-Za-z0-9+/_\-]{19,}={0,2})",
        SafeAnyCase)]
    public static partial Regex SpokenSecret();

    [GeneratedRegex(@"(?<lead>\b(?:bearer|basic|digest|negotiate|ntlm|apikey|sharedaccesssignature)[ \t]+)(?<value>[A-Za-z0-9._~+/=\-%&]{6,})", SafeAnyCase)]
    public static partial Regex Scheme();

    [GeneratedRegex(
        @"\beyJ[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*){0,4}|\bgh[pousr]_[A-Za-z0-9]{16,}|\bgithub_pat_\w{20,}|\bglpat-[\w\-]{16,}|\bxox[abeprs]-[\w\-]{10,}"
        + @"|\bA(?:KIA|SIA)[0-9A-Z]{16}\b|\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|\bsk-[A-Za-z0-9_\-]{20,}|\bAIza[\w\-]{30,}|\bnpm_[A-Za-z0-9]{30,}",
        Safe)]
    public static partial Regex KnownToken();

    [GeneratedRegex(@"[\w.+\-]+(?:@|%40)[\w\-]+(?:\.[\w\-]+)*\.\p{L}{2,}", SafeAnyCase)]
    public static partial Regex Email();

    [GeneratedRegex(@"^" + Names + @"$", SafeAnyCase)]
    public static partial Regex SecretName();
}
