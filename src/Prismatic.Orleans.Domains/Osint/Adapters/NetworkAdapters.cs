using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using DnsClient;

namespace Prismatic.Domains.Osint.Adapters;

internal sealed class TlsCertificateAdapter : ISourceAdapter
{
    public AdapterKind Kind => AdapterKind.TlsCertificate;

    public async Task<AdapterAnswer> Ask(AdapterInfo info, OsintQuery query, CancellationToken cancellationToken)
    {
        AdapterRules.TryHostPort(info.Address, out var host, out var port);
        var facts = await TlsFacts.Obtain(host, port, cancellationToken);
        var fields = new Dictionary<string, string>
        {
            ["protocol"] = facts.Protocol,
            ["cipher"] = facts.Cipher,
            ["issuer"] = facts.Issuer,
            ["names"] = string.Join(", ", facts.Names),
            ["notAfter"] = facts.NotAfter.ToString("O", CultureInfo.InvariantCulture),
            ["chain"] = facts.Errors.ToString(),
        };
        return new AdapterAnswer([new OsintItem { Id = info.Address, Name = facts.Subject, Fields = fields.ToImmutableDictionary() }], facts.Certificate);
    }
}

internal sealed class DnsAdapter : ISourceAdapter
{
    private static readonly QueryType[] Types = [QueryType.A, QueryType.AAAA, QueryType.MX, QueryType.NS, QueryType.TXT];

    public AdapterKind Kind => AdapterKind.Dns;

    public async Task<AdapterAnswer> Ask(AdapterInfo info, OsintQuery query, CancellationToken cancellationToken)
    {
        var client = NameServer(IPEndPoint.Parse(info.Address));
        var items = ImmutableArray.CreateBuilder<OsintItem>();
        foreach (var type in Types)
        {
            var answer = await client.QueryAsync(query.Text, type, cancellationToken: cancellationToken);
            items.AddRange(answer.Answers.Select((record, index) => new OsintItem
            {
                Id = $"{type}/{index}",
                Name = query.Text,
                Fields = ImmutableDictionary<string, string>.Empty.Add("type", type.ToString()).Add("record", record.ToString()),
            }));
        }

        var raw = string.Join('\n', items.Select(item => item.Fields["record"]));
        return new AdapterAnswer(items.ToImmutable(), Encoding.UTF8.GetBytes(raw));
    }

    /// <summary>A client that asks this server only, once, and remembers nothing.</summary>
    internal static LookupClient NameServer(IPEndPoint server) =>
        new(new LookupClientOptions(server) { UseCache = false, Retries = 0, Timeout = TimeSpan.FromSeconds(5), ThrowDnsErrors = false });
}
