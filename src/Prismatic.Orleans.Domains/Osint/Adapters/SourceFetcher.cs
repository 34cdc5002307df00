using System.Net;
using System.Net.Http.Headers;

namespace Prismatic.Domains.Osint.Adapters;

/// <summary>A web answer: its status, its headers, and its body unless it was asked too often.</summary>
internal sealed record WebAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body, TimeSpan? RetryAfter);

/// <summary>
/// The one HTTP client of the workers. It goes where it is told and nowhere else: no redirects, no proxy, no cookies.
/// Bodies beyond 4 MB are refused.
/// </summary>
internal sealed class SourceFetcher(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = 4 * 1024 * 1024,
    };

    /// <summary>GETs an address; throws on any status but success and 429.</summary>
    public Task<WebAnswer> Get(Uri address, CancellationToken cancellationToken) => Send(HttpMethod.Get, address, mustSucceed: true, cancellationToken);

    /// <summary>Asks for an address and takes any status as an answer.</summary>
    public Task<WebAnswer> Look(HttpMethod method, Uri address, CancellationToken cancellationToken) => Send(method, address, mustSucceed: false, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<WebAnswer> Send(HttpMethod method, Uri address, bool mustSucceed, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address);
        using var response = await _http.SendAsync(request, cancellationToken);
        if (response.StatusCode is HttpStatusCode.TooManyRequests)
        {
            return new WebAnswer(429, [], [], RetryAfter(response.Headers.RetryAfter));
        }

        if (mustSucceed)
        {
            response.EnsureSuccessStatusCode();
        }

        var headers = response.Headers.Concat(response.Content.Headers)
            .SelectMany(header => header.Value, (header, value) => KeyValuePair.Create(header.Key, value));
        return new WebAnswer((int)response.StatusCode, [.. headers], await response.Content.ReadAsByteArrayAsync(cancellationToken), null);
    }

    private TimeSpan RetryAfter(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? (header?.Date - time.GetUtcNow()) ?? UsualWait;
        return wait > TimeSpan.Zero ? wait : UsualWait;
    }
}
