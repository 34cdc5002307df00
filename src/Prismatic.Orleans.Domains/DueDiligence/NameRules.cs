using System.Globalization;
using System.Text;
using F23.StringSimilarity;

namespace Prismatic.Domains.DueDiligence;

/// <summary>What makes two names alike: neither letter case, diacritics, punctuation, legal form nor the order of words tells them apart.</summary>
internal static class NameRules
{
    private static readonly JaroWinkler Likeness = new();

    private static readonly HashSet<string> LegalForms =
    [
        "sro", "spolsro", "as", "ks", "vos", "se", "ltd", "limited", "llc", "llp", "lp", "inc", "incorporated", "corp", "corporation", "co",
        "company", "plc", "gmbh", "ag", "kg", "ug", "sa", "sas", "sarl", "srl", "spa", "bv", "nv", "oy", "ab", "as", "aps", "kft", "zrt",
        "spzoo", "ooo", "oao", "pjsc", "jsc", "fze", "dmcc",
    ];

    /// <summary>The words that tell the name apart from others, in lower case without diacritics; at least one, even if it is a legal form.</summary>
    public static string[] Words(string name)
    {
        var plain = new StringBuilder();
        foreach (var c in name.Normalize(NormalizationForm.FormD))
        {
            if (c is '.' or '\'' or '’' || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark)
            {
                continue;
            }

            plain.Append(char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' ');
        }

        var words = plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return WithoutLegalForm(words);
    }

    /// <summary>0 (nothing alike) to 1 (the same): the better of the names as they stand and with their words sorted.</summary>
    public static double Similarity(string a, string b)
    {
        var (left, right) = (Words(a), Words(b));
        if (left.Length == 0 || right.Length == 0)
        {
            return 0;
        }

        return Math.Max(
            Likeness.Similarity(string.Join(' ', left), string.Join(' ', right)),
            Likeness.Similarity(string.Join(' ', left.Order(StringComparer.Ordinal)), string.Join(' ', right.Order(StringComparer.Ordinal))));
    }

    /// <summary>Whether both names have the same words.</summary>
    public static bool SameWords(string a, string b) => Words(a).Order(StringComparer.Ordinal).SequenceEqual(Words(b).Order(StringComparer.Ordinal));

    // A legal form stands at the end and may be written apart, as in "spol. s r. o.": the longest run of last words that make one goes.
    private static string[] WithoutLegalForm(string[] words)
    {
        for (var run = Math.Min(4, words.Length - 1); run > 0; run--)
        {
            if (LegalForms.Contains(string.Concat(words[^run..])))
            {
                return WithoutLegalForm(words[..^run]);
            }
        }

        return words;
    }
}
