using System.Collections.Immutable;
using System.Net.Security;

namespace Prismatic.Domains.Security;

/// <summary>What headers, certificates and mail records say about an organisation's care.</summary>
internal static class PostureRules
{
    private const int SpfLookupLimit = 10;
    private static readonly string[] LookupTerms = ["include:", "a:", "a/", "mx:", "mx/", "ptr:", "exists:", "redirect="];

    public static ImmutableArray<PostureFinding> Headers(bool https, IReadOnlyCollection<KeyValuePair<string, string>> headers)
    {
        var found = ImmutableArray.CreateBuilder<PostureFinding>();
        Check(!https, "plain-http", "The site answers without encryption.", 4);
        var hsts = Value("strict-transport-security");
        Check(https && hsts is null, "hsts-missing", "Browsers are not told to use encryption only (Strict-Transport-Security).", 3);
        Check(https && hsts is not null && MaxAge(hsts) < 15_552_000, "hsts-short", "Strict-Transport-Security lasts less than 180 days.", 2);
        var csp = Value("content-security-policy");
        Check(csp is null, "csp-missing", "There is no Content-Security-Policy.", 3);
        Check(csp?.Contains("unsafe-inline", StringComparison.OrdinalIgnoreCase) is true, "csp-unsafe-inline", "The Content-Security-Policy allows inline scripts.", 2);
        Check(!"nosniff".Equals(Value("x-content-type-options"), StringComparison.OrdinalIgnoreCase), "nosniff-missing", "Browsers may guess content types (X-Content-Type-Options).", 1);
        Check(
            Value("x-frame-options") is null && csp?.Contains("frame-ancestors", StringComparison.OrdinalIgnoreCase) is not true,
            "framing-allowed",
            "Other sites may frame the page.",
            2);
        foreach (var cookie in headers.Where(header => Is(header, "set-cookie")).Select(header => header.Value))
        {
            var name = cookie.Split('=')[0].Trim();
            var parts = cookie.Split(';').Skip(1).Select(part => part.Trim().ToLowerInvariant()).ToArray();
            Check(!parts.Contains("secure"), "cookie-not-secure:" + name, $"Cookie {name} may be sent without encryption.", 3);
            Check(!parts.Contains("httponly"), "cookie-readable:" + name, $"Scripts may read cookie {name}.", 2);
            Check(!parts.Any(part => part.StartsWith("samesite=", StringComparison.Ordinal)), "cookie-no-samesite:" + name, $"Cookie {name} has no SameSite.", 1);
        }

        return found.ToImmutable();

        void Check(bool wrong, string id, string text, int severity) => Add(found, wrong, id, text, severity);

        string? Value(string name) => headers.Where(header => Is(header, name)).Select(header => header.Value).FirstOrDefault();

        static bool Is(KeyValuePair<string, string> header, string name) => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    public static ImmutableArray<PostureFinding> Tls(string protocol, SslPolicyErrors errors, int daysLeft)
    {
        var found = ImmutableArray.CreateBuilder<PostureFinding>();
        Add(found, protocol is not ("Tls12" or "Tls13"), "protocol-old", $"It speaks {protocol}, which is no longer safe.", 5);
        Add(found, errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors), "chain-untrusted", "The certificate does not lead to a trusted root.", 4);
        Add(found, errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch), "name-mismatch", "The certificate is for other names.", 4);
        Add(found, daysLeft < 0, "expired", "The certificate has ended.", 5);
        Add(found, daysLeft is >= 0 and < 14, "expires-soon", $"The certificate ends in {daysLeft} days.", 3);
        return found.ToImmutable();
    }

    public static ImmutableArray<PostureFinding> Mail(string spf, string dmarc, bool receivesMail, bool hasCaa)
    {
        var found = ImmutableArray.CreateBuilder<PostureFinding>();
        var terms = spf.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(term => term.ToLowerInvariant()).ToArray();
        Add(found, spf.Length == 0, "spf-missing", "Anybody may send mail in its name: there is no SPF record.", 4);
        Add(found, terms.Contains("+all") || terms.Contains("all"), "spf-allows-all", "The SPF record allows every sender.", 5);
        Add(found, terms.Contains("?all"), "spf-neutral", "The SPF record says nothing about other senders.", 3);
        var lookups = terms.Count(NeedsLookup);
        Add(found, lookups > SpfLookupLimit, "spf-too-many-lookups", $"The SPF record needs {lookups} lookups; receivers stop after {SpfLookupLimit}.", 3);
        var policy = dmarc.Split(';').Select(part => part.Trim()).Where(part => part.StartsWith("p=", StringComparison.OrdinalIgnoreCase)).Select(part => part[2..].Trim()).FirstOrDefault();
        Add(found, dmarc.Length == 0, "dmarc-missing", "There is no DMARC record.", 4);
        Add(found, dmarc.Length > 0 && policy is null or "none", "dmarc-none", "The DMARC record asks receivers to do nothing.", 3);
        Add(found, !receivesMail && spf.Length == 0, "no-mx-no-spf", "It receives no mail, yet does not say that it sends none.", 2);
        Add(found, !hasCaa, "caa-missing", "Any authority may issue certificates for it: there is no CAA record.", 1);
        return found.ToImmutable();
    }

    private static bool NeedsLookup(string term)
    {
        var bare = term.TrimStart('+', '-', '~', '?');
        return bare is "a" or "mx" or "ptr" || LookupTerms.Any(start => bare.StartsWith(start, StringComparison.Ordinal));
    }

    private static long MaxAge(string hsts) => hsts.Split(';').Select(part => part.Trim())
        .Where(part => part.StartsWith("max-age=", StringComparison.OrdinalIgnoreCase))
        .Select(part => long.TryParse(part[8..].Trim('"'), out var seconds) ? seconds : 0).FirstOrDefault();

    private static void Add(ImmutableArray<PostureFinding>.Builder found, bool wrong, string id, string text, int severity)
    {
        if (wrong)
        {
            found.Add(new PostureFinding { Id = id, Text = text, Severity = severity });
        }
    }
}
