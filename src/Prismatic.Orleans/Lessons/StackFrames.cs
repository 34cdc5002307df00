using System.Collections.Immutable;
using System.Text;

namespace Prismatic.Lessons;

/// <summary>
/// Reads .NET stack text in the forms that runtimes write it: any language's word for "at", async state machines, lambdas and local
/// functions under their compiler-made names, generic arity, Mono and native AOT offsets.
/// </summary>
internal static class StackFrames
{
    /// <summary>
    /// At most <paramref name="max"/> frames, innermost first, as <c>Namespace.Type.Method</c>, without the runtime's and the host's own.
    /// When nothing else is there, the host's frames stand, so that a failure in them still has a place.
    /// </summary>
    public static ImmutableArray<string> Significant(string stack, int max)
    {
        ArgumentNullException.ThrowIfNull(stack);
        var significant = ImmutableArray.CreateBuilder<string>();
        var host = ImmutableArray.CreateBuilder<string>();
        foreach (var range in stack.AsSpan().Split('\n'))
        {
            if (Parse(stack.AsSpan()[range]) is not { } frame || FramePlumbing.IsRuntime(frame))
            {
                continue;
            }

            var kept = FramePlumbing.IsHost(frame) ? host : significant;
            if (kept.Count < max && (kept.Count == 0 || kept[^1] != frame))
            {
                kept.Add(frame);
            }

            if (significant.Count == max)
            {
                break;
            }
        }

        return significant.Count > 0 ? significant.ToImmutable() : host.ToImmutable();
    }

    /// <summary>
    /// All frames but the runtime's, innermost first, of the first <paramref name="max"/>; without the host's outermost ones, which say only how
    /// the turn was dispatched, unless there are no others. A lambda ends with <c>.lambda</c>: it is other code than the method that it stands in.
    /// </summary>
    public static List<string> WithoutDispatch(string stack, int max)
    {
        ArgumentNullException.ThrowIfNull(stack);
        var frames = new List<string>();
        foreach (var range in stack.AsSpan().Split('\n'))
        {
            var line = stack.AsSpan()[range];
            if (Parse(line) is { } method && !FramePlumbing.IsRuntime(method) && (IsLambda(line) ? method + ".lambda" : method) is var frame
                && (frames.Count == 0 || frames[^1] != frame))
            {
                frames.Add(frame);
                if (frames.Count == max)
                {
                    break;
                }
            }
        }

        var last = frames.FindLastIndex(frame => !FramePlumbing.IsHost(frame));
        if (last >= 0)
        {
            frames.RemoveRange(last + 1, frames.Count - last - 1);
        }

        return frames;
    }

    /// <summary>The method of one line of stack text, folded, or null when the line is no frame.</summary>
    public static string? Parse(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        if (line.IsEmpty || line.StartsWith("---"))
        {
            return null;
        }

        var parameters = line.IndexOf('(');
        if (parameters <= 0)
        {
            return null;
        }

        var method = WithoutBrackets(line[..parameters]).AsSpan().Trim();
        var word = method.LastIndexOf(' ');
        if (word < 0 || method[..word].ContainsAny(':', ',', ';'))
        {
            return null;
        }

        method = method[(word + 1)..];
        return method.Contains('.') && !method.ContainsAny(":,;'\"") ? Fold(method) : null;
    }

    /// <summary>As compilers name a lambda, or as a demystified stack shows it.</summary>
    private static bool IsLambda(ReadOnlySpan<char> line) => line.Contains(">b__", StringComparison.Ordinal) || line.Contains("=>", StringComparison.Ordinal);

    /// <summary>Drops generic arguments in square brackets and the arity after a back quote.</summary>
    private static string WithoutBrackets(ReadOnlySpan<char> text)
    {
        var kept = new StringBuilder(text.Length);
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '[')
            {
                depth++;
            }
            else if (c == ']')
            {
                depth = Math.Max(0, depth - 1);
            }
            else if (depth == 0 && c == '`')
            {
                while (i + 1 < text.Length && char.IsAsciiDigit(text[i + 1]))
                {
                    i++;
                }
            }
            else if (depth == 0)
            {
                kept.Append(c);
            }
        }

        return kept.ToString();
    }

    private static string? Fold(ReadOnlySpan<char> method)
    {
        var folded = new StringBuilder(method.Length);
        var machine = false;
        foreach (var segment in Segments(method))
        {
            var name = segment;
            if (name.StartsWith("<>", StringComparison.Ordinal))
            {
                machine = machine || name.Contains("__", StringComparison.Ordinal);
                continue;
            }

            if (name.StartsWith('<') && !name.StartsWith("<PrivateImplementationDetails", StringComparison.Ordinal))
            {
                name = MethodBehind(name);
                machine = true;
                if (name.Length == 0 || EndsWithSegment(folded, name))
                {
                    continue;
                }
            }
            else if (machine && name is "MoveNext" or "Invoke" or "Start")
            {
                continue;
            }
            else if (name.IndexOf('<', StringComparison.Ordinal) is > 0 and var arguments)
            {
                name = name[..arguments];
            }

            if (folded.Length > 0)
            {
                folded.Append('.');
            }

            folded.Append(name);
        }

        return folded.Length == 0 ? null : folded.ToString();
    }

    /// <summary>Splits at dots, plus signs and slashes outside angle brackets; a constructor keeps its dot.</summary>
    private static List<string> Segments(ReadOnlySpan<char> method)
    {
        var segments = new List<string>();
        var depth = 0;
        var start = 0;
        for (var i = 0; i <= method.Length; i++)
        {
            var c = i < method.Length ? method[i] : '.';
            depth += c == '<' ? 1 : c == '>' && depth > 0 ? -1 : 0;
            if (i < method.Length && (depth > 0 || c is not ('.' or '+' or '/')))
            {
                continue;
            }

            if (i > start)
            {
                segments.Add(method[start..i].ToString());
            }

            start = i + 1;
        }

        if (segments.Count > 0 && segments[^1] is "ctor" or "cctor")
        {
            segments[^1] = "." + segments[^1];
        }

        return segments;
    }

    /// <summary>
    /// The user's method behind a compiler-made name: Run for <c>&lt;Run&gt;d__3</c>, <c>&lt;Run&gt;b__0_1</c>, <c>&lt;Run&gt;g__Step|2_0</c>
    /// and <c>&lt;&lt;Run&gt;g__Step|0&gt;d</c>; Send for the explicitly implemented <c>&lt;Ns-ISend-Send&gt;d__6</c>.
    /// </summary>
    private static string MethodBehind(string name)
    {
        var inside = name.TrimStart('<');
        var end = inside.IndexOf('>', StringComparison.Ordinal);
        inside = end < 0 ? inside : inside[..end];
        if (inside is ".ctor" or ".cctor")
        {
            return inside;
        }

        var cut = inside.LastIndexOfAny(['-', '.']);
        return cut < 0 ? inside : inside[(cut + 1)..];
    }

    private static bool EndsWithSegment(StringBuilder folded, string name)
    {
        var at = folded.Length - name.Length;
        if (at < 1 || folded[at - 1] != '.')
        {
            return false;
        }

        for (var i = 0; i < name.Length; i++)
        {
            if (folded[at + i] != name[i])
            {
                return false;
            }
        }

        return true;
    }
}
