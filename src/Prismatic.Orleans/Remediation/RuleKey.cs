using System.Globalization;
using Prismatic.Lessons;

namespace Prismatic.Remediation;

/// <summary>Which part of a pattern a key stands for.</summary>
internal enum RuleKeyKind
{
    Signature,
    Template,
    Type,
    Code,
    Gram,
    Frame,
    Worker,
    Under,
    Class,
}

/// <summary>Something that a crash must have for a rule to match.</summary>
internal readonly record struct RuleKey(RuleKeyKind Kind, string Text, string More = "")
{
    private static readonly RuleKey[] Classes =
        [.. Enum.GetValues<FailureClass>().Select(failure => new RuleKey(RuleKeyKind.Class, ((int)failure).ToString(CultureInfo.InvariantCulture)))];

    public static RuleKey OfClass(FailureClass failure) => (uint)failure < (uint)Classes.Length ? Classes[(int)failure] : new RuleKey(RuleKeyKind.Class, "?");

    /// <summary>
    /// The ways in which a pattern can be found, each a set of keys of which a matching crash has at least one; none for a pattern that must be
    /// tried.
    /// </summary>
    public static IEnumerable<RuleKey[]> Of(CrashPattern pattern)
    {
        if (pattern.Signature is { } signature)
        {
            yield return [new(RuleKeyKind.Signature, signature)];
        }

        if (pattern.MessageTemplate is { } template)
        {
            yield return [new(RuleKeyKind.Template, template)];
        }

        if (pattern.Code is { } code)
        {
            yield return pattern.CodeValues.IsDefaultOrEmpty
                ? [new(RuleKeyKind.Code, code)]
                : [.. pattern.CodeValues.Distinct().Select(value => new RuleKey(RuleKeyKind.Code, code, value))];
        }

        if (pattern.ExceptionType is { } type)
        {
            yield return [new(RuleKeyKind.Type, type)];
        }

        if (pattern.MessageContains is { } text)
        {
            foreach (var gram in TextGrams.Of(text))
            {
                yield return [new(RuleKeyKind.Gram, gram)];
            }
        }

        if (pattern.FrameStartsWith is { } frame)
        {
            yield return [new(RuleKeyKind.Frame, frame)];
        }

        if (pattern.Worker is { } worker)
        {
            yield return [new(RuleKeyKind.Worker, worker)];
        }

        if (pattern.Under is { } under)
        {
            yield return [new(RuleKeyKind.Under, under)];
        }

        if (pattern.Class is { } failure)
        {
            yield return [OfClass(failure)];
        }
    }
}

/// <summary>Four letters in a row, whatever their case: what a text contains can only be where they are.</summary>
internal static class TextGrams
{
    public const int Length = 4;

    /// <summary>The grams of a text; none when it is too short, or has letters whose case these four-letter windows cannot follow.</summary>
    public static IEnumerable<string> Of(string text)
    {
        if (text.Any(char.IsSurrogate))
        {
            yield break;
        }

        for (var i = 0; i + Length <= text.Length; i++)
        {
            yield return text.Substring(i, Length).ToUpperInvariant();
        }
    }

    public static ulong Pack(string gram)
    {
        ulong packed = 0;
        foreach (var letter in gram)
        {
            packed = Next(packed, letter);
        }

        return packed;
    }

    /// <summary>The gram that ends with <paramref name="letter"/>, one letter after <paramref name="gram"/>.</summary>
    public static ulong Next(ulong gram, char letter) => (gram << 16) | char.ToUpperInvariant(letter);
}
