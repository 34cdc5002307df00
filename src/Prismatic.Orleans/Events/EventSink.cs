using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Prismatic.Runtime;

namespace Prismatic.Events;

/// <summary>The one place that events of supervision leave from: log, metric and observers.</summary>
internal sealed partial class EventSink
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Prismatic.Orleans";

    private readonly ILogger<EventSink> _log;
    private readonly MonotonicClock _clock;
    private readonly ISupervisionObserver[] _observers;
    private readonly Counter<long> _events;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _coalesced;
    private readonly Histogram<double> _recovery;

    public EventSink(ILogger<EventSink> log, MonotonicClock clock, IEnumerable<ISupervisionObserver> observers, IMeterFactory meters)
    {
        _log = log;
        _clock = clock;
        _observers = [.. observers];
        var meter = meters.Create(MeterName);
        _events = meter.CreateCounter<long>("prismatic.supervision.events", "{event}", "Events of supervision by kind.");
        _refused = meter.CreateCounter<long>("prismatic.supervision.refused", "{call}", "Calls refused by gates and breakers, by the child's state.");
        _coalesced = meter.CreateCounter<long>("prismatic.supervision.coalesced", "{event}", "Events and records of a storm that were joined with others; the crashes behind them are counted.");
        _recovery = meter.CreateHistogram<double>("prismatic.remediation.recovery", "s", "Crash seen to first success of the same trigger.");
    }

    /// <summary>Whether a log or an observer reads such events. Where nobody does, whoever emits many of them only meters them.</summary>
    public bool IsRead(SupervisionEventKind kind) => _observers.Length > 0 || _log.IsEnabled(LevelOf(kind));

    /// <summary>Counts events that nobody reads.</summary>
    public void Meter(SupervisionEventKind kind, Lessons.FailureClass? failureClass = null, string? remediation = null, TimeSpan? timeToRecovery = null, int count = 1)
    {
        if (_events.Enabled)
        {
            _events.Add(count, new KeyValuePair<string, object?>("kind", kind.ToString()), new("class", failureClass?.ToString()), new("remediation", remediation));
        }

        if (timeToRecovery is { } recovery)
        {
            _recovery.Record(recovery.TotalSeconds);
        }
    }

    public void Emit(SupervisionEvent happened, Exception? exception = null)
    {
        happened = happened with { At = _clock.Wall };
        var level = happened.Report is { } report ? LevelOf(report) : LevelOf(happened.Kind);
        if (_log.IsEnabled(level))
        {
            Log(_log, level, happened.Kind, happened.Subject, happened.Text, happened.CorrelationId, happened.Class, happened.Remediation, happened.Rule, exception);
        }

        Meter(happened.Kind, happened.Class, happened.Remediation, happened.TimeToRecovery);
        foreach (var observer in _observers)
        {
            try
            {
                observer.OnEvent(happened);
            }
            catch (Exception fault)
            {
                ObserverFailed(_log, observer.GetType().FullName ?? observer.GetType().Name, happened.Kind, fault);
            }
        }
    }

    /// <summary>Counts a refused call. Refusals come in floods: they are metered, not logged.</summary>
    public void Refused(string status) => _refused.Add(1, new KeyValuePair<string, object?>("status", status));

    /// <summary>Counts what a supervisor joined in a storm.</summary>
    public void Coalesced(int count) => _coalesced.Add(count);

    /// <summary>As OTP: what was asked for is no news.</summary>
    private static LogLevel LevelOf(SupervisorReport report) => report.Context switch
    {
        SupervisorReportContext.Progress => report.ByRequest ? LogLevel.Debug : LogLevel.Information,
        SupervisorReportContext.Shutdown => LogLevel.Error,
        _ => LogLevel.Warning,
    };

    private static LogLevel LevelOf(SupervisionEventKind kind) => kind switch
    {
        SupervisionEventKind.TicketOpened or SupervisionEventKind.Quarantined or SupervisionEventKind.GaveUp => LogLevel.Error,
        SupervisionEventKind.Crashed or SupervisionEventKind.BreakerOpened or SupervisionEventKind.Noticed or SupervisionEventKind.SiloLost => LogLevel.Warning,
        SupervisionEventKind.RequestFailed or SupervisionEventKind.DependencyFailed => LogLevel.Debug,
        _ => LogLevel.Information,
    };

    [LoggerMessage(EventId = 1, EventName = "SupervisionEvent", Message = "{Kind} {Subject}: {Text} (correlation {CorrelationId}, class {FailureClass}, remediation {Remediation}, rule {Rule})")]
    private static partial void Log(ILogger log, LogLevel level, SupervisionEventKind kind, string subject, string text, string correlationId, Lessons.FailureClass? failureClass, string? remediation, string? rule, Exception? exception);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "The supervision observer {Observer} threw on {Kind}; the other observers got the event.")]
    private static partial void ObserverFailed(ILogger log, string observer, SupervisionEventKind kind, Exception exception);
}
