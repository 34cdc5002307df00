using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Serialization.Invocation;
using Prismatic.Supervision;

namespace Prismatic.Control;

/// <summary>
/// Knows which requests are control. Generated code has one request type for each method, so that type is the whole question, and an
/// ordinary call pays one dictionary lookup. It is also the only thing to trust: names in a message's header are the sender's to choose.
/// </summary>
internal static class ControlMethods
{
    private static readonly ConcurrentDictionary<Type, Verdict> Verdicts = new();

    /// <summary>The control method that <paramref name="request"/> calls, as <c>IInterface.Method</c>; null for an ordinary call.</summary>
    public static string? Of(IInvokable request)
    {
        var verdict = Verdicts.TryGetValue(request.GetType(), out var known) ? known : Judge(request);
        return verdict.CarriesRequests ? Of(request, verdict) : verdict.Method;
    }

    /// <summary>Whether a method of a grain interface is control.</summary>
    public static bool IsControl(Type interfaceType, MethodInfo? method) =>
        IsMarked(interfaceType)
        || interfaceType.GetInterfaces().Any(IsMarked)
        || (method is not null && (IsMarked(method) || (method.DeclaringType is { } declaring && IsMarked(declaring))));

    // Generated code may not find its own method; then one control method of that name makes it control.
    private static bool IsControl(Type interfaceType, string methodName) =>
        interfaceType.GetInterfaces().Append(interfaceType)
            .SelectMany(candidate => candidate.GetMethods())
            .Any(candidate => candidate.Name == methodName && IsMarked(candidate));

    private static bool IsMarked(MemberInfo member) => member.IsDefined(typeof(ControlAttribute), inherit: true);

    private static Verdict Judge(IInvokable request)
    {
        var interfaceType = request.GetInterfaceType();
        var method = request.GetMethod();
        var isControl = IsControl(interfaceType, method) || (method is null && IsControl(interfaceType, request.GetMethodName()));
        var control = isControl ? $"{interfaceType.Name}.{request.GetMethodName()}" : null;
        var carries = method is not null && method.GetParameters().Any(parameter => typeof(IInvokable).IsAssignableFrom(parameter.ParameterType));
        return Verdicts.GetOrAdd(request.GetType(), new Verdict(control, carries));
    }

    // Asynchronous enumeration sends the request for the grain's own method as an argument of the runtime's.
    private static string? Of(IInvokable request, Verdict verdict)
    {
        for (var index = 0; verdict.Method is null && index < request.GetArgumentCount(); index++)
        {
            if (request.GetArgument(index) is IInvokable carried && Of(carried) is { } method)
            {
                return method;
            }
        }

        return verdict.Method;
    }

    private sealed record Verdict(string? Method, bool CarriesRequests);
}
