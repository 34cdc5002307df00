using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Prismatic.Control;

/// <summary>
/// Signs this silo's control calls and takes the token off all others, so that one that came with a call never travels on.
/// On silos, whose own clients call through it too, and on a client outside that was given the cluster's key; any other client has none of it.
/// </summary>
internal sealed class ControlCalls(IGrainReferenceRuntime inner, ControlKey key, TimeProvider time) : IGrainReferenceRuntime
{
    /// <summary>Where the token stands in the request context.</summary>
    public const string TokenKey = "prismatic.control";

    public ValueTask<T?> InvokeMethodAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        ControlledBy(request) is { } method ? InvokeSigned<T>(reference, request, options, method) : inner.InvokeMethodAsync<T>(reference, request, options);

    public ValueTask InvokeMethodAsync(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        ControlledBy(request) is { } method ? InvokeSigned(reference, request, options, method) : inner.InvokeMethodAsync(reference, request, options);

    public void InvokeMethod(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        if (ControlledBy(request) is { } method)
        {
            InvokeSigned(reference, request, options, method).AsTask().Ignore();
        }
        else
        {
            inner.InvokeMethod(reference, request, options);
        }
    }

    public object Cast(IAddressable grain, Type interfaceType) => inner.Cast(grain, interfaceType);

    private static string? ControlledBy(IInvokable request)
    {
        var method = ControlMethods.Of(request);
        if (method is null)
        {
            RequestContext.Remove(TokenKey);
        }

        return method;
    }

    // What an asynchronous method sets in the request context is gone for its caller.
    private async ValueTask<T?> InvokeSigned<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options, string method)
    {
        RequestContext.Set(TokenKey, Token(await key.GetAsync(), method, reference));
        return await inner.InvokeMethodAsync<T>(reference, request, options);
    }

    private async ValueTask InvokeSigned(GrainReference reference, IInvokable request, InvokeMethodOptions options, string method)
    {
        RequestContext.Set(TokenKey, Token(await key.GetAsync(), method, reference));
        await inner.InvokeMethodAsync(reference, request, options);
    }

    private string Token(byte[] secret, string method, GrainReference reference) =>
        ControlToken.Create(secret, method, reference.GrainId, time.GetUtcNow() + ControlToken.Lifetime);
}
