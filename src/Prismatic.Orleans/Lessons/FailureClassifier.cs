using System.Collections.Immutable;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>
/// Answers for one crash: what has to change for the next attempt to succeed? Evidence is asked in order of its worth: our own state
/// facet, error codes, exception types that mean one thing, words of the messages, what the code was doing, types that mean a thing
/// mostly. The evidence itself stands in <see cref="FailureEvidence"/>.
/// </summary>
internal static class FailureClassifier
{
    /// <summary>The class of <paramref name="crash"/>.</summary>
    public static FailureClass Classify(CrashFacts crash)
    {
        ArgumentNullException.ThrowIfNull(crash);
        var chain = ExceptionChain.Unwrapped(crash.Exceptions);
        return crash.StateDamaged ? FailureClass.StateCorruption
            : ByCode(chain)
            ?? ByType(chain, FailureEvidence.SureTypes)
            ?? ByWords(crash.Exceptions)
            ?? ByContent(chain, crash.Stack)
            ?? ByType(chain, FailureEvidence.LikelyTypes)
            ?? FailureClass.LogicError;
    }

    /// <summary>The innermost code is the nearest to the cause.</summary>
    private static FailureClass? ByCode(ImmutableArray<ExceptionFact> chain)
    {
        for (var i = chain.Length - 1; i >= 0; i--)
        {
            foreach (var (name, value) in chain[i].Codes)
            {
                if (CodeEvidence.ClassOf(name, value) is { } known)
                {
                    return known;
                }
            }
        }

        return null;
    }

    /// <summary>The first row of the table that any exception of the chain fits, itself or by a base type.</summary>
    private static FailureClass? ByType(ImmutableArray<ExceptionFact> chain, ImmutableArray<(FailureClass Class, string[] Names)> table)
    {
        foreach (var (known, names) in table)
        {
            if (chain.Any(fact => Named(fact.Type, names) || fact.BaseTypes.Any(type => Named(type, names))))
            {
                return known;
            }
        }

        return null;
    }

    /// <summary>A name without stars is the end of the full type name; between stars it is a part of the simple name.</summary>
    private static bool Named(string type, string[] names)
    {
        var simple = type.AsSpan(type.LastIndexOfAny(['.', '+']) + 1);
        foreach (var name in names)
        {
            if (name.StartsWith('*') ? simple.Contains(name.AsSpan().Trim('*'), StringComparison.Ordinal) : simple.SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }

    private static FailureClass? ByWords(ImmutableArray<ExceptionFact> chain)
    {
        foreach (var (known, words) in FailureEvidence.Words)
        {
            if (chain.Any(fact => fact.Message.AsSpan().ContainsAny(words)))
            {
                return known;
            }

            // The counters come after the words for a resource that ran out and before those for a mere timeout.
            if (known == FailureClass.ResourceExhaustion && chain.Any(fact => PoolCounters.ShowStarvation(fact.Message)))
            {
                return known;
            }
        }

        return null;
    }

    /// <summary>
    /// Content that could not be read is external when a remote side sent it, corrupt state when it was read from what was stored, and
    /// otherwise the code's fault. Where it came from shows in what it begins with and in the names of the methods that asked for it.
    /// </summary>
    private static FailureClass? ByContent(ImmutableArray<ExceptionFact> chain, string stack)
    {
        if (!chain.Any(fact => Named(fact.Type, FailureEvidence.UnreadableContentTypes) || fact.Message.AsSpan().ContainsAny(FailureEvidence.UnreadableContentWords)))
        {
            return null;
        }

        if (chain.Any(fact => fact.Message.AsSpan().ContainsAny(FailureEvidence.HtmlWords)))
        {
            return FailureClass.ExternalDependency;
        }

        var text = string.Join('\n', StackFrames.Significant(stack, 20).Concat(chain.Select(fact => fact.Type + " " + fact.Message)));
        return text.AsSpan().ContainsAny(FailureEvidence.RemoteSources) ? FailureClass.ExternalDependency
            : text.AsSpan().ContainsAny(FailureEvidence.StoredSources) || chain.Any(fact => fact.Message.AsSpan().ContainsAny(FailureEvidence.TornContentWords)) ? FailureClass.StateCorruption
            : FailureClass.LogicError;
    }
}
