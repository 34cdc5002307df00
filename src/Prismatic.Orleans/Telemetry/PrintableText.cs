using System.Buffers;
using System.Text;

namespace Prismatic.Telemetry;

/// <summary>
/// Text that is safe to write to a terminal, a log line or a page: no control characters but line feed and tab, no terminal sequences,
/// no marks that turn the direction of writing, no half surrogate pairs.
/// </summary>
internal static class PrintableText
{
    private static readonly SearchValues<char> Suspect = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(c => c is not ('\n' or '\t')).Select(c => (char)c),
         .. Enumerable.Range(0x7f, 0x21).Select(c => (char)c),
         '\u200e', '\u200f', '\u2028', '\u2029', '\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069', '\ufeff',
         .. Enumerable.Range(0xd800, 0x800).Select(c => (char)c)]);

    /// <summary>The printable part of the first <paramref name="take"/> characters.</summary>
    public static string Of(string text, int take)
    {
        var source = text.AsSpan(0, Math.Min(text.Length, take));
        if (!source.ContainsAny(Suspect))
        {
            return source.Length == text.Length ? text : source.ToString();
        }

        var kept = new StringBuilder(source.Length);
        for (var i = 0; i < source.Length; i++)
        {
            var c = source[i];
            if (c == '\u001b')
            {
                i = EndOfSequence(source, i);
            }
            else if (!Suspect.Contains(c))
            {
                kept.Append(c);
            }
            else if (char.IsHighSurrogate(c) && i + 1 < source.Length && char.IsLowSurrogate(source[i + 1]))
            {
                kept.Append(c).Append(source[++i]);
            }
            else if (char.IsSurrogate(c))
            {
                kept.Append('\ufffd');
            }
        }

        return kept.ToString();
    }

    /// <summary>At most <paramref name="max"/> characters; a cut text ends with an ellipsis and never with half a pair.</summary>
    public static string Cut(string text, int max)
    {
        if (text.Length <= max)
        {
            return text;
        }

        var end = max - 1;
        if (end > 0 && char.IsHighSurrogate(text[end - 1]))
        {
            end--;
        }

        return string.Concat(text.AsSpan(0, end), "…");
    }

    /// <summary>The index of the last character of the terminal sequence that starts at <paramref name="start"/>.</summary>
    private static int EndOfSequence(ReadOnlySpan<char> text, int start)
    {
        if (start + 1 >= text.Length)
        {
            return start;
        }

        var i = start + 2;
        switch (text[start + 1])
        {
            case '[':
                while (i < text.Length && text[i] is >= ' ' and <= '?')
                {
                    i++;
                }

                return Math.Min(i, text.Length - 1);
            case ']':
                while (i < text.Length && text[i] is not ('\a' or '\u001b' or '\n'))
                {
                    i++;
                }

                return i + 1 < text.Length && text[i] == '\u001b' && text[i + 1] == '\\' ? i + 1 : Math.Min(i, text.Length - 1);
            default:
                return start + 1;
        }
    }
}
