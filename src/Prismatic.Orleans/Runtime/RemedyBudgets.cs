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

    /// <summary>Takes one remedy; false when there is none left.</summary>
    public bool Take(SupervisorSpec supervisor)
    {
        var now = clock.Now;
        var window = _windows.GetOrAdd(supervisor.Path, _ => new Window());
        lock (window)
        {
            if (now < window.PausedUntil)
            {
                return false;
            }

            window.Times.RemoveAll(time => time < now - supervisor.RemediationBudget.Period);
            if (window.Times.Count >= supervisor.RemediationBudget.Intensity)
            {
                return false;
            }

            window.Times.Add(now);
            return true;
        }
    }

    /// <summary>No remedies for the children of <paramref name="supervisor"/> for that long.</summary>
    public void Pause(string supervisor, TimeSpan length)
    {
        var window = _windows.GetOrAdd(supervisor, _ => new Window());
        lock (window)
        {
            window.PausedUntil = clock.Now + length;
        }
    }

    private sealed class Window
    {
        public List<TimeSpan> Times { get; } = [];

        public TimeSpan PausedUntil { get; set; }
    }
}
