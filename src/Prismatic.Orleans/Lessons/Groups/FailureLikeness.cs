using System.Collections.Immutable;

namespace Prismatic.Lessons;

/// <summary>
/// Whether two crashes tell of the same failure, wherever it happened. Structured codes decide first: another SQLSTATE, HTTP status or
/// socket error is another failure, whatever the words are. Then the innermost exception's type and message.
/// </summary>
internal static class FailureLikeness
{
    /// <summary>Messages are worded otherwise between versions; this share of the words has to be the same.</summary>
    private const double EnoughWords = 0.7;

    /// <summary>This share is enough when the program's own code is the same: a name or id in the text that no template knows then weighs less.</summary>
    private const double EnoughWordsInOwnCode = 0.5;

    /// <summary>What a message counts whose words cannot be compared.</summary>
    private const double Unspoken = 0.8;

    /// <summary>0 when they are not the same failure, up to 1 when they say the same.</summary>
    /// <param name="a">One crash.</param>
    /// <param name="b">The other.</param>
    /// <param name="ownCode">Whether they happened in the same code of the same program.</param>
    public static double Of(CrashFeatures a, CrashFeatures b, bool ownCode)
    {
        if (ProgramNames.Contradict(a.Programs, b.Programs))
        {
            return 0;
        }

        if (a.Said == b.Said)
        {
            return 1;
        }

        if (a.Root != b.Root || CodesContradict(a.Codes, b.Codes))
        {
            return 0;
        }

        if (!a.Marks.AsSpan().SequenceEqual(b.Marks.AsSpan()))
        {
            return 0;
        }

        if (a.Foreign != b.Foreign)
        {
            // One runtime speaks another language, unless one of them says nothing at all.
            return a.Words.IsEmpty || b.Words.IsEmpty ? 0 : Unspoken;
        }

        var likeness = Shared(a.Words, b.Words);
        return likeness >= (ownCode ? EnoughWordsInOwnCode : EnoughWords) ? likeness : 0;
    }

    /// <summary>Whether both have a code of the same name, and no value of it in common.</summary>
    private static bool CodesContradict(ImmutableArray<ulong> a, ImmutableArray<ulong> b)
    {
        foreach (var code in a)
        {
            var name = (uint)(code >> 32);
            if (b.Any(other => (uint)(other >> 32) == name) && !b.Contains(code))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The share of words that both have; 1 when neither has any. Both are sorted.</summary>
    private static double Shared(ImmutableArray<uint> a, ImmutableArray<uint> b)
    {
        if (a.Length + b.Length == 0)
        {
            return 1;
        }

        var (i, j, same) = (0, 0, 0);
        while (i < a.Length && j < b.Length)
        {
            var order = a[i].CompareTo(b[j]);
            same += order == 0 ? 1 : 0;
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return 2.0 * same / (a.Length + b.Length);
    }
}
