using System.Collections.Concurrent;
using System.Globalization;
using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Prismatic.Remediation;

namespace Prismatic.Runtime;

/// <summary>
/// Lets a caller that watches know which of its answers came from a fallback. A call that nobody watches passes by at the price of one volatile
/// read. A watched one carries an id; the silo that redirects it answers with a <see cref="DegradedResponse"/> that names the id, and the
/// answer's arrival in this process counts it.
/// </summary>
internal sealed class DegradedCalls(IGrainReferenceRuntime inner) : IGrainReferenceRuntime
{
    /// <summary>Where the id of a watched call stands in the request context.</summary>
    public const string IdKey = "prismatic.degraded";

    private static readonly ConcurrentDictionary<string, DegradedWatch> Watched = new();
    private static readonly string ProcessId = Guid.NewGuid().ToString("N");
    private static long s_last;

    public ValueTask<T?> InvokeMethodAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        DegradedAnswers.Watching ? InvokeWatched<T>(reference, request, options) : inner.InvokeMethodAsync<T>(reference, request, options);

    public ValueTask InvokeMethodAsync(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        DegradedAnswers.Watching ? InvokeWatched(reference, request, options) : inner.InvokeMethodAsync(reference, request, options);

    public void InvokeMethod(GrainReference reference, IInvokable request, InvokeMethodOptions options) => inner.InvokeMethod(reference, request, options);

    public object Cast(IAddressable grain, Type interfaceType) => inner.Cast(grain, interfaceType);

    /// <summary>A degraded answer has arrived. An id of another process, or of a call that has ended, means nothing here.</summary>
    internal static void Arrived(string id)
    {
        if (Watched.TryRemove(id, out var watch))
        {
            watch.Saw();
        }
    }

    // What an asynchronous method sets in the request context is gone for its caller, so the id stays with this one call. A flow that does not
    // watch takes off the id that came with the call it is working on: its own answer is what that caller watches.
    private async ValueTask<T?> InvokeWatched<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        var id = Begin();
        try
        {
            return await inner.InvokeMethodAsync<T>(reference, request, options);
        }
        finally
        {
            End(id);
        }
    }

    private async ValueTask InvokeWatched(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        var id = Begin();
        try
        {
            await inner.InvokeMethodAsync(reference, request, options);
        }
        finally
        {
            End(id);
        }
    }

    private static string? Begin()
    {
        if (DegradedAnswers.OfThisFlow is not { } watch)
        {
            RequestContext.Remove(IdKey);
            return null;
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"{ProcessId}-{Interlocked.Increment(ref s_last)}");
        Watched[id] = watch;
        RequestContext.Set(IdKey, id);
        return id;
    }

    private static void End(string? id)
    {
        if (id is not null)
        {
            Watched.TryRemove(id, out _);
        }
    }
}

/// <summary>An answer of a fallback, to a call whose caller asked to be told.</summary>
[GenerateSerializer, Alias("prismatic.DegradedResponse")]
internal sealed class DegradedResponse : Response
{
    [Id(0)] private object? _answer;

    [Id(1)] private string _call = "";

    /// <summary>Reading it is its arrival: Orleans reads an answer once, in the caller's process, before the caller goes on.</summary>
    public override object? Result
    {
        get
        {
            DegradedCalls.Arrived(_call);
            return _answer;
        }

        set => _answer = value;
    }

    public override Exception? Exception
    {
        get
        {
            // Of a call without a result nothing else is ever read.
            DegradedCalls.Arrived(_call);
            return null;
        }

        set => throw new InvalidOperationException("A degraded answer is no failure.");
    }

    /// <summary>The answer marked, when its caller watches; an exception of the fallback is the caller's own to see.</summary>
    public static Response Mark(Response answer) =>
        answer.Exception is null && RequestContext.Get(DegradedCalls.IdKey) is string call
            ? new DegradedResponse { _answer = answer.Result, _call = call }
            : answer;

    public override T GetResult<T>() => (T)Result!;

    public override void Dispose() => _answer = null;
}
