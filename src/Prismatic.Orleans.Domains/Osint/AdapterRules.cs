using System.Net;

namespace Prismatic.Domains.Osint;

/// <summary>What makes an adapter's facts valid.</summary>
internal static class AdapterRules
{
    public static void Check(AdapterInfo info, string parameter)
    {
        Demand.Slug(info.Slug, parameter);
        Demand.Text(info.Name, parameter);
        Demand.Slug(info.Category, parameter);
        Demand.That(Enum.IsDefined(info.Kind), parameter, $"{info.Kind} is not a kind of adapter.");
        Demand.That(!info.Inputs.IsDefaultOrEmpty && info.Inputs.All(Enum.IsDefined), parameter, $"Adapter {info.Slug} must accept at least one kind of input.");
        Demand.Range(info.RequestsPerMinute, 1, 6_000, parameter);
        Demand.Range(info.Burst, 1, 1_000, parameter);
        Demand.Range(info.Confidence, double.Epsilon, 1, parameter);
        Demand.That(IsAddress(info.Kind, info.Address), parameter, $"'{info.Address}' is not an address for an adapter of kind {info.Kind}.");
    }

    /// <summary>Whether two registrations are the same facts.</summary>
    public static bool Same(AdapterInfo a, AdapterInfo b) => a.Inputs.SequenceEqual(b.Inputs) && a == b with { Inputs = a.Inputs };

    internal static bool IsAddress(AdapterKind kind, string address) => kind switch
    {
        AdapterKind.HttpJson or AdapterKind.RdapHttp or AdapterKind.HttpHeaders =>
            Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps),
        AdapterKind.TlsCertificate => TryHostPort(address, out _, out _),
        AdapterKind.Dns => IPEndPoint.TryParse(address, out var end) && end.Port > 0,
        AdapterKind.ListFile => address.Length > 0 && !Path.IsPathRooted(address),
        _ => false,
    };

    internal static bool TryHostPort(string address, out string host, out int port)
    {
        var colon = address.LastIndexOf(':');
        host = colon > 0 ? address[..colon] : "";
        port = 0;
        return colon > 0 && int.TryParse(address.AsSpan(colon + 1), out port) && port is > 0 and <= 65_535;
    }
}
