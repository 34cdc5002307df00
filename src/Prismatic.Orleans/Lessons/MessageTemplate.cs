using System.Text.RegularExpressions;

namespace Prismatic.Lessons;

/// <summary>
/// The part of an exception's message that is the same each time the failure happens: ids, names in quotes, paths, addresses, times and
/// numbers become placeholders. Error codes stay, because another code is another failure: <c>SQLite Error 11</c>, <c>40P01: </c>,
/// <c>(10061)</c>, <c>503</c> after a word such as status, <c>0x80131904</c>, <c>ORA-12541</c>.
/// </summary>
internal static partial class MessageTemplate
{
    private const int MaxLength = 300;

    /// <summary>The template of <paramref name="message"/>, at most 300 characters.</summary>
    public static string Of(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var source = message.Length > 2000 ? message[..2000] : message;
        var template = Space().Replace(Volatile().Replace(source, Placeholder), " ").Trim();
        return template.Length <= MaxLength ? template : template[..MaxLength];
    }

    private static string Placeholder(Match match)
    {
        var groups = match.Groups;
        return groups["keep"].Success ? match.Value
            : groups["quoted"].Success ? groups["lead"].Value + Quoted(groups["quoted"].Value)
            : groups["url"].Success ? "<url>"
            : groups["path"].Success ? groups["before"].Value + "<path>"
            : groups["guid"].Success ? "<id>"
            : groups["time"].Success ? "<time>"
            : groups["host"].Success ? "<host>"
            : groups["hex"].Success ? "<hex>"
            : groups["token"].Success ? Token(match.Value)
            : "<n>";
    }

    /// <summary>A type's name or a single sign in quotes says what failed; anything else in quotes says with what.</summary>
    private static string Quoted(string quoted)
    {
        var inside = quoted[1..^1];
        var kept = inside.Length <= 1 || SignInHex().IsMatch(inside) || TypeName().IsMatch(inside);
        return kept ? $"'{Arity().Replace(inside, "")}'" : "'<text>'";
    }

    /// <summary>Letters and digits mixed: a name such as utf8 or Int32 stays; more than two digits, or digits in two places, make an id.</summary>
    private static string Token(string token)
    {
        if (token.Length < 24 && NameWithNumber().IsMatch(token))
        {
            return token;
        }

        return token.All(char.IsAsciiHexDigit) && token.Length >= 6 ? "<hex>" : "<id>";
    }

    // The order is the meaning: what is to be kept comes first, then the longer forms before the shorter ones that they contain.
    [GeneratedRegex(
        @"(?<keep>\b(?:error|errno|code|status|sqlstate|hresult|exit|fehler|win32)(?:[ \t]?(?:code|number))?[ \t]*[:=#(]{0,2}[ \t]*(?:-?\d{1,10}|[0-9A-Z]{5})\b"
        + @"|\bstatus code does not indicate success: \d{3}\b|\bHTTP(?:/\d(?:\.\d)?)? \d{3}\b|\([1-5]\d\d\)"
        + @"|^[0-9A-Z]{5}: |\(?\b1(?:00[0-9]{2}|01[01][0-9]|100[0-4])\b\)?|\b0x[89][0-9A-F]{7}\b"
        + @"|\b(?:ORA|TNS|DPI|DPY|SQL|MSB|AADSTS|CS|NU|WSA|TF)-?\d{3,6}\b)"
        + @"|(?<url>\b[a-z][a-z0-9+.\-]{1,20}://[^\s'""<>)\]]+)"
        + @"|(?<lead>^|[^\w'""])(?<quoted>""[^""\n]*""|'[^'\n]*')|(?<quoted>“[^”\n]*”|«[^»\n]*»|`[^`\n]*`|‘[^’\n]*’)"
        + @"|(?<path>(?:\b[A-Za-z]:\\|\\\\[\w.\-]+\\)(?:[^\s'""|*?:]| [^\s'""|*?:]+\\)*)"
        + @"|(?<path>(?<before>^|[\s'""(=:,])(?:~|\.{1,2})?(?:/[\w.\-+@%~<>]+){2,}/?)"
        + @"|(?<guid>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)"
        + @"|(?<time>\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|[+\-]\d\d:?\d\d))?)?|\b\d{1,2}[/.]\d{1,2}[/.]\d{4}(?: \d{1,2}:\d\d(?::\d\d)?(?: ?[AP]M)?)?|\b(?:\d+\.)?\d{1,2}:\d\d:\d\d(?:[.,]\d+)?)"
        + @"|(?<host>\b(?:[\w.\-]+@)?(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})*|\[[0-9a-f:]+\](?::\d{1,5})?|\b(?:[\w.\-]+@)?[a-z][\w\-]*(?:\.[\w\-]+)*:\d{2,5}\b|\[email\])"
        + @"|(?<hex>\b0x[0-9a-f]+\b)"
        + @"|(?<number>[+\-]?\b\d+(?:[.,]\d+)*(?:ms|kb|mb|gb|s|b)?\b)"
        + @"|(?<token><[a-z]{1,12}>|\b\w*(?:[0-9][\w\-]*[a-z]|[a-z][\w\-]*[0-9])[\w\-]*)",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Volatile();

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex Space();

    [GeneratedRegex(@"^0x[0-9A-Fa-f]{2}$", RegexOptions.NonBacktracking)]
    private static partial Regex SignInHex();

    [GeneratedRegex(@"^[A-Z]\w*(?:[.+][A-Z]\w*(?:`\d+)?)+(?:\[.*\])?$|^[A-Z]\w*(?:Context|Exception|Stream|Provider|Connection|Client)$|^I[A-Z][a-z]\w*$", RegexOptions.NonBacktracking)]
    private static partial Regex TypeName();

    [GeneratedRegex(@"`\d+|\[.*\]", RegexOptions.NonBacktracking)]
    private static partial Regex Arity();

    [GeneratedRegex(@"^[A-Za-z_]{2,}[0-9]{1,2}$|^[0-9]{1,2}[A-Za-z]$", RegexOptions.NonBacktracking)]
    private static partial Regex NameWithNumber();
}
