using System.Runtime.CompilerServices;
using Orleans.Serialization.Invocation;

namespace Prismatic.Runtime;

/// <summary>
/// The arguments of calls that were refused in this process. When caller and child share a process they share the request, and Orleans empties
/// it when the child's side is done with it; a caller that sends the call again puts the arguments back. They hang on the request and die
/// with it.
/// </summary>
internal static class RefusedCalls
{
    private static readonly ConditionalWeakTable<IInvokable, object?[]> Arguments = [];

    public static void Remember(IInvokable request)
    {
        if (request.GetArgumentCount() is > 0 and var count)
        {
            var arguments = new object?[count];
            for (var i = 0; i < count; i++)
            {
                arguments[i] = request.GetArgument(i);
            }

            Arguments.AddOrUpdate(request, arguments);
        }
    }

    public static void Restore(IInvokable request)
    {
        if (Arguments.TryGetValue(request, out var arguments))
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                request.SetArgument(i, arguments[i]!);
            }
        }
    }
}
