using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>
/// What one silo knows of groups: those of the crashes that it saw, and those that it was told of. It answers at once, on the crash path,
/// for a signature that it knows by a look-up and for a new one by correlation with what it knows. The lessons know all silos' crashes and
/// have the last word.
/// </summary>
internal sealed class SiloGroups
{
    /// <summary>So many signatures take some megabytes. A silo that has seen more forgets what it saw itself; what it was told stays.</summary>
    private const int MaxSignatures = 10_000;

    private readonly Lock _one = new();
    private readonly Dictionary<string, GroupMember> _told = new(StringComparer.Ordinal);
    private GroupIndex _index;
    private CrashCorrelator _correlator;

    public SiloGroups() => (_index, _correlator) = Empty();

    /// <summary>The group of a crash with <paramref name="signature"/>.</summary>
    public string Of(string signature, CrashFacts crash)
    {
        lock (_one)
        {
            if (_index.Signatures >= MaxSignatures)
            {
                Forget();
            }

            // The index is in memory: it has answered when this returns.
            var group = _correlator.GroupOf(signature, crash);
            return group.IsCompletedSuccessfully ? group.Result : signature;
        }
    }

    /// <summary>Takes over what the lessons say of a signature; at most half of what a silo keeps, the rest it correlates itself.</summary>
    public void Learn(GroupMember member)
    {
        ArgumentNullException.ThrowIfNull(member);
        lock (_one)
        {
            if (_told.Count < MaxSignatures / 2 || _told.ContainsKey(member.Signature))
            {
                _told[member.Signature] = member;
                File(_index, member);
            }
        }
    }

    private void Forget()
    {
        (_index, _correlator) = Empty();
        foreach (var member in _told.Values)
        {
            File(_index, member);
        }
    }

    private static (GroupIndex Index, CrashCorrelator Correlator) Empty()
    {
        var index = new GroupIndex();
        return (index, new CrashCorrelator(index));
    }

    private static void File(GroupIndex index, GroupMember member) => index.Add(member, GroupKeys.Of(member.Features));
}
