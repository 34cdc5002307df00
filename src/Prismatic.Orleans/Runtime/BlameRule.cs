using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// Who is to blame for an exception that ended a turn.
/// An argument exception is the request's fault when it names a parameter of the method that was called; one that names
/// anything else was thrown by the worker's own code over its own values, and is a crash.
/// </summary>
internal static class BlameRule
{
    public static Blame Of(
        Exception exception,
        bool cameInThroughCall,
        bool callerCancelled,
        bool siloStopping,
        IReadOnlyList<Type> expected,
        Func<IEnumerable<string?>> parameters)
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

        foreach (var type in expected)
        {
            if (type.IsInstanceOfType(exception))
            {
                return Blame.Request;
            }
        }

        return exception is ArgumentException { ParamName: { Length: > 0 } name } && parameters().Contains(name)
            ? Blame.Request
            : Blame.Worker;
    }
}
