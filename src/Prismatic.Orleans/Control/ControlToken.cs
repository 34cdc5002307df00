using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Prismatic.Control;

/// <summary>
/// A signature for one method of one grain, good for <see cref="Lifetime"/>: when it expires, in seconds since 1970, a dot, and the
/// HMAC-SHA256 of expiry, method and grain, in base64url. It proves that the caller holds the cluster's key and nothing else.
/// </summary>
internal static class ControlToken
{
    /// <summary>How long a token is good for: as long as Orleans lets a call wait by default. Clocks of silos may differ by this much.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    // A token is a few dozen characters; what is longer is not looked at.
    private const int MaxLength = 100;

    public static string Create(byte[] key, string method, GrainId grainId, DateTimeOffset expires)
    {
        var seconds = expires.ToUnixTimeSeconds();
        return string.Create(CultureInfo.InvariantCulture, $"{seconds}.{Sign(key, method, grainId, seconds)}");
    }

    public static bool Verify(byte[] key, string? token, string method, GrainId grainId, DateTimeOffset now)
    {
        if (token is null or { Length: > MaxLength })
        {
            return false;
        }

        var dot = token.IndexOf('.', StringComparison.Ordinal);
        return dot > 0
            && long.TryParse(token.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds >= now.ToUnixTimeSeconds()
            && CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(Sign(key, method, grainId, seconds)),
                Encoding.UTF8.GetBytes(token[(dot + 1)..]));
    }

    // Lengths stand before the texts, so that no two different triples are written the same way.
    private static string Sign(byte[] key, string method, GrainId grainId, long seconds)
    {
        var grain = grainId.ToString();
        var signed = string.Create(CultureInfo.InvariantCulture, $"{seconds}|{method.Length}|{method}|{grain.Length}|{grain}");
        return Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed)));
    }
}
