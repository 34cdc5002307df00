using System.Text.RegularExpressions;
using Prismatic.Supervision;

namespace Prismatic.Remediation;

/// <summary>Whether a crash has every part of a pattern. Allocates nothing.</summary>
internal static class PatternMatch
{
    public static bool Matches(CrashPattern pattern, in CrashInput crash, Regex? regex) =>
        (pattern.Signature is null || pattern.Signature == crash.Signature)
        && (pattern.Blame ?? Blame.Worker) == crash.Facts.Blame
        && (!pattern.StateDamaged || crash.Facts.StateDamaged)
        && (!pattern.TargetKnown || !string.IsNullOrEmpty(crash.Facts.Target))
        && (!pattern.FailedStart || crash.Facts.FailedStart)
        && (pattern.Class is null || pattern.Class == crash.Class)
        && (pattern.Worker is null || pattern.Worker == crash.Facts.WorkerType)
        && (pattern.Under is null || ChildPath.IsUnder(crash.Facts.Child, pattern.Under))
        && (pattern.Code is null || HasCode(crash.Facts, pattern))
        && (pattern.ExceptionType is null || HasType(crash.Facts, pattern.ExceptionType))
        && (pattern.MessageTemplate is null || HasTemplate(crash.Templates, pattern.MessageTemplate))
        && (pattern.MessageContains is null || HasMessage(crash.Facts, pattern.MessageContains))
        && (regex is null || HasMessage(crash.Facts, regex))
        && (pattern.FrameStartsWith is null || HasFrame(crash.Facts.Stack, pattern.FrameStartsWith));

    public static bool HasCode(ExceptionFact exception, CrashPattern pattern) =>
        exception.Codes.TryGetValue(pattern.Code!, out var value)
        && (pattern.CodeValues.IsDefaultOrEmpty || pattern.CodeValues.Contains(value));

    /// <summary>0 for the type itself, 1 for its base type and so on; -1 when it is neither.</summary>
    public static int DistanceTo(ExceptionFact exception, string type) =>
        exception.Type == type ? 0
            : exception.BaseTypes.IsDefaultOrEmpty ? -1
            : exception.BaseTypes.IndexOf(type) is >= 0 and var at ? at + 1 : -1;

    /// <summary>A frame's line is <c>at Namespace.Type.Method(…)</c>; the first word is written in the language of the process.</summary>
    public static ReadOnlySpan<char> FrameIn(ReadOnlySpan<char> line)
    {
        var frame = line.Trim();
        return frame[(frame.IndexOf(' ') + 1)..];
    }

    private static bool HasCode(CrashFacts facts, CrashPattern pattern)
    {
        foreach (var exception in facts.Exceptions)
        {
            if (HasCode(exception, pattern))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasType(CrashFacts facts, string type)
    {
        foreach (var exception in facts.Exceptions)
        {
            if (DistanceTo(exception, type) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasTemplate(string[]? templates, string template) => templates is not null && templates.AsSpan().Contains(template);

    private static bool HasMessage(CrashFacts facts, string text)
    {
        foreach (var exception in facts.Exceptions)
        {
            if (exception.Message.Contains(text, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasMessage(CrashFacts facts, Regex regex)
    {
        foreach (var exception in facts.Exceptions)
        {
            if (CompiledRule.IsMatch(regex, exception.Message))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasFrame(string stack, string prefix)
    {
        foreach (var line in stack.AsSpan().EnumerateLines())
        {
            if (FrameIn(line).StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
