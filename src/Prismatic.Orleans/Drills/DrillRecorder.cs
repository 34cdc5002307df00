using Prismatic.Events;

namespace Prismatic.Drills;

/// <summary>An event of supervision while a drill ran, at its time since the drill was armed.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.DrillEvent")]
internal sealed record DrillEvent
{
    [Id(0)] public required TimeSpan At { get; init; }

    [Id(1)] public required SupervisionEventKind Kind { get; init; }

    [Id(2)] public required string Subject { get; init; }

    [Id(3)] public required string Crash { get; init; }

    [Id(4)] public string? Signature { get; init; }

    [Id(5)] public Lessons.FailureClass? Class { get; init; }

    [Id(6)] public string? Remediation { get; init; }

    [Id(7)] public string? Rule { get; init; }

    [Id(8)] public Lessons.Outcome? Outcome { get; init; }

    [Id(9)] public TimeSpan? TimeToRecovery { get; init; }

    [Id(10)] public string Text { get; init; } = "";
}

/// <summary>Keeps this silo's events while a drill runs, at most 100,000.</summary>
internal sealed class DrillRecorder : ISupervisionObserver
{
    private const int Most = 100_000;

    private readonly Lock _lock = new();
    private readonly List<DrillEvent> _events = [];
    private ArmedDrill? _drill;

    public void Start(ArmedDrill drill)
    {
        lock (_lock)
        {
            _events.Clear();
            _drill = drill;
        }
    }

    public void Stop()
    {
        lock (_lock)
        {
            _drill = null;
        }
    }

    /// <summary>The events from the one with this number on.</summary>
    public DrillEvent[] From(int number)
    {
        lock (_lock)
        {
            return number < _events.Count ? [.. _events[number..]] : [];
        }
    }

    public void OnEvent(SupervisionEvent supervisionEvent)
    {
        lock (_lock)
        {
            if (_drill is { } drill && _events.Count < Most)
            {
                _events.Add(new DrillEvent
                {
                    At = drill.Now,
                    Kind = supervisionEvent.Kind,
                    Subject = supervisionEvent.Subject,
                    Crash = supervisionEvent.CorrelationId,
                    Signature = supervisionEvent.Signature,
                    Class = supervisionEvent.Class,
                    Remediation = supervisionEvent.Remediation,
                    Rule = supervisionEvent.Rule,
                    Outcome = supervisionEvent.Outcome,
                    TimeToRecovery = supervisionEvent.TimeToRecovery,
                    Text = supervisionEvent.Text,
                });
            }
        }
    }
}
