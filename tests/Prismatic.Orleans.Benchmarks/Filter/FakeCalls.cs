using System.Reflection;
using System.Runtime.ExceptionServices;
using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;
using Prismatic.Calls;

namespace Prismatic.Filter;

/// <summary>
/// A call without a runtime: what a filter sees of it, and a method that ends at once or when it is told to. Going on is what Orleans' last stage
/// does: it runs the method, throws its failure and copies its answer.
/// </summary>
internal abstract class FakeCall : IGrainCallContext
{
    public bool Asynchronous
    {
        get => Called.Asynchronous;
        init => Called.Asynchronous = value;
    }

    public required GrainId TargetId { get; init; }

    public required DeepCopier<Response> Copier { get; init; }

    public FakeRequest Called { get; } = new();

    public IInvokable Request => Called;

    public async Task Invoke()
    {
        Response = await Request.Invoke();
        if (Response.Exception is { } exception)
        {
            ExceptionDispatchInfo.Throw(exception);
        }

        Response = Copier.Copy(Response);
    }

    /// <summary>Ends the method and takes the filter's result.</summary>
    public void Finish(Task filtered)
    {
        Called.Finish();
        filtered.GetAwaiter().GetResult();
    }

    public object Grain { get; } = new();

    public GrainId? SourceId => null;

    public GrainInterfaceType InterfaceType => throw new NotSupportedException();

    public string InterfaceName => Request.GetInterfaceName();

    public string MethodName => Request.GetMethodName();

    public MethodInfo InterfaceMethod => Request.GetMethod();

    public object? Result { get; set; }

    public Response? Response { get; set; } = Response.Completed;
}

internal sealed class FakeIncomingCall : FakeCall, IIncomingGrainCallContext
{
    public IGrainContext TargetContext => throw new NotSupportedException();

    public MethodInfo ImplementationMethod => throw new NotSupportedException();
}

/// <summary>
/// Sends calls nowhere. As Orleans does it, an answer goes through a source from a pool. It is there at once, or after the caller has begun to
/// wait; the caller goes on from there on a thread of the pool, whichever source it is, and that is not measured.
/// </summary>
internal sealed class FakeSending : IGrainReferenceRuntime
{
    private IResponseCompletionSource? _pending;

    public bool Asynchronous { get; init; }

    public IInvokable Request { get; } = new FakeRequest();

    public ValueTask InvokeMethodAsync(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        var answer = ResponseCompletionSourcePool.Get();
        var end = answer.AsVoidValueTask();
        Send(reference, request, answer, options);
        return end;
    }

    public void Send(GrainReference reference, IInvokable request, IResponseCompletionSource answer, InvokeMethodOptions options)
    {
        if (Asynchronous)
        {
            _pending = answer;
        }
        else
        {
            answer.Complete(Response.Completed);
        }
    }

    /// <summary>Makes a call as a grain reference does, ends it and takes its result.</summary>
    public void CallThrough(IGrainReferenceRuntime sending)
    {
        var call = sending.InvokeMethodAsync(null!, Request, InvokeMethodOptions.None);
        if (Asynchronous)
        {
            _pending!.Complete(Response.Completed);
        }

        if (!call.IsCompleted)
        {
            throw new InvalidOperationException("The call has been answered, and its continuation did not run with the answer.");
        }

        call.GetAwaiter().GetResult();
    }

    public ValueTask<T?> InvokeMethodAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options) => throw new NotSupportedException();

    public void InvokeMethod(GrainReference reference, IInvokable request, InvokeMethodOptions options) => throw new NotSupportedException();

    public object Cast(IAddressable grain, Type interfaceType) => throw new NotSupportedException();
}

/// <summary>A request of <see cref="IPingGrain.Ping"/>, as generated code makes it.</summary>
internal sealed class FakeRequest : TaskRequest
{
    private static readonly MethodInfo Method = typeof(IPingGrain).GetMethod(nameof(IPingGrain.Ping))!;

    private TaskCompletionSource? _pending;

    public bool Asynchronous { get; set; }

    public void Finish() => _pending?.SetResult();

    public override object GetTarget() => this;

    public override void SetTarget(ITargetHolder holder)
    {
    }

    public override void Dispose()
    {
    }

    public override string GetMethodName() => nameof(IPingGrain.Ping);

    public override string GetInterfaceName() => nameof(IPingGrain);

    public override string GetActivityName() => "IPingGrain/Ping";

    public override Type GetInterfaceType() => typeof(IPingGrain);

    public override MethodInfo GetMethod() => Method;

    protected override Task InvokeInner()
    {
        if (!Asynchronous)
        {
            return Task.CompletedTask;
        }

        // Without RunContinuationsAsynchronously: what waits goes on in Finish, on the same thread, so that no scheduling is measured.
        _pending = new TaskCompletionSource();
        return _pending.Task;
    }
}
