using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Prismatic.Runtime;

/// <summary>
/// A call under way: Orleans hands it the answer, and its caller waits for it. It stands where Orleans' own source of an answer would, so that
/// a call allocates nothing for it, and a failure is looked at as the value that it is: what waits between Orleans and the caller would have to
/// throw it once more. Comes from a small pool of each thread and goes back there when its caller takes the result.
/// </summary>
internal sealed class ArrivingCall<T> : IResponseCompletionSource, IValueTaskSource<T?>, IValueTaskSource
{
    private const int KeptByThread = 32;

    [ThreadStatic]
    private static ArrivingCall<T>? s_free;

    [ThreadStatic]
    private static int s_kept;

    private ManualResetValueTaskSourceCore<T?> _core = new() { RunContinuationsAsynchronously = true };
    private ArrivingCall<T>? _next;
    private ArrivalCalls _sender = null!;
    private GrainReference _reference = null!;
    private IInvokable _request = null!;
    private InvokeMethodOptions _options;
    private IGrainContext? _caller;
    private ExecutionContext? _flow;
    private TaskScheduler _scheduler = null!;

    private ArrivingCall()
    {
    }

    public static ArrivingCall<T> Begin(ArrivalCalls sender, GrainReference reference, IInvokable request, InvokeMethodOptions options, IGrainContext? caller)
    {
        var call = s_free;
        if (call is null)
        {
            call = new ArrivingCall<T>();
        }
        else
        {
            s_free = call._next;
            s_kept--;
            call._next = null;
        }

        (call._sender, call._reference, call._request, call._options, call._caller) = (sender, reference, request, options, caller);
        call._flow = ExecutionContext.Capture();
        call._scheduler = TaskScheduler.Current;
        return call;
    }

    public ValueTask<T?> Answer => new(this, _core.Version);

    public ValueTask End => new(this, _core.Version);

    public void Complete(Response value)
    {
        if (value.Exception is { } exception)
        {
            Failed(exception);
        }
        else if (value is Response<T> typed)
        {
            _core.SetResult(typed.TypedResult);
        }
        else
        {
            Untyped(value.Result);
        }
    }

    public void Complete() => _core.SetResult(default);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);

    public T? GetResult(short token)
    {
        var isMine = token == _core.Version;
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            if (isMine)
            {
                GoBack();
            }
        }
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    private void Untyped(object? result)
    {
        switch (result)
        {
            case null:
                _core.SetResult(default);
                break;
            case T own:
                _core.SetResult(own);
                break;
            default:
                _core.SetException(new InvalidCastException($"The answer is of type {result.GetType()}; the caller expects {typeof(T)}."));
                break;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Failed(Exception exception)
    {
        if (!ArrivalCalls.IsRefused(exception, _reference, _caller))
        {
            _core.SetException(exception);
        }
        else
        {
            Refused(exception);
        }
    }

    private void Refused(Exception exception)
    {
        // The answer comes on a thread of whoever answers; what is sent again is sent by the caller.
        if (_flow is { } flow)
        {
            ExecutionContext.Run(flow, _ => Begin(), null);
        }
        else
        {
            Begin();
        }

        void Begin() => Task.Factory.StartNew(() => SendAgain(exception), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler).Ignore();
    }

    private async Task SendAgain(Exception refused)
    {
        T? answer;
        try
        {
            answer = await _sender.SendAgain<T>(refused, _reference, _request, _options, _caller);
        }
        catch (Exception exception)
        {
            _core.SetException(exception);
            return;
        }

        _core.SetResult(answer);
    }

    private void GoBack()
    {
        _core.Reset();
        (_sender, _reference, _request, _caller, _flow, _scheduler) = (null!, null!, null!, null, null, null!);
        if (s_kept < KeptByThread)
        {
            _next = s_free;
            s_free = this;
            s_kept++;
        }
    }
}
