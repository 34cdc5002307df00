using System.Collections.Immutable;
using System.Text.Json;

namespace Prismatic.Domains.Osint.Adapters;

internal sealed class HttpJsonAdapter(SourceFetcher fetcher) : ISourceAdapter
{
    public AdapterKind Kind => AdapterKind.HttpJson;

    public async Task<AdapterAnswer> Ask(AdapterInfo info, OsintQuery query, CancellationToken cancellationToken)
    {
        var address = new UriBuilder(info.Address) { Query = "q=" + Uri.EscapeDataString(query.Text) }.Uri;
        var answer = await fetcher.Get(address, cancellationToken);
        return answer.RetryAfter is null ? new AdapterAnswer(JsonRows.Read(answer.Body), answer.Body) : new AdapterAnswer([], [], answer.RetryAfter);
    }
}

internal sealed class RdapHttpAdapter(SourceFetcher fetcher) : ISourceAdapter
{
    public AdapterKind Kind => AdapterKind.RdapHttp;

    public async Task<AdapterAnswer> Ask(AdapterInfo info, OsintQuery query, CancellationToken cancellationToken)
    {
        var address = new Uri($"{info.Address.TrimEnd('/')}/domain/{Uri.EscapeDataString(query.Text)}");
        var answer = await fetcher.Get(address, cancellationToken);
        return answer.RetryAfter is null ? new AdapterAnswer([JsonRows.ReadRdap(answer.Body)], answer.Body) : new AdapterAnswer([], [], answer.RetryAfter);
    }
}

internal sealed class HttpHeadersAdapter(SourceFetcher fetcher) : ISourceAdapter
{
    public AdapterKind Kind => AdapterKind.HttpHeaders;

    public async Task<AdapterAnswer> Ask(AdapterInfo info, OsintQuery query, CancellationToken cancellationToken)
    {
        var answer = await fetcher.Look(HttpMethod.Head, new Uri(info.Address), cancellationToken);
        if (answer.RetryAfter is not null)
        {
            return new AdapterAnswer([], [], answer.RetryAfter);
        }

        var fields = answer.Headers.GroupBy(header => header.Key.ToLowerInvariant())
            .ToImmutableDictionary(group => group.Key, group => string.Join(", ", group.Select(header => header.Value)))
            .SetItem("status", answer.Status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var raw = JsonSerializer.SerializeToUtf8Bytes(fields.OrderBy(field => field.Key, StringComparer.Ordinal));
        return new AdapterAnswer([new OsintItem { Id = info.Address, Name = query.Text, Fields = fields }], raw);
    }
}
