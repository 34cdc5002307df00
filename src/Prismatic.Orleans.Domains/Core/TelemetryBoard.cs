using System.Globalization;
using System.Text;
using Prismatic.Domains.Evolution;

namespace Prismatic.Domains.Core;

/// <summary>The newest samples of each name.</summary>
internal sealed class TelemetryBoard
{
    public const int MostNames = 1_000;
    public const int MostSamples = 1_000;
    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);

    public IEnumerable<string> Names => _series.Keys;

    public void Add(TelemetryEvent e, DateTimeOffset at)
    {
        if (!_series.TryGetValue(e.Name, out var series))
        {
            if (_series.Count == MostNames)
            {
                throw new InvalidOperationException(
                    $"'{e.Name}' would be name {MostNames + 1}. Names must be few: an id or a message does not belong into one.");
            }

            _series[e.Name] = series = new Series();
        }

        series.Add(new Sample(at, e.Value, e.Succeeded));
    }

    public MetricSummary Summarise(string pattern, DateTimeOffset from, TimeSpan window)
    {
        var chosen = Matching(pattern).SelectMany(pair => pair.Value.Samples).Where(sample => sample.At > from).ToArray();
        var values = chosen.Select(sample => sample.Value).Order().ToArray();
        return new MetricSummary
        {
            Count = values.Length,
            RatePerSecond = values.Length / window.TotalSeconds,
            FailureShare = values.Length == 0 ? 0 : (double)chosen.Count(sample => !sample.Succeeded) / values.Length,
            P50 = Percentile(values, 50),
            P95 = Percentile(values, 95),
            P99 = Percentile(values, 99),
        };
    }

    public string ToPrometheus()
    {
        var text = new StringBuilder();
        foreach (var (name, series) in _series)
        {
            var metric = "prismatic_" + new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')]);
            text.Append(CultureInfo.InvariantCulture, $"# TYPE {metric} summary\n{metric}_sum {series.Sum:R}\n{metric}_count {series.Count}\n");
        }

        return text.ToString();
    }

    public IncidentTrace ToTrace(DateTimeOffset from, DateTimeOffset to)
    {
        var points = from pair in _series
                     let parts = pair.Key.Split('/')
                     from sample in pair.Value.Samples
                     where sample.At >= @from && sample.At <= to
                     orderby sample.At
                     select (parts, point: new TracePoint
                     {
                         AtMs = (sample.At - @from).TotalMilliseconds,
                         Dependency = parts[2],
                         Up = sample.Succeeded,
                         LatencyMs = Math.Max(0, sample.Value),
                     });
        var all = points.ToArray();
        return new IncidentTrace
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"export-{from.ToUnixTimeMilliseconds()}-{to.ToUnixTimeMilliseconds()}"),
            Domain = all.Length == 0 ? "unknown" : all[0].parts[1],
            Points = [.. all.Select(each => each.point)],
        };
    }

    /// <summary>The smallest value that at least p percent of the values do not exceed.</summary>
    internal static double Percentile(double[] sorted, double p) =>
        sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(p / 100 * sorted.Length) - 1)];

    internal static bool IsName(string name) => name.Split('/') is { Length: 4 } parts && parts.All(part => part.Length is > 0 and <= 64);

    private IEnumerable<KeyValuePair<string, Series>> Matching(string pattern)
    {
        var wanted = pattern.Split('/');
        return _series.Where(pair => pair.Key.Split('/').Zip(wanted).All(part => part.Second is "*" || part.Second == part.First));
    }

    private readonly record struct Sample(DateTimeOffset At, double Value, bool Succeeded);

    private sealed class Series
    {
        private readonly Queue<Sample> _samples = new();

        public IEnumerable<Sample> Samples => _samples;

        public long Count { get; private set; }

        public double Sum { get; private set; }

        public void Add(Sample sample)
        {
            Count++;
            Sum += sample.Value;
            _samples.Enqueue(sample);
            if (_samples.Count > MostSamples)
            {
                _samples.Dequeue();
            }
        }
    }
}
