using System.Collections.Immutable;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>A chain of exceptions without those that only carry another one.</summary>
internal static class ExceptionChain
{
    /// <summary>The templates of messages that were read lately: most crashes of a failure say the same to the letter.</summary>
    private static readonly Memo<string, string> Templates = new(1024);

    /// <summary>Whether this type only carries another exception and says nothing itself.</summary>
    public static bool IsWrapper(string type) => type is
        "System.AggregateException" or "System.Reflection.TargetInvocationException" or "System.TypeInitializationException";

    /// <summary>The chain without its wrappers; the innermost alone when all are wrappers.</summary>
    public static ImmutableArray<ExceptionFact> Unwrapped(ImmutableArray<ExceptionFact> chain)
    {
        var kept = chain.RemoveAll(fact => IsWrapper(fact.Type));
        return kept.IsEmpty ? [chain[^1]] : kept;
    }

    /// <summary>
    /// The template of one exception's message. The runtime's messages for some types say nothing that the type does not say, and are
    /// written in the language of the machine: theirs is empty.
    /// </summary>
    public static string Template(ExceptionFact fact) =>
        fact.Type is "System.NullReferenceException" or "System.IndexOutOfRangeException" or "System.DivideByZeroException"
            || (fact.Type == "System.OutOfMemoryException" && fact.Message.Contains(fact.Type, StringComparison.Ordinal))
            ? ""
            : Templates.Get(fact.Message, static message => MessageTemplate.Of(message));

    /// <summary>The type's name as people know it: the runtime has private heirs of public exceptions.</summary>
    public static string TypeName(string type) => type == "System.Net.Internals.SocketExceptionFactory+ExtendedSocketException" ? "System.Net.Sockets.SocketException" : type;
}
