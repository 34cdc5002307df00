using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// Who is to blame for an exception that ended a turn.
/// An argument exception is the request's fault when it names a parameter of the method that was called; one that names
/// anything else was thrown by the worker's own code over its own values, and is a crash.
/// </summary>
internal static class BlameRule
{
    /// <param name="exception">What ended the turn.</param>
    /// <param name="cameInThroughCall">Whether it came in from another grain.</param>
    /// <param name="callerCancelled">Whether the caller had cancelled.</param>
    /// <param name="siloStopping">Whether the silo stops.</param>
    /// <param name="expected">The types that the worker's specification names as expected.</param>
    /// <param name="parameters">The names of the parameters of <paramref name="call"/>; asked for an argument exception alone.</param>
    /// <param name="call">The call that ended, as <paramref name="parameters"/> knows it.</param>
    public static Blame Of<TCall>(
        Exception exception,
        bool cameInThroughCall,
        bool callerCancelled,
        bool siloStopping,
        IReadOnlyList<Type> expected,
        Func<TCall, IEnumerable<string?>> parameters,
        TCall call)
    {
        if (cameInThroughCall || CrashOrigin.IsRefusal(exception))
        {
            return Blame.Dependency;
        }

        if (siloStopping && exception is (OperationCanceledException or ObjectDisposedException))
        {
            return Blame.Host;
        }

        if (exception is OperationCanceledException && callerCancelled)
        {
            return Blame.Request;
        }

        return IsOneOf(exception, expected)
            || (exception is ArgumentException { ParamName: { Length: > 0 } name } && parameters(call).Contains(name))
            ? Blame.Request
            : Blame.Worker;
    }

    /// <summary>Whether an exception is of one of these types, or below one.</summary>
    public static bool IsOneOf(Exception exception, IReadOnlyList<Type> types)
    {
        for (var i = 0; i < types.Count; i++)
        {
            if (types[i].IsInstanceOfType(exception))
            {
                return true;
            }
        }

        return false;
    }
}
