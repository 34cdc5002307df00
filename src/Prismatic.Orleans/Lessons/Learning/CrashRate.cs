using System.Text.Json.Serialization;

namespace Prismatic.Lessons;

/// <summary>
/// How often a group crashes, hour by hour, in four numbers. The forecast for an hour is the mean of the hours before it, of which the
/// last 24 weigh most; its upper limit lies three standard deviations above, those that were seen or of a Poisson count where that is more, and at
/// 10 crashes at least. Crashes come in bursts, which a Poisson count alone would take for news.
/// </summary>
[GenerateSerializer, Immutable, Alias("prismatic.CrashRate")]
internal sealed record CrashRate
{
    private const int Window = 24;
    private const double Least = 10;

    /// <summary>The hour that is being counted, in hours since 1970.</summary>
    [Id(0)] public long Hour { get; init; }

    /// <summary>Crashes in it.</summary>
    [Id(1)] public long Count { get; init; }

    /// <summary>The mean of the hours before.</summary>
    [Id(2)] public double Mean { get; init; }

    /// <summary>How many hours the mean is made of, 24 at most.</summary>
    [Id(3)] public int Hours { get; init; }

    /// <summary>The variance of the hours before, weighed as the mean is.</summary>
    [Id(4)] public double Variance { get; init; }

    /// <summary>More crashes than this within the hour are more than was forecast; infinite before the first hour is over.</summary>
    [JsonIgnore]
    public double Limit => Hours == 0 ? double.PositiveInfinity : Math.Max(Least, Mean + (3 * Math.Sqrt(Math.Max(Math.Max(Mean, Variance), 1))));

    /// <summary>Whether the hour's crashes exceed the forecast.</summary>
    [JsonIgnore]
    public bool Exceeded => Count > Limit;

    /// <summary>The rate after a crash. A crash told late belongs to the hour being counted.</summary>
    public CrashRate With(DateTimeOffset seenAt)
    {
        var next = Hour == 0 ? this with { Hour = HourOf(seenAt) } : At(seenAt);
        return next with { Count = next.Count + 1 };
    }

    /// <summary>The rate at a later moment: hours that ended go into the mean, silent ones too.</summary>
    public CrashRate At(DateTimeOffset now)
    {
        var ended = HourOf(now) - Hour;
        if (Hour == 0 || ended <= 0)
        {
            return this;
        }

        var hours = Math.Min(Window, Hours + 1);
        var mean = Mean + ((Count - Mean) / hours);
        var variance = Variance + ((((Count - Mean) * (Count - mean)) - Variance) / hours);
        for (var silent = 1; silent < ended && mean > 1e-6; silent++)
        {
            hours = Math.Min(Window, hours + 1);
            var next = mean - (mean / hours);
            variance += ((mean * next) - variance) / hours;
            mean = next;
        }

        return new CrashRate { Hour = Hour + ended, Mean = mean, Variance = variance, Hours = (int)Math.Min(Window, Math.Max(hours, Hours + ended)) };
    }

    private static long HourOf(DateTimeOffset moment) => moment.ToUnixTimeSeconds() / 3600;
}
