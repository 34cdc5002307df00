using System.Collections.Immutable;
using Prismatic.Supervision;
using Prismatic.Telemetry;

namespace Prismatic.Lessons;

/// <summary>A crash known only as text, from a file or a log, made into the facts that a live exception would have given.</summary>
internal static class RecordedCrash
{
    /// <summary>The facts; base types are unknown, codes are those that the messages tell.</summary>
    public static CrashFacts Read(string type, string message, string stack, IEnumerable<(string Type, string Message)> inner) => new()
    {
        Exceptions = [.. inner.Prepend((Type: type, Message: message)).Take(10).Select(part => Fact(part.Type, part.Message))],
        Stack = Redaction.Scrub(stack, 32 * 1024),
    };

    private static ExceptionFact Fact(string type, string message)
    {
        var scrubbed = Redaction.Scrub(message);
        return new ExceptionFact { Type = type, Message = scrubbed, Codes = ErrorCodes.FromText(type, scrubbed) };
    }
}
