using System.Collections.Concurrent;
using System.Collections.Frozen;
using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>What kind of turn a call is, by the interface that Orleans delivers it through.</summary>
internal static class Turn
{
    /// <summary>
    /// Extension interfaces through which a worker's own code runs. Errors in any other extension, Orleans' or a library's, are not the
    /// worker's, and calls to one pass every gate: cancellation and deactivation must reach a grain whatever its state.
    /// </summary>
    private static readonly FrozenDictionary<string, CrashTriggerKind> WorkerExtensions = new Dictionary<string, CrashTriggerKind>
    {
        ["IGrainTimerInvoker"] = CrashTriggerKind.Timer,
        ["IStreamConsumerExtension"] = CrashTriggerKind.Stream,
        ["IAsyncEnumerableGrainExtension"] = CrashTriggerKind.Enumeration,
        ["IDrillProbe"] = CrashTriggerKind.Call,
    }.ToFrozenDictionary();

    /// <summary>Whether a call is a step of an asynchronous enumeration.</summary>
    public static bool IsEnumeration(IInvokable request) => request.GetInterfaceType() == typeof(IAsyncEnumerableGrainExtension);

    /// <summary>The trigger of a call, or null when it is plumbing and not the worker's own turn.</summary>
    public static CrashTriggerKind? KindOf(IInvokable request) =>
        Of(request).Kind is not CrashTriggerKind.Call and var kind ? kind
        : request is RequestBase call && call.Options.HasFlag(InvokeMethodOptions.OneWay) ? CrashTriggerKind.OneWay
        : CrashTriggerKind.Call;

    /// <summary>The name under which a turn is known in reports.</summary>
    public static string NameOf(IInvokable request) => Of(request).Name;

    /// <summary>Generated code has one request type for each method, so that each is looked at once.</summary>
    private static (CrashTriggerKind? Kind, string Name) Of(IInvokable request) =>
        Known.TryGetValue(request.GetType(), out var known)
            ? known
            : Known.GetOrAdd(request.GetType(), (KindOf(request.GetInterfaceType()), $"{request.GetInterfaceType().Name}.{request.GetMethodName()}"));

    private static readonly ConcurrentDictionary<Type, (CrashTriggerKind? Kind, string Name)> Known = new();

    private static CrashTriggerKind? KindOf(Type type)
    {
        if (type == typeof(IRemindable))
        {
            return CrashTriggerKind.Reminder;
        }

        if (WorkerExtensions.TryGetValue(type.Name, out var kind))
        {
            return kind;
        }

        return typeof(IGrainExtension).IsAssignableFrom(type) || !typeof(IAddressable).IsAssignableFrom(type) ? null : CrashTriggerKind.Call;
    }

    /// <summary>
    /// A number for method and arguments, to recognise a request that crashes again and again; null when an argument has no value
    /// equality (a class that does not override it), because then two equal requests cannot be told.
    /// </summary>
    public static int? Fingerprint(IInvokable request)
    {
        var hash = new HashCode();
        hash.Add(request.GetInterfaceType());
        hash.Add(request.GetMethodName());
        for (var i = 0; i < request.GetArgumentCount(); i++)
        {
            var argument = request.GetArgument(i);
            if (argument is CancellationToken)
            {
                continue;
            }

            if (argument is not (null or string or ValueType) && !HasValueEquality(argument.GetType()))
            {
                return null;
            }

            hash.Add(argument);
        }

        return hash.ToHashCode();
    }

    /// <summary>Names the stream event that is delivered, so that its redelivery is known; null for anything else.</summary>
    public static string? DeliveryOf(CrashTriggerKind kind, IInvokable request)
    {
        if (kind != CrashTriggerKind.Stream)
        {
            return null;
        }

        var parts = new List<string>();
        for (var i = 0; i < request.GetArgumentCount(); i++)
        {
            parts.Add(request.GetArgument(i) switch
            {
                Orleans.Streams.IBatchContainer batch => $"{batch.StreamId}@{batch.SequenceToken}",
                Orleans.Streams.StreamSequenceToken token => token.ToString() ?? "",
                GuidId or Orleans.Runtime.QualifiedStreamId => request.GetArgument(i)!.ToString() ?? "",
                _ => "",
            });
        }

        return string.Join('|', parts);
    }

    private static bool HasValueEquality(Type type) => type.GetMethod(nameof(GetHashCode), Type.EmptyTypes)!.DeclaringType != typeof(object);
}
