using Prismatic.Drills;

namespace Prismatic.Healing;

/// <summary>
/// The run that a seed stands for: the kinds of faults and when each strikes. Fixed before any result was seen; the README says each
/// number in words.
/// </summary>
internal sealed class Mix
{
    public const int Kinds = 60;
    public const int Incidents = 2_200;
    public const double ZipfExponent = 1.1;
    public const int LateKinds = 12;
    public const int ChangingKinds = 6;
    public static readonly TimeSpan Horizon = TimeSpan.FromHours(144);
    public static readonly TimeSpan Gap = TimeSpan.FromMinutes(3);

    private readonly Random _random;

    private Mix(int seed)
    {
        _random = new Random(seed);
        All = MakeKinds();
        Plan = MakePlan();
    }

    /// <summary>The kinds in the order of their ranks: the first strikes most often.</summary>
    public IReadOnlyList<FaultKind> All { get; }

    /// <summary>The incidents in the order of time.</summary>
    public IReadOnlyList<Incident> Plan { get; }

    public static Mix Of(int seed) => new(seed);

    private List<FaultKind> MakeKinds()
    {
        var looks = Catalogue.All.ToArray();
        if (looks.Length != Kinds)
        {
            throw new InvalidOperationException($"The catalogue has {looks.Length} kinds; the mix needs {Kinds}.");
        }

        _random.Shuffle(looks);
        var late = Draw(looks, LateKinds, _ => true);
        var changing = Draw(looks, ChangingKinds / 2, look => look.Nature == Nature.Outage && !late.Contains(look))
            .Concat(Draw(looks, ChangingKinds / 2, look => look is { Nature: Nature.Glitch, Target: not null } && !late.Contains(look)))
            .ToHashSet();
        return
        [
            .. looks.Select((look, number) => new FaultKind
            {
                Number = number,
                Child = look.Child,
                Class = look.Class,
                Nature = look.Nature,
                NatureLater = !changing.Contains(look) ? look.Nature : look.Nature == Nature.Outage ? Nature.Glitch : Nature.Outage,
                Late = late.Contains(look),
                Look = look.Recipe,
                Target = look.Target,
            }),
        ];
    }

    private HashSet<Catalogue.Entry> Draw(Catalogue.Entry[] looks, int count, Func<Catalogue.Entry, bool> may)
    {
        var candidates = looks.Where(may).ToArray();
        _random.Shuffle(candidates);
        return [.. candidates.Take(count)];
    }

    private List<Incident> MakePlan()
    {
        var early = Weights(kind => !kind.Late);
        var whole = Weights(_ => true);
        var times = Enumerable.Range(0, Incidents).Select(_ => Horizon * _random.NextDouble()).Order().ToList();
        var free = new Dictionary<string, TimeSpan>();
        var plan = new List<Incident>();
        foreach (var time in times)
        {
            var drawnLate = time >= Horizon / 2;
            var kind = All[Pick(drawnLate ? whole : early)];

            // One fault at a time for a worker: a second one waits until the first can be expected to be over.
            var at = free.TryGetValue(kind.Child, out var until) && until > time ? until : time;
            var incident = Make(plan.Count, kind, at);
            free[kind.Child] = at + incident.Lasts + incident.Strikes.DefaultIfEmpty().Max() + Gap;
            plan.Add(incident);
        }

        return [.. plan.OrderBy(incident => incident.At)];
    }

    private Incident Make(int number, FaultKind kind, TimeSpan at)
    {
        var nature = kind.NatureAt(at >= Horizon / 2);
        return new Incident
        {
            Number = number,
            Kind = kind,
            At = at,
            Nature = nature,
            Lasts = nature switch
            {
                Nature.Outage => TimeSpan.FromSeconds(Math.Min(900, 90 * Math.Exp(0.8 * Gauss()))),
                Nature.Starved => TimeSpan.FromSeconds(2 + (38 * _random.NextDouble())),
                _ => TimeSpan.Zero,
            },
            Strikes = nature switch
            {
                Nature.Passing => Spread(_random.NextDouble() < 0.8 ? 1 : 2, 0.01, 0.02),
                Nature.Incurable => Spread(1 + Poisson(2), 20, 90),
                Nature.Request => Spread(_random.Next(3, 6), 2, 20),
                _ => [],
            },
        };
    }

    private List<TimeSpan> Spread(int count, double least, double most)
    {
        var moments = new List<TimeSpan> { TimeSpan.Zero };
        while (moments.Count < count)
        {
            moments.Add(moments[^1] + TimeSpan.FromSeconds(least + ((most - least) * _random.NextDouble())));
        }

        return moments;
    }

    private double[] Weights(Func<FaultKind, bool> may)
    {
        var weights = All.Select((kind, rank) => may(kind) ? Math.Pow(rank + 1, -ZipfExponent) : 0).ToArray();
        var sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    private int Pick(double[] weights)
    {
        var left = _random.NextDouble();
        for (var i = 0; i < weights.Length; i++)
        {
            left -= weights[i];
            if (left < 0)
            {
                return i;
            }
        }

        return Array.FindLastIndex(weights, weight => weight > 0);
    }

    private double Gauss() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private int Poisson(double mean)
    {
        var limit = Math.Exp(-mean);
        var count = 0;
        for (var product = _random.NextDouble(); product > limit; product *= _random.NextDouble())
        {
            count++;
        }

        return count;
    }
}
