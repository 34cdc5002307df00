using Prismatic.Events;
using Prismatic.Lessons;

namespace Prismatic.Silo.Demo;

/// <summary>Hears every event of supervision in this silo: tells the narrator, and those who wait for one.</summary>
internal sealed class EventLog(Narrator narrator, TimeProvider time) : ISupervisionObserver
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly List<SupervisionEvent> _seen = [];
    private readonly List<Waiter> _waiters = [];

    public void OnEvent(SupervisionEvent supervisionEvent)
    {
        narrator.Event(supervisionEvent);
        lock (_lock)
        {
            _seen.Add(supervisionEvent);
            foreach (var waiter in _waiters.Where(waiter => waiter.Wanted(supervisionEvent)).ToList())
            {
                _waiters.Remove(waiter);
                waiter.Found.SetResult(supervisionEvent);
            }
        }
    }

    /// <summary>How many crashes of this run were healed. The outcome of an earlier run's crash may be known in this one.</summary>
    public int HealedHere()
    {
        lock (_lock)
        {
            var here = _seen.Where(seen => seen.Kind == SupervisionEventKind.Crashed).Select(seen => seen.CorrelationId).ToHashSet();
            return _seen.Count(seen => seen.Outcome is Outcome.Healed && here.Contains(seen.CorrelationId));
        }
    }

    /// <summary>Whether an event of one crash was seen.</summary>
    public bool HasSeen(SupervisionEventKind kind, string crash)
    {
        lock (_lock)
        {
            return _seen.Any(seen => seen.Kind == kind && seen.CorrelationId == crash);
        }
    }

    /// <summary>The first event that is wanted, seen already or still to come.</summary>
    /// <exception cref="StepFailedException">It did not come within the limit.</exception>
    public async Task<SupervisionEvent> WaitFor(string what, Func<SupervisionEvent, bool> wanted, TimeSpan? limit = null)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (_seen.FirstOrDefault(wanted) is { } seen)
            {
                return seen;
            }

            _waiters.Add(waiter = new Waiter(wanted));
        }

        try
        {
            return await waiter.Found.Task.WaitAsync(limit ?? Usual, time);
        }
        catch (TimeoutException)
        {
            throw new StepFailedException($"{what} was not seen within {(limit ?? Usual).TotalSeconds:0} s.");
        }
    }

    /// <summary>An event of one crash.</summary>
    public Task<SupervisionEvent> WaitFor(SupervisionEventKind kind, string crash, TimeSpan? limit = null) =>
        WaitFor($"{kind} of crash {Narrator.Short(crash)}", seen => seen.Kind == kind && seen.CorrelationId == crash, limit);

    /// <summary>Waits until it is known that a crash was healed.</summary>
    public async Task WaitForHealing(string crash, TimeSpan? limit = null)
    {
        var known = await WaitFor(SupervisionEventKind.OutcomeKnown, crash, limit);
        Expect.That(known.Outcome is Outcome.Healed, $"the outcome of crash {Narrator.Short(crash)} is {known.Outcome}, not Healed.");
    }

    private sealed record Waiter(Func<SupervisionEvent, bool> Wanted)
    {
        public TaskCompletionSource<SupervisionEvent> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
