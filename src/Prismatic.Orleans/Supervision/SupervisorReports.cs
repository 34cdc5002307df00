using Prismatic.Events;

namespace Prismatic.Supervision;

/// <summary>A core's reports as events.</summary>
internal static class SupervisorReports
{
    public static SupervisionEvent Event(SupervisorSpec spec, SupervisorState state, CoreReport report, CoreChild? child, string? grain)
    {
        var path = ChildPath.Combine(spec.Path, report.Id);
        var record = state.Children.GetValueOrDefault(path);
        return new SupervisionEvent
        {
            Kind = SupervisionEventKind.Reported,
            Subject = path,
            CorrelationId = record?.LastCrashId ?? "",
            Text = $"{spec.Path}: {Words(report.Kind)} {report.Id}, {report.Reason}",
            Report = new SupervisorReport
            {
                Supervisor = spec.Path,
                Context = report.Kind switch
                {
                    CoreReportKind.Progress => SupervisorReportContext.Progress,
                    CoreReportKind.ChildTerminated => SupervisorReportContext.ChildTerminated,
                    CoreReportKind.StartError => SupervisorReportContext.StartError,
                    CoreReportKind.ShutdownError => SupervisorReportContext.ShutdownError,
                    _ => SupervisorReportContext.Shutdown,
                },
                Reason = report.Reason,
                Child = report.Id,
                Grain = grain,
                Incarnation = report.Incarnation,
                RestartType = child?.Restart,
                Shutdown = child?.Shutdown,
                Significant = child?.Significant ?? false,
                IsSupervisor = child?.IsSupervisor ?? false,
                ByRequest = report.ByRequest,
                Silo = record?.Silo,
                Restarts = record?.Restarts ?? 0,
            },
        };
    }

    private static string Words(CoreReportKind kind) => kind switch
    {
        CoreReportKind.Progress => "progress of",
        CoreReportKind.ChildTerminated => "end of child",
        CoreReportKind.StartError => "failed start of",
        CoreReportKind.ShutdownError => "unexpected end of",
        _ => "shutdown because of",
    };
}
