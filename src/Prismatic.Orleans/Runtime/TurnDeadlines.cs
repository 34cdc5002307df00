using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Prismatic.Events;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>A turn outlasted its deadline. Never thrown: it stands for the crash in reports and rules.</summary>
internal sealed class TurnHungException(string method, TimeSpan deadline)
    : TimeoutException($"{method} did not end within its deadline of {deadline.TotalMilliseconds:0} ms.");

/// <summary>
/// Watches the turns of workers that have a deadline, with a timer for each; the turns of all others are not looked at. In observe mode a
/// turn that outlasts its deadline is told of and nothing else: it counts with its own end.
/// </summary>
internal sealed partial class TurnDeadlines(
    CrashHandler crashes,
    Abandonment abandonment,
    SupervisionOptions options,
    EventSink events,
    MonotonicClock clock,
    ILogger<TurnDeadlines> log)
{
    private readonly TimeProvider _time = clock.TimeProvider;
    private readonly ILogger _log = log;

    /// <summary>Watches a turn until the result is disposed of; null when the child has no deadline.</summary>
    public IDisposable? Watch(IIncomingGrainCallContext call, SupervisedChild child, CrashTriggerKind kind) =>
        child.Deadline is { } deadline ? new Watched(this, call.TargetContext, call.Request, child, kind, deadline) : null;

    private async Task Overdue(Watched turn)
    {
        var start = clock.Now;
        var path = turn.Child.PathOf(turn.Context.GrainId);
        var hung = new TurnHungException(turn.Method, turn.Deadline);
        if (options.Mode == SupervisionMode.Observe)
        {
            events.Emit(new SupervisionEvent { Kind = SupervisionEventKind.Noticed, Subject = path, Text = $"{hung.Message} Observed only." });
            return;
        }

        // The gate first, then the fence, then the token: nothing that the turn does about its token is seen by others.
        if (!crashes.OnTurnHung(turn.Context, turn.Child, turn.Kind, turn.Method, hung))
        {
            return;
        }

        abandonment.Fence(turn.Context);
        turn.Request.TryCancel();
        await abandonment.Abandon(turn.Context, $"Supervision: {hung.Message}");
        events.Emit(new SupervisionEvent
        {
            Kind = SupervisionEventKind.Exited,
            Subject = path,
            Text = $"killed: {hung.Message} Left behind {(clock.Now - start).TotalMilliseconds:0} ms later.",
        });
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Supervision could not leave behind the hung turn of {Grain}.")]
    private static partial void NotLeftBehind(ILogger log, GrainId grain, Exception exception);

    private sealed class Watched : IDisposable
    {
        private readonly TurnDeadlines _owner;
        private readonly ITimer _timer;
        private int _over;

        public Watched(TurnDeadlines owner, IGrainContext context, IInvokable request, SupervisedChild child, CrashTriggerKind kind, TimeSpan deadline)
        {
            _owner = owner;
            (Context, Request, Child, Kind, Deadline) = (context, request, child, kind, deadline);

            // The method's name is asked for now: the request is emptied when its turn is over.
            Method = Turn.NameOf(request);
            using (ExecutionContext.SuppressFlow())
            {
                _timer = owner._time.CreateTimer(static state => ((Watched)state!).OnTimer().Ignore(), this, deadline, Timeout.InfiniteTimeSpan);
            }
        }

        public IGrainContext Context { get; }

        public IInvokable Request { get; }

        public SupervisedChild Child { get; }

        public CrashTriggerKind Kind { get; }

        public TimeSpan Deadline { get; }

        public string Method { get; }

        public void Dispose()
        {
            Interlocked.Exchange(ref _over, 1);
            _timer.Dispose();
        }

        private async Task OnTimer()
        {
            if (Interlocked.Exchange(ref _over, 1) == 1)
            {
                return;
            }

            try
            {
                await _owner.Overdue(this);
            }
            catch (Exception fault)
            {
                NotLeftBehind(_owner._log, Context.GrainId, fault);
            }
        }
    }
}
