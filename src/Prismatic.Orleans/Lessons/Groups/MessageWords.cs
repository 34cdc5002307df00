using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Prismatic.Lessons;

/// <summary>A message template as what can be compared: words that may be worded otherwise, and marks that may not.</summary>
internal readonly record struct MessageWords(ImmutableArray<uint> Words, ImmutableArray<uint> Marks, bool Foreign)
{
    /// <summary>Small words of German, Spanish, French, Italian and Portuguese that English messages do not have; two of them tell a language.</summary>
    private static readonly FrozenSet<string> ForeignWords = FrozenSet.ToFrozenSet(
        ["der", "das", "dem", "den", "des", "ein", "eine", "einer", "nicht", "ist", "wurde", "werden", "konnte", "kann", "auf", "von", "und", "mit", "zum", "zur", "für",
         "el", "la", "los", "las", "un", "una", "que", "se", "puede", "está", "del", "por", "con", "como", "le", "les", "une", "est", "pas", "du", "dans", "sur", "n'est",
         "di", "il", "lo", "della", "dei", "dalla", "che", "per", "não", "foi", "uma", "da", "ao", "pelo", "é"],
        StringComparer.Ordinal);

    /// <summary>The words of <paramref name="template"/> in lower case, at most <paramref name="max"/>; placeholders are none.</summary>
    public static MessageWords Of(string template, int max)
    {
        ArgumentNullException.ThrowIfNull(template);
        var words = new SortedSet<uint>();
        var marks = new SortedSet<uint>();
        var foreign = 0;
        Span<char> lower = stackalloc char[64];
        var source = template.AsSpan();
        foreach (var range in source.SplitAny(' ', '\n', '\t'))
        {
            var word = source[range].Trim(".,;:!?()[]{}=");
            if (word.IsEmpty || word[0] == '<' || word.Length > lower.Length)
            {
                continue;
            }

            foreign += word.ContainsAnyExceptInRange('\0', '\u024f') ? 2 : 0;
            if (IsMark(word))
            {
                marks.Add(StableHash.Short(word));
                continue;
            }

            var text = lower[..word.ToLowerInvariant(lower)];
            foreign += ForeignWords.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text) ? 1 : 0;
            if (words.Count < max)
            {
                words.Add(StableHash.Short(text));
            }
        }

        return new MessageWords([.. words], [.. marks], foreign > 1);
    }

    /// <summary>Numbers that the template kept, codes such as 40P01 and ORA-12541, and what it kept in quotes.</summary>
    private static bool IsMark(ReadOnlySpan<char> word) =>
        word[0] is '\'' or '-' || char.IsAsciiDigit(word[0])
        || (word.ContainsAnyInRange('0', '9') && !word.ContainsAnyInRange('a', 'z'));
}
