using System.Collections.Concurrent;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// How many remedies beyond a restart each supervisor's children may still be given. This silo stops by itself when it alone has used up the
/// budget; the supervisor, which counts for all silos, tells when they have together.
/// </summary>
internal sealed class RemedyBudgets(MonotonicClock clock)
{
    private readonly ConcurrentDictionary<string, Window> _windows = new();

    /// <summary>Takes one remedy from the budget of <paramref name="supervisor"/> each time that it is called; false when there is none left.</summary>
    public Func<bool> Of(SupervisorSpec supervisor) => WindowOf(supervisor.Path).TakeFrom(supervisor.RemediationBudget);

    /// <summary>No remedies for the children of <paramref name="supervisor"/> for that long.</summary>
    public void Pause(string supervisor, TimeSpan length) => WindowOf(supervisor).Pause(clock.Now + length);

    private Window WindowOf(string supervisor) => _windows.TryGetValue(supervisor, out var known) ? known : _windows.GetOrAdd(supervisor, new Window(clock));

    private sealed class Window(MonotonicClock clock)
    {
        private readonly Lock _lock = new();
        private readonly Queue<TimeSpan> _taken = [];
        private Func<bool>? _take;
        private TimeSpan _pausedUntil;

        /// <summary>Made once: each crash asks for it.</summary>
        public Func<bool> TakeFrom(Budget budget) => _take ?? Begin(budget);

        private Func<bool> Begin(Budget budget) => _take = () => Take(budget);

        private bool Take(Budget limit)
        {
            lock (_lock)
            {
                var now = clock.Now;
                if (now < _pausedUntil)
                {
                    return false;
                }

                while (_taken.TryPeek(out var oldest) && oldest < now - limit.Period)
                {
                    _taken.Dequeue();
                }

                if (_taken.Count >= limit.Intensity)
                {
                    return false;
                }

                _taken.Enqueue(now);
                return true;
            }
        }

        public void Pause(TimeSpan until)
        {
            lock (_lock)
            {
                _pausedUntil = until;
            }
        }
    }
}
