using System.Collections.Immutable;

namespace Prismatic.Domains.DueDiligence;

/// <summary>
/// Whether two records are the same. Fields that only one of them has say nothing. A name alone makes a match only when its words are
/// the same: similar names of different firms are common.
/// </summary>
internal static class MatchRules
{
    public const double SameAbove = 0.85;
    public const double ReviewFrom = 0.65;
    private const double AnyTwoNames = 0.75;

    public static MatchResult Compare(EntityRecord a, EntityRecord b)
    {
        var fields = Fields(a, b).ToImmutableArray();
        var score = fields.Sum(field => field.Score * field.Weight) / fields.Sum(field => field.Weight);
        var veto = Veto(a, b);
        return new MatchResult { Score = score, Decision = veto is null ? Decide(a, b, score, fields) : MatchDecision.Distinct, Fields = fields, Veto = veto };
    }

    private static MatchDecision Decide(EntityRecord a, EntityRecord b, double score, ImmutableArray<FieldMatch> fields)
    {
        var corroborated = fields.Any(field => field.Field is not "name" and not "country" && field.Score > 0) || Names(a).Any(x => Names(b).Any(y => NameRules.SameWords(x, y)));
        return score switch
        {
            > SameAbove when corroborated => MatchDecision.Same,
            >= ReviewFrom => MatchDecision.Review,
            _ => MatchDecision.Distinct,
        };
    }

    private static IEnumerable<FieldMatch> Fields(EntityRecord a, EntityRecord b)
    {
        yield return new FieldMatch { Field = "name", Weight = 0.6, Score = NameScore(a, b) };
        if (a.Country is { Length: > 0 } here && b.Country is { Length: > 0 } there)
        {
            yield return new FieldMatch { Field = "country", Weight = 0.1, Score = here.Equals(there, StringComparison.OrdinalIgnoreCase) ? 1 : 0 };
        }

        if (a.BirthDate is { Length: > 0 } left && b.BirthDate is { Length: > 0 } right)
        {
            yield return new FieldMatch { Field = "birthDate", Weight = 0.2, Score = DatesAgree(left, right) ? 1 : 0 };
        }

        foreach (var kind in a.Identifiers.Keys.Intersect(b.Identifiers.Keys).Order(StringComparer.Ordinal))
        {
            yield return new FieldMatch { Field = kind, Weight = 0.5, Score = SameId(a.Identifiers[kind], b.Identifiers[kind]) ? 1 : 0 };
        }
    }

    // Any two names are somewhat alike to Jaro-Winkler, as "Acme Trading" and "Zebra Mining" are by 0.69: below 0.75 likeness counts half.
    private static double NameScore(EntityRecord a, EntityRecord b)
    {
        var best = Names(a).Max(x => Names(b).Max(y => NameRules.Similarity(x, y)));
        return best < AnyTwoNames ? best / 2 : best;
    }

    private static string? Veto(EntityRecord a, EntityRecord b)
    {
        if (a.Kind is not EntityKind.Unknown && b.Kind is not EntityKind.Unknown && a.Kind != b.Kind)
        {
            return $"One is a {a.Kind}, the other a {b.Kind}.";
        }

        if (a.BirthDate is { Length: > 0 } left && b.BirthDate is { Length: > 0 } right && !DatesAgree(left, right))
        {
            return $"Their birth dates are {left} and {right}.";
        }

        return a.Identifiers.Keys.Intersect(b.Identifiers.Keys).Order(StringComparer.Ordinal)
            .Where(kind => !SameId(a.Identifiers[kind], b.Identifiers[kind]))
            .Select(kind => $"Their {kind} is {a.Identifiers[kind]} and {b.Identifiers[kind]}.")
            .FirstOrDefault();
    }

    internal static IEnumerable<string> Names(EntityRecord record) => record.Aliases.Prepend(record.Name);

    private static bool SameId(string a, string b) => Bare(a) == Bare(b);

    private static string Bare(string id) => new string([.. id.Where(char.IsLetterOrDigit).Select(char.ToUpperInvariant)]).TrimStart('0');

    // Dates agree as far as both are known: 1961 and 1961-03-12 do.
    private static bool DatesAgree(string a, string b)
    {
        var length = Math.Min(a.Length, b.Length);
        return string.CompareOrdinal(a, 0, b, 0, length) == 0;
    }
}
