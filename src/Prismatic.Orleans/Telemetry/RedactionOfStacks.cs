using System.Buffers;

namespace Prismatic.Telemetry;

/// <summary>
/// Redacts stack text. Nearly every stack consists of frames alone, which hold names of the code and nothing of its data: to see that
/// costs a small part of what looking for secrets would. Any other line has the whole text redacted.
/// </summary>
internal static class RedactionOfStacks
{
    private static readonly SearchValues<char> InMethod =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._,()[]`<>+&*|$?!-/");

    private static readonly SearchValues<char> InParameters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._,()[]`<>+&*|$?!-/ ");

    /// <summary>Redacts <paramref name="stack"/> and cuts it to <paramref name="maxLength"/> characters.</summary>
    public static string Scrub(string stack, int maxLength) =>
        HasFramesOnly(stack) ? PrintableText.Cut(PrintableText.Of(stack, maxLength + 1), maxLength) : Redaction.Scrub(stack, maxLength);

    private static bool HasFramesOnly(ReadOnlySpan<char> stack)
    {
        foreach (var line in stack.EnumerateLines())
        {
            var text = line.Trim();
            if (!text.IsEmpty && !IsFrame(text) && !(text.StartsWith("--- End of ") && text.EndsWith(" ---") && !text.ContainsAny("=:@")))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The word for "at", a method without spaces, its parameters, and perhaps a file.</summary>
    private static bool IsFrame(ReadOnlySpan<char> line)
    {
        var method = line.IndexOf(' ') + 1;
        var open = line.IndexOf('(');
        var close = line.LastIndexOf(')');
        if (method is < 2 or > 12 || open < method || close < open)
        {
            return false;
        }

        var after = line[(close + 1)..];
        return !line[method..open].ContainsAnyExcept(InMethod)
            && !line[open..close].ContainsAnyExcept(InParameters)
            && (after.IsEmpty || (after.StartsWith(" in ") && !after.ContainsAny("=@%\"'") && !after.Contains("://", StringComparison.Ordinal)));
    }
}
