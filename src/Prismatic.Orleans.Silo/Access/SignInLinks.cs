using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Prismatic.Silo;

/// <summary>
/// One-time sign-in tokens of 256 bits. At most one is valid at a time, it is valid once and for <see cref="Lifetime"/>, and only its
/// hash is kept.
/// </summary>
internal sealed class SignInLinks(TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly Lock _lock = new();
    private byte[]? _hash;
    private long _issuedAt;

    /// <summary>A new token; the one before it is worth nothing from now on.</summary>
    public string Issue()
    {
        lock (_lock)
        {
            var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
            (_hash, _issuedAt) = (Hash(token), time.GetTimestamp());
            return token;
        }
    }

    /// <summary>A new token, unless one is still waiting to be used: nobody can invalidate a link by asking for another.</summary>
    public string? IssueIfNoneIsValid()
    {
        lock (_lock)
        {
            return IsValid() ? null : Issue();
        }
    }

    /// <summary>Uses <paramref name="token"/> up; false when it is not the valid one.</summary>
    public bool TryUse(string? token)
    {
        var offered = Hash(token ?? "");
        lock (_lock)
        {
            if (!IsValid() || !CryptographicOperations.FixedTimeEquals(_hash, offered))
            {
                return false;
            }

            _hash = null;
            return true;
        }
    }

    private bool IsValid() => _hash is not null && time.GetElapsedTime(_issuedAt) < Lifetime;

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
