using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Prismatic.Lessons;

/// <summary>
/// Outcomes counted lately, so that outcomes told again count once. A crash's id may be the trace id of a call that met several crashes:
/// the group belongs to the key.
/// </summary>
/// <param name="seen">The marks of those counted so far, oldest first.</param>
internal sealed class OutcomeMarks(ImmutableArray<ulong> seen)
{
    private readonly List<ulong> _marks = [.. seen];
    private readonly HashSet<ulong> _known = [.. seen];

    /// <summary>Adds an outcome. False when it was counted already; then nothing changes.</summary>
    public bool TryAdd(RemediationOutcome outcome)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{outcome.CrashId}\n{outcome.Group}"));
        var mark = BitConverter.ToUInt64(digest, 0);
        if (!_known.Add(mark))
        {
            return false;
        }

        _marks.Add(mark);
        return true;
    }

    /// <summary>The marks of the newest <paramref name="keep"/>.</summary>
    public ImmutableArray<ulong> Newest(int keep) => [.. _marks.TakeLast(keep)];
}
