using System.Globalization;
using System.Text;
using F23.StringSimilarity;

namespace Prismatic.Domains.Osint;

/// <summary>Whether a domain name looks like a brand's: by letters that look alike, by a typing slip, or by containing it.</summary>
internal static class LookAlikes
{
    private static readonly IdnMapping Idn = new();
    private static readonly Damerau Edits = new();

    // Pairs of letters, then single ones, that a reader takes for the Latin letters on the right.
    private static readonly (string From, string To)[] Shapes =
    [
        ("rn", "m"), ("vv", "w"), ("cl", "d"),
        ("0", "o"), ("1", "l"), ("i", "l"), ("3", "e"), ("5", "s"), ("8", "b"),
        ("а", "a"), ("е", "e"), ("о", "o"), ("р", "p"), ("с", "c"), ("у", "y"), ("х", "x"), ("і", "l"), ("ѕ", "s"), ("ν", "v"), ("ο", "o"), ("α", "a"),
    ];

    /// <summary>The hit, or null when the name does not look like the brand or is the brand itself.</summary>
    public static NameHit? Judge(string name, string brand)
    {
        var given = Unicode(name);
        var wanted = Unicode(brand);
        if (given == wanted || given.EndsWith("." + wanted, StringComparison.Ordinal))
        {
            return null;
        }

        var (label, brandLabel) = (Label(given), Label(wanted));
        var distance = (int)Edits.Distance(Skeleton(label), Skeleton(brandLabel));
        string? reason = distance switch
        {
            0 when label != brandLabel => "homoglyph",
            0 => "contains",
            1 when brandLabel.Length >= 4 => "edit-distance",
            2 when brandLabel.Length >= 8 => "edit-distance",
            _ when brandLabel.Length >= 4 && Skeleton(given).Contains(Skeleton(brandLabel), StringComparison.Ordinal) => "contains",
            _ => null,
        };
        return reason is null ? null : new NameHit { Name = name, Brand = brand, Reason = reason, Distance = distance };
    }

    /// <summary>The same text for names that look the same.</summary>
    internal static string Skeleton(string text)
    {
        var plain = new StringBuilder();
        foreach (var c in text.Normalize(NormalizationForm.FormKD).Where(c => CharUnicodeInfo.GetUnicodeCategory(c) is not UnicodeCategory.NonSpacingMark))
        {
            plain.Append(c);
        }

        foreach (var (from, to) in Shapes)
        {
            plain.Replace(from, to);
        }

        return plain.ToString();
    }

    private static string Unicode(string name)
    {
        var lower = name.Trim().TrimEnd('.').ToLowerInvariant();
        return lower.Contains("xn--", StringComparison.Ordinal) ? Idn.GetUnicode(lower) : lower;
    }

    /// <summary>The label before the last dot: the registered name, for suffixes of one label.</summary>
    private static string Label(string name)
    {
        var labels = name.Split('.');
        return labels.Length < 2 ? name : labels[^2];
    }
}
