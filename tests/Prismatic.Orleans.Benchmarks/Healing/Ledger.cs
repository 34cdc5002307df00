using Prismatic.Lessons;

namespace Prismatic.Healing;

/// <summary>Why a person was called without a ticket.</summary>
internal enum Alert
{
    /// <summary>Callers had nothing but exceptions for two minutes.</summary>
    Outage,

    /// <summary>It crashed more than three times in five minutes, over two minutes at least.</summary>
    CrashLoop,
}

/// <summary>One crash with what was done about it and what came of it.</summary>
internal sealed class Strike
{
    public required ActiveIncident Of { get; init; }

    public required TimeSpan At { get; init; }

    /// <summary>Whether its kind had struck before and been over.</summary>
    public required bool Known { get; init; }

    /// <summary>The remediation that was applied; null when nothing was done.</summary>
    public string? Action { get; set; }

    /// <summary>The rule behind it.</summary>
    public string? Rule { get; set; }

    /// <summary>Whether it was recognised as the request's fault.</summary>
    public bool BlamedRequest { get; set; }

    /// <summary>Whether it opened or joined a ticket.</summary>
    public bool Ticketed { get; set; }

    /// <summary>Whether it got the default restart because a person knows of it or is being told.</summary>
    public bool Contained => Rule is { } rule && LessonRules.Contains(rule);

    /// <summary>When the child served again itself; null when it did not before the end.</summary>
    public TimeSpan? RecoveredAt { get; set; }

    /// <summary>Of the time until then, how long calls waited because they were asked to.</summary>
    public TimeSpan AskedFor { get; set; }

    /// <summary>Real time that the crash and the first served call took.</summary>
    public TimeSpan Processing { get; set; }
}

/// <summary>The figures of one arm; rates are fractions. The README defines each.</summary>
internal sealed record HealingFigures
{
    public required int Crashes { get; init; }

    public required double RightAction { get; init; }

    public required double AutoRemediatedAll { get; init; }

    public required double AutoRemediatedKnown { get; init; }

    public required double FalsePositiveRate { get; init; }

    public required double TicketRate { get; init; }

    public required double Availability { get; init; }

    public required double MttrP50Ms { get; init; }

    public required double MttrP99Ms { get; init; }

    public required int ManualInterventions { get; init; }

    // What the figures above are made of, and what else is worth knowing.
    public required int Incidents { get; init; }

    public required double AutoRemediatedKnownAndIncurable { get; init; }

    public required double MttrWithWaitsP50Ms { get; init; }

    public required double MttrWithWaitsP99Ms { get; init; }

    public required int Tickets { get; init; }

    public required int OutageAlerts { get; init; }

    public required int CrashLoopAlerts { get; init; }

    public required int UnansweredForTwoMinutes { get; init; }
}

/// <summary>Makes the figures out of what was written down. Pure functions.</summary>
internal static class Ledger
{
    public static HealingFigures Figures(IReadOnlyList<Strike> strikes, IReadOnlyDictionary<int, Alert> alerts, int unanswered, int tickets, TimeSpan down, TimeSpan whole, int incidents)
    {
        var ticketed = strikes.Where(strike => strike.Ticketed).Select(strike => strike.Of.Incident.Number).ToHashSet();
        var known = strikes.Where(strike => strike.Known).ToList();
        var curable = known.Where(strike => strike.Of.Incident.Nature != Nature.Incurable).ToList();
        var acted = strikes.Where(Acted).ToList();
        var recovered = strikes.Where(strike => strike.RecoveredAt is not null).ToList();
        var whole50 = recovered.Select(strike => Ms(strike.RecoveredAt!.Value - strike.At + strike.Processing)).Order().ToList();
        var without = recovered.Select(strike => Math.Max(0, Ms(strike.RecoveredAt!.Value - strike.At - strike.AskedFor)) + Ms(strike.Processing)).Order().ToList();
        return new HealingFigures
        {
            Crashes = strikes.Count,
            Incidents = incidents,
            RightAction = Share(strikes, Right),
            AutoRemediatedAll = Share(strikes, Alone),
            AutoRemediatedKnown = Share(curable, Alone),
            AutoRemediatedKnownAndIncurable = Share(known, Alone),
            FalsePositiveRate = Share(acted, strike => !Right(strike)),
            TicketRate = Share(strikes, strike => strike.Ticketed),
            Availability = 1 - (down / whole),
            MttrWithWaitsP50Ms = Percentile(whole50, 0.5),
            MttrWithWaitsP99Ms = Percentile(whole50, 0.99),
            MttrP50Ms = Percentile(without, 0.5),
            MttrP99Ms = Percentile(without, 0.99),
            ManualInterventions = tickets + alerts.Count,
            Tickets = tickets,
            OutageAlerts = alerts.Values.Count(alert => alert == Alert.Outage),
            CrashLoopAlerts = alerts.Values.Count(alert => alert == Alert.CrashLoop),
            UnansweredForTwoMinutes = unanswered,
        };

        bool Alone(Strike strike) => (Acted(strike) || strike.BlamedRequest) && Right(strike)
            && !ticketed.Contains(strike.Of.Incident.Number) && !alerts.ContainsKey(strike.Of.Incident.Number);
    }

    /// <summary>What became of each kind, a line each: where the figures come from.</summary>
    public static IEnumerable<string> ByKind(IReadOnlyList<Strike> strikes) =>
        from strike in strikes
        group strike by (strike.Of.Incident.Kind, strike.Of.Incident.Nature) into kind
        orderby kind.Key.Kind.Number, kind.Key.Nature
        let look = kind.Key.Kind.Look
        let done = kind.GroupBy(strike => strike.BlamedRequest ? "blamed" : $"{strike.Action ?? "nothing"} by {ShortRule(strike.Rule)}").OrderByDescending(one => one.Count())
        select $"{kind.Key.Kind.Number,2} {kind.Key.Nature,-9} {kind.Key.Kind.Child["prismatic/".Length..],-28} {look.Type[(look.Type.LastIndexOf('.') + 1)..],-28} crashes {kind.Count(),5}, wrong {kind.Count(strike => Acted(strike) && !Right(strike)),4}, ticketed {kind.Count(strike => strike.Ticketed),3}: "
            + string.Join(", ", done.Select(one => $"{one.Key} {one.Count()}"));

    private static string ShortRule(string? rule) => rule is null ? "nobody" : LessonRules.IsLessons(rule) ? rule[..rule.IndexOf('-', StringComparison.Ordinal)] : rule;

    /// <summary>
    /// Whether something was done to the worker or its target by itself. A ticket is a question, and neither the default restart that goes with it nor
    /// the one that contains what a person knows of is an answer.
    /// </summary>
    public static bool Acted(Strike strike) => strike is { Contained: false, Action: not (null or nameof(Remediation.Escalate)) };

    /// <summary>Whether what was done is what the truth asks for.</summary>
    public static bool Right(Strike strike) => strike.Of.Incident.Nature switch
    {
        Nature.Request => strike.Action is null,
        Nature.Incurable => strike.Action == nameof(Remediation.Escalate) || strike.Contained,
        var nature => Cures.Of(nature).Contains(strike.Action),
    };

    private static double Share(IReadOnlyCollection<Strike> of, Func<Strike, bool> which) => of.Count == 0 ? 0 : Math.Round(of.Count(which) / (double)of.Count, 4);

    private static double Percentile(List<double> ordered, double share) =>
        ordered.Count == 0 ? 0 : Math.Round(ordered[Math.Min(ordered.Count - 1, (int)(share * ordered.Count))], 2);

    private static double Ms(TimeSpan time) => time.TotalMilliseconds;
}
