using System.Globalization;
using System.Text.RegularExpressions;

namespace Prismatic.Telemetry;

/// <summary>
/// Takes secrets out of free text before it is logged, stored or shown: values of secret-like names, authorization tokens, keys of
/// well-known forms, user names and passwords in addresses, e-mail addresses, and PEM blocks. It works on what a text looks like, so it
/// is a second line: a secret in a form that it does not know stays. What a person needs to understand a failure stays too: error
/// codes, user ids of connection strings, GUIDs, stack frames. Control characters and terminal sequences go.
/// </summary>
internal static class Redaction
{
    private const string Mask = "***";

    /// <summary>Patterns look this far beyond the cap, so that a secret at the edge is still seen whole.</summary>
    private const int LookBeyond = 4096;

    /// <summary>Redacts <paramref name="text"/> and cuts it to <paramref name="maxLength"/> characters, the last of which is then an ellipsis.</summary>
    public static string Scrub(string text, int maxLength = 2000)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        var clean = PrintableText.Of(text, maxLength + LookBeyond);
        if (clean.Contains("-----BEGIN", StringComparison.Ordinal))
        {
            clean = RedactionPatterns.Pem().Replace(clean, "[pem]");
        }

        if (clean.Contains("://", StringComparison.Ordinal))
        {
            clean = RedactionPatterns.UserInfo().Replace(clean, "$1" + Mask + "@");
        }

        if (clean.AsSpan().ContainsAny(RedactionPatterns.TokenStarts))
        {
            clean = RedactionPatterns.Scheme().Replace(clean, ReplaceScheme);
            clean = RedactionPatterns.KnownToken().Replace(clean, "[token]");
        }

        if (clean.AsSpan().ContainsAny(RedactionPatterns.SecretNames))
        {
            clean = RedactionPatterns.ConnectionPassword().Replace(clean, "$1" + Mask + ";");
            clean = RedactionPatterns.Authorization().Replace(clean, "$1" + Mask);
            clean = RedactionPatterns.NamedSecret().Replace(clean, ReplaceNamed);
            clean = RedactionPatterns.SpokenSecret().Replace(clean, ReplaceSpoken);
        }

        if (clean.Contains('@', StringComparison.Ordinal) || clean.Contains("%40", StringComparison.Ordinal))
        {
            clean = RedactionPatterns.Email().Replace(clean, "[email]");
        }

        return PrintableText.Cut(clean, maxLength);
    }

    /// <summary>Whether a value under this name is a secret whatever it looks like.</summary>
    public static bool IsSecretName(string name) => RedactionPatterns.SecretName().IsMatch(name);

    private static string ReplaceNamed(Match match)
    {
        var name = match.Groups["name"].Value;
        var value = match.Groups["value"].Value.Trim('"', '\'', '\\');
        if (name.EndsWith("PublicKeyToken", StringComparison.OrdinalIgnoreCase))
        {
            return match.Value;
        }

        // "Unexpected token: StartObject" names no secret; "token=kX9..." does. A password is one whatever it looks like.
        var weak = name.EndsWith("token", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith("sig", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith("signature", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith("cookie", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith("credential", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith("credentials", StringComparison.OrdinalIgnoreCase);
        return value.Length == 0 || (weak && !LooksSecret(value))
            ? match.Value
            : string.Create(CultureInfo.InvariantCulture, $"{name}{match.Groups["between"].Value}{Mask}");
    }

    private static string ReplaceSpoken(Match match)
    {
        var value = match.Groups["value"].Value;
        return Guid.TryParse(value, out _) || !value.Any(char.IsAsciiDigit) || !value.Any(char.IsAsciiLetter)
            ? match.Value
            : match.Groups["lead"].Value + Mask;
    }

    private static string ReplaceScheme(Match match) =>
        LooksSecret(match.Groups["value"].Value) ? match.Groups["lead"].Value + Mask : match.Value;

    /// <summary>A word of the language has no digit, no capital after its first letter, and is not long.</summary>
    private static bool LooksSecret(string value) =>
        value.Length >= 6 && value.TrimEnd('.', ':') is var word && (value.Length >= 24 || value.Any(char.IsAsciiDigit) || value.Contains('=', StringComparison.Ordinal)
            || (value.Length >= 8 && word.Skip(1).Any(char.IsAsciiLetterUpper) && word.Any(char.IsAsciiLetterLower) && !IsWords(word)));

    /// <summary>StartObject, PropertyName: capitals that begin words of at least three letters.</summary>
    private static bool IsWords(string value)
    {
        var run = 3;
        foreach (var c in value)
        {
            if (!char.IsAsciiLetter(c) || (char.IsAsciiLetterUpper(c) && run < 3))
            {
                return false;
            }

            run = char.IsAsciiLetterUpper(c) ? 1 : run + 1;
        }

        return run >= 3;
    }
}
