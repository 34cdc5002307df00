using System.Reflection;
using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Prismatic.Runtime;

/// <summary>Hands a request to Orleans with whoever takes its answer.</summary>
internal delegate void SendRequest(GrainReference reference, IInvokable request, IResponseCompletionSource answer, InvokeMethodOptions options);

/// <summary>
/// The way to send that Orleans' own grain references take when there are no outgoing filters. Its types are public and its method is not:
/// where a version of Orleans has it no more, or filters are registered, calls are sent through <see cref="IGrainReferenceRuntime"/>, at the price
/// of a state machine for each call and of one more throw for each failure.
/// </summary>
internal static class DirectSending
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>How <paramref name="runtime"/> sends; null when it cannot be used so.</summary>
    public static SendRequest? Of(IGrainReferenceRuntime runtime)
    {
        var type = runtime.GetType();
        return type.FullName == "Orleans.Runtime.GrainReferenceRuntime"
            && type.GetField("filters", Members)?.GetValue(runtime) is IOutgoingGrainCallFilter[] { Length: 0 }
            && type.GetProperty("RuntimeClient", Members) is { } property
            && property.GetValue(runtime) is { } client
            && property.PropertyType.GetMethod("SendRequest", Members, [typeof(GrainReference), typeof(IInvokable), typeof(IResponseCompletionSource), typeof(InvokeMethodOptions)]) is { } method
            && method.ReturnType == typeof(void)
                ? method.CreateDelegate<SendRequest>(client)
                : null;
    }

    /// <summary>Whether a request can go this way: cancellation tokens of the old kind are tied to their target on the other one.</summary>
    public static bool Takes(IInvokable request)
    {
        if (request is IOutgoingGrainCallFilter)
        {
            return false;
        }

        for (var i = request.GetArgumentCount() - 1; i >= 0; i--)
        {
            if (request.GetArgument(i) is GrainCancellationToken)
            {
                return false;
            }
        }

        return true;
    }
}
