namespace Prismatic.Domains.Evolution;

/// <summary>The breaker's settings that a chromosome stands for; what it does not name has its default.</summary>
internal sealed record BreakerGenes
{
    public static readonly IReadOnlyDictionary<string, double> Defaults = new Dictionary<string, double>
    {
        ["breaker.windowFailures"] = 5,
        ["breaker.consecutive"] = 3,
        ["breaker.windowMs"] = 30_000,
        ["breaker.coolDownMs"] = 10_000,
        ["breaker.coolDownMaxMs"] = 300_000,
    };

    public double WindowFailures { get; init; }

    public double Consecutive { get; init; }

    public double WindowMs { get; init; }

    public double CoolDownMs { get; init; }

    public double CoolDownMaxMs { get; init; }

    public static BreakerGenes From(IReadOnlyDictionary<string, double> genes)
    {
        return new BreakerGenes
        {
            WindowFailures = Of("breaker.windowFailures"),
            Consecutive = Of("breaker.consecutive"),
            WindowMs = Of("breaker.windowMs"),
            CoolDownMs = Of("breaker.coolDownMs"),
            CoolDownMaxMs = Of("breaker.coolDownMaxMs"),
        };

        double Of(string name) => genes.TryGetValue(name, out var value) ? value : Defaults[name];
    }
}

/// <summary>What a replay counted.</summary>
internal readonly record struct ReplayCounts(long Answerable, long Answered, double WaitedMs, double WastedMs, int MostFailedCallsPerMinute);

/// <summary>Replays a trace through a simulated breaker for each dependency. Time is the trace's own.</summary>
internal static class TraceReplay
{
    private const double MinuteMs = 60_000;

    public static ReplayCounts Run(IEnumerable<TracePoint> points, BreakerGenes genes)
    {
        var breakers = new Dictionary<string, Breaker>();
        long answerable = 0, answered = 0;
        double waited = 0, wasted = 0;
        var most = 0;
        foreach (var point in points)
        {
            if (!breakers.TryGetValue(point.Dependency, out var breaker))
            {
                breakers[point.Dependency] = breaker = new Breaker(genes);
            }

            answerable += point.Up ? 1 : 0;
            if (!breaker.LetsThrough(point.AtMs))
            {
                continue;
            }

            waited += point.LatencyMs;
            if (point.Up)
            {
                answered++;
                breaker.Succeeded();
            }
            else
            {
                wasted += point.LatencyMs;
                most = Math.Max(most, breaker.Failed(point.AtMs));
            }
        }

        return new ReplayCounts(answerable, answered, waited, wasted, most);
    }

    private sealed class Breaker(BreakerGenes genes)
    {
        private readonly Queue<double> _window = new();
        private readonly Queue<double> _minute = new();
        private double _coolDown = genes.CoolDownMs;
        private double? _openUntil;
        private int _inARow;

        /// <summary>Closed, or open and due for its probe.</summary>
        public bool LetsThrough(double at) => _openUntil is null || at >= _openUntil;

        public void Succeeded()
        {
            (_inARow, _openUntil, _coolDown) = (0, null, genes.CoolDownMs);
            _window.Clear();
        }

        /// <summary>Counts a failure and returns the failures of the last minute.</summary>
        public int Failed(double at)
        {
            _inARow++;
            Slide(_window, at, genes.WindowMs);
            Slide(_minute, at, MinuteMs);
            if (_openUntil is not null)
            {
                _coolDown = Math.Min(_coolDown * 2, Math.Max(genes.CoolDownMs, genes.CoolDownMaxMs));
                _openUntil = at + _coolDown;
            }
            else if (_inARow >= genes.Consecutive || _window.Count >= genes.WindowFailures)
            {
                _openUntil = at + _coolDown;
            }

            return _minute.Count;
        }

        private static void Slide(Queue<double> times, double at, double length)
        {
            times.Enqueue(at);
            while (times.Peek() <= at - length)
            {
                times.Dequeue();
            }
        }
    }
}
