using System.Text.RegularExpressions;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Remediation;

/// <summary>A crash as rules look at it.</summary>
/// <param name="Facts">What is known.</param>
/// <param name="Signature">The signature's hash.</param>
/// <param name="Class">The failure class.</param>
/// <param name="Templates">The message templates of the chain, in its order; null when no rule asks for one.</param>
internal readonly record struct CrashInput(CrashFacts Facts, string Signature, FailureClass Class, string[]? Templates);

/// <summary>A rule ready to be tried: its expression compiled, its place in the order known.</summary>
internal sealed class CompiledRule(RemediationRule rule, int rank, int order)
{
    /// <summary>The longest expression.</summary>
    public const int MaxExpression = 200;

    private const int MaxInput = 2_000;

    private readonly Regex? _regex = rule.Pattern.MessageRegex is { } expression ? Compile(expression) : null;

    public RemediationRule Rule { get; } = rule;

    /// <summary>Rules of one rank are told apart by the crash; lower is tried first.</summary>
    public int Rank { get; } = rank;

    /// <summary>The place among all rules.</summary>
    public int Order { get; } = order;

    /// <exception cref="ArgumentException">It is not valid.</exception>
    /// <exception cref="NotSupportedException">It cannot run without backtracking.</exception>
    public static Regex Compile(string expression) =>
        new(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);

    /// <summary>
    /// Whether the crash has every part. A table can come from another build: whatever it says, state is reset only on our own facet's
    /// evidence, and a rule is asked about a worker's own crashes unless it names another blame.
    /// </summary>
    public bool Matches(in CrashInput crash) =>
        (crash.Facts.StateDamaged || Rule.Action is not RestartWithStateReset)
        && PatternMatch.Matches(Rule.Pattern, crash, _regex);

    /// <summary>The parts that the crash does not have.</summary>
    public IEnumerable<string> Missing(CrashInput crash)
    {
        foreach (var part in PatternParts.Of(Rule.Pattern))
        {
            if (!PatternMatch.Matches(part, crash, part.MessageRegex is null ? null : _regex))
            {
                yield return part.Describe();
            }
        }
    }

    /// <summary>
    /// How deep in the chain the exception lies that the pattern names, and, where it names a type, how near that type is. The innermost
    /// exception is the nearest to the cause.
    /// </summary>
    public (int Depth, int Nearness) NearnessIn(in CrashInput crash)
    {
        var pattern = Rule.Pattern;
        for (var i = crash.Facts.Exceptions.Length - 1; i >= 0; i--)
        {
            var exception = crash.Facts.Exceptions[i];
            if (pattern.Code is not null)
            {
                if (PatternMatch.HasCode(exception, pattern))
                {
                    return (i, 0);
                }
            }
            else if (pattern.ExceptionType is not null)
            {
                if (PatternMatch.DistanceTo(exception, pattern.ExceptionType) is >= 0 and var distance)
                {
                    return (i, -distance);
                }
            }
            else if (pattern.MessageTemplate is not null && crash.Templates![i] == pattern.MessageTemplate)
            {
                return (i, 0);
            }
        }

        return (-1, 0);
    }

    internal static bool IsMatch(Regex regex, string message) => regex.IsMatch(message.AsSpan(0, Math.Min(message.Length, MaxInput)));
}

/// <summary>Takes a pattern apart, to say which of its parts a crash lacks.</summary>
internal static class PatternParts
{
    public static IEnumerable<CrashPattern> Of(CrashPattern pattern)
    {
        CrashPattern[] parts =
        [
            new() { Signature = pattern.Signature },
            new() { StateDamaged = pattern.StateDamaged },
            new() { ExceptionType = pattern.ExceptionType },
            new() { Code = pattern.Code, CodeValues = pattern.CodeValues },
            new() { MessageTemplate = pattern.MessageTemplate },
            new() { MessageContains = pattern.MessageContains },
            new() { MessageRegex = pattern.MessageRegex },
            new() { FrameStartsWith = pattern.FrameStartsWith },
            new() { TargetKnown = pattern.TargetKnown },
            new() { FailedStart = pattern.FailedStart },
            new() { Class = pattern.Class },
            new() { Blame = pattern.Blame },
            new() { Worker = pattern.Worker },
            new() { Under = pattern.Under },
        ];
        return parts.Where(part => Specificity.Of(part).Parts > 0);
    }
}
