using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Prismatic.Lessons;

/// <summary>
/// Outcomes counted lately, so that outcomes told again count once. A crash's id may be the trace id of a call that met several crashes:
/// the group belongs to the key.
/// </summary>
internal static class OutcomeMarks
{
    /// <summary>Adds an outcome to the newest <paramref name="keep"/>. False when it is among them; then nothing changes.</summary>
    public static bool TryAdd(ImmutableArray<ulong> seen, RemediationOutcome outcome, int keep, out ImmutableArray<ulong> next)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{outcome.CrashId}\n{outcome.Group}"));
        var key = BitConverter.ToUInt64(digest, 0);
        if (seen.Contains(key))
        {
            next = seen;
            return false;
        }

        next = seen.Length < keep ? seen.Add(key) : seen.RemoveRange(0, seen.Length - keep + 1).Add(key);
        return true;
    }
}
