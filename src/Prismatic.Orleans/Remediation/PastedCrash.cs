using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Remediation;

/// <summary>
/// Reads an exception as .NET prints it, from a log or a console: <c>Type: message</c>, inner ones after <c>---&gt;</c>, then the frames.
/// Lines before the first exception, such as a log's own prefix, are left out.
/// </summary>
internal static partial class PastedCrash
{
    public const int MaxLength = 64 * 1024;

    /// <summary>The facts, redacted like those of a live crash; null when the text holds no exception.</summary>
    public static CrashFacts? Read(string text)
    {
        var chain = new List<(string Type, string Message, string Code)>();
        var frames = new List<string>();
        var inMessage = false;
        foreach (var line in text.Length <= MaxLength ? text.EnumerateLines() : text.AsSpan(0, MaxLength).EnumerateLines())
        {
            var trimmed = line.Trim();
            if (Frame().IsMatch(trimmed) && chain.Count > 0)
            {
                frames.Add($"   {trimmed}");
                inMessage = false;
            }
            else if (trimmed.StartsWith("--- ", StringComparison.Ordinal) && !trimmed.StartsWith("--->", StringComparison.Ordinal))
            {
                frames.Add($"   {trimmed}");
                inMessage = false;
            }
            else if (Begins(trimmed, chain.Count == 0) is { } found)
            {
                chain.AddRange(found);
                inMessage = true;
            }
            else if (inMessage)
            {
                chain[^1] = chain[^1] with { Message = $"{chain[^1].Message}\n{line}" };
            }
        }

        if (chain.Count == 0)
        {
            return null;
        }

        var facts = RecordedCrash.Read(chain[0].Type, chain[0].Message, string.Join('\n', frames), chain.Skip(1).Select(part => (part.Type, part.Message)));
        return facts with { Exceptions = [.. facts.Exceptions.Select((fact, i) => WithCode(fact, chain[i].Code))] };
    }

    /// <summary>The exceptions that a line begins: a message and inner ones can stand on one line.</summary>
    private static List<(string Type, string Message, string Code)>? Begins(ReadOnlySpan<char> line, bool first)
    {
        if (!first && !line.StartsWith("--->", StringComparison.Ordinal))
        {
            return null;
        }

        var found = new List<(string, string, string)>();
        foreach (var part in line.ToString().Split("--->", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var head = Head().Match(part);
            if (head.Success)
            {
                found.Add((head.Groups["type"].Value, head.Groups["message"].Value.Replace("<---", "", StringComparison.Ordinal).Trim(), head.Groups["code"].Value));
            }
        }

        return found.Count == 0 ? null : found;
    }

    /// <summary>A socket's error stands behind its type: Windows' number, which is also .NET's, or the one of Linux.</summary>
    private static ExceptionFact WithCode(ExceptionFact fact, string code)
    {
        if (!fact.Type.EndsWith("SocketException", StringComparison.Ordinal) || !int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return fact;
        }

        SocketError? error = number switch
        {
            >= 10_000 when Enum.IsDefined((SocketError)number) => (SocketError)number,
            32 => SocketError.Shutdown,
            101 => SocketError.NetworkUnreachable,
            103 => SocketError.ConnectionAborted,
            104 => SocketError.ConnectionReset,
            110 => SocketError.TimedOut,
            111 => SocketError.ConnectionRefused,
            112 => SocketError.HostDown,
            113 => SocketError.HostUnreachable,
            _ => null,
        };
        return error is { } known ? fact with { Codes = fact.Codes.SetItem("socket", known.ToString()) } : fact;
    }

    [GeneratedRegex(@"^\p{L}{1,12} [\w.<>`+\[\],|&*]+\(", RegexOptions.NonBacktracking)]
    private static partial Regex Frame();

    [GeneratedRegex(@"(?:^|\s)(?<type>[A-Za-z_][\w`+]*(?:\.[A-Za-z_][\w`+]*)*(?:Exception|Error|Fault)(?:`\d+)?)(?: \((?<code>0x[0-9A-Fa-f]+|-?\d+)\))?(?::\s?(?<message>.*))?$", RegexOptions.NonBacktracking)]
    private static partial Regex Head();
}
