using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Prismatic.Dashboard;

/// <summary>
/// Ids hold slashes and percent signs, so they are read from the request target as it was sent. A route value is not enough:
/// the server has by then decoded everything but <c>%2F</c>, and <c>a/b</c> and <c>a%2Fb</c> can no longer be told apart.
/// </summary>
internal static class RawSegment
{
    /// <summary>The segment that stands <paramref name="fromEnd"/> places before the last one, decoded once; empty when there is none.</summary>
    public static string Read(HttpContext context, int fromEnd) =>
        Read(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, fromEnd);

    public static string Read(string rawTarget, int fromEnd)
    {
        var query = rawTarget.IndexOf('?', StringComparison.Ordinal);
        var segments = (query < 0 ? rawTarget : rawTarget[..query]).TrimEnd('/').Split('/');
        return segments.Length > fromEnd ? Uri.UnescapeDataString(segments[^(fromEnd + 1)]) : "";
    }
}
