using System.Collections.Immutable;

namespace Prismatic.Supervision;

/// <summary>A supervisor's state as people and programs read it.</summary>
internal static class SupervisorViews
{
    private const int MembersShown = 200;

    public static SupervisorView Of(SupervisorSpec spec, SupervisorState state, SupervisorJudge judge, SupervisionOptions options, TimeSpan now, IEnumerable<WorkerSpec> added) => new()
    {
        Path = spec.Path,
        Strategy = spec.Strategy,
        Status = judge.DomainShut ? ChildStatus.Quarantined : state.Core.Ended is null ? ChildStatus.Up : ChildStatus.Stopped,
        Intensity = spec.Budget?.Intensity ?? 0,
        PeriodSeconds = spec.Budget?.Period.TotalSeconds ?? 0,
        RestartsInWindow = spec.Budget is { } budget ? RestartWindow.Count(state.Window, now, budget.Period) : 0,
        Children = [.. spec.Children.Concat(added).SelectMany(child => Views(spec, state, Shut(state, judge), options, now, child))],
        Hotspots = Hotspots(state, options, now),
        Tickets = [.. state.Tickets.OrderBy(ticket => ticket.ResolvedAt is not null).ThenByDescending(ticket => ticket.LastSeenAt)],
    };

    /// <summary>The quarantine that keeps all children away now; null when there is none, or when it has ended and they are being tried.</summary>
    public static DomainQuarantine? Shut(SupervisorState state, SupervisorJudge judge) => judge.DomainShut ? state.Quarantine : null;

    public static ChildView OfChild(SupervisorSpec spec, SupervisorState state, DomainQuarantine? shut, WorkerSpec worker, string path, SupervisionOptions options, TimeSpan now)
    {
        var kind = worker.Kind == ChildKind.Worker ? "worker" : worker.Path == path ? "family" : "member";
        if (!state.Children.TryGetValue(path, out var child))
        {
            var runs = state.Core.Children.Find(known => known.Id == worker.Id)?.Run ?? ChildRun.Running;
            return new ChildView
            {
                Path = path,
                Kind = kind,
                Status = runs == ChildRun.Undefined ? ChildStatus.Stopped : shut is null ? ChildStatus.Idle : ChildStatus.Quarantined,
                AvailableIn = shut?.Until - now,
                Ticket = shut?.Ticket,
            };
        }

        var own = child.StatusAt(now);
        var keptBy = own == ChildStatus.Stopped ? null : shut;
        var status = keptBy is null ? own : ChildStatus.Quarantined;
        var readyAt = keptBy is { } kept && kept.Until > child.ReadyAt ? kept.Until : child.ReadyAt;
        return new ChildView
        {
            Path = path,
            Kind = kind,
            Status = status,
            Incarnation = child.Incarnation,
            Restarts = child.Restarts,
            Crashes = child.Crashes,
            RecentRestarts = RestartWindow.Count(child.RestartTimes, child.RestartCounts, now, options.HotspotWindow),
            AvailableIn = status is ChildStatus.BackingOff or ChildStatus.Quarantined or ChildStatus.Fallback ? readyAt - now : null,
            Verifying = child.Remedies.Count > 0,
            LastCrash = child.LastCrash,
            Ticket = child.Ticket ?? keptBy?.Ticket,
            Silo = child.Silo,
        };
    }

    /// <summary>Children with more restarts in the window than the options allow, the worst first.</summary>
    public static ImmutableArray<Hotspot> Hotspots(SupervisorState state, SupervisionOptions options, TimeSpan now) =>
    [
        .. state.Children.Values
            .Select(child => (Child: child, Recent: RestartWindow.Count(child.RestartTimes, child.RestartCounts, now, options.HotspotWindow)))
            .Where(entry => entry.Recent > options.HotspotRestarts)
            .OrderByDescending(entry => entry.Recent)
            .Select(entry => new Hotspot
            {
                Path = entry.Child.Path,
                Restarts = entry.Recent,
                WindowSeconds = options.HotspotWindow.TotalSeconds,
                LastCrash = entry.Child.LastCrash,
            }),
    ];

    private static IEnumerable<ChildView> Views(SupervisorSpec spec, SupervisorState state, DomainQuarantine? shut, SupervisionOptions options, TimeSpan now, IDeclaredChild child)
    {
        if (child is not WorkerSpec worker)
        {
            yield break;
        }

        yield return OfChild(spec, state, shut, worker, worker.Path, options, now);
        var members = worker.Kind == ChildKind.Family
            ? state.Children.Values.Where(record => record.Path != worker.Path && ChildPath.Parent(record.Path) == worker.Path).Take(MembersShown)
            : [];
        foreach (var member in members)
        {
            yield return OfChild(spec, state, shut, worker, member.Path, options, now);
        }
    }
}
