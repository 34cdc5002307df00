using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Prismatic.Lessons;

/// <summary>
/// Names of programs and assemblies in messages. Paths vary from machine to machine and are no part of a template, but a program keeps its
/// name: two that name different ones do not fail alike.
/// </summary>
internal static partial class ProgramNames
{
    private const int Kept = 4;

    /// <summary>The hashes of the names in <paramref name="messages"/>, sorted, at most 4.</summary>
    public static ImmutableArray<uint> In(IEnumerable<string> messages)
    {
        var names = new SortedSet<uint>();
        foreach (var message in messages)
        {
            foreach (var match in Names().EnumerateMatches(message))
            {
                names.Add(StableHash.Short(message.AsSpan(match.Index, match.Length)));
            }
        }

        return [.. names.Take(Kept)];
    }

    /// <summary>Whether both name some, and none in common.</summary>
    public static bool Contradict(ImmutableArray<uint> a, ImmutableArray<uint> b)
    {
        foreach (var name in a)
        {
            if (b.Contains(name))
            {
                return false;
            }
        }

        return a.Length > 0 && b.Length > 0;
    }

    [GeneratedRegex(@"[A-Za-z][A-Za-z.]{2,60}\.(?:exe|dll)", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
