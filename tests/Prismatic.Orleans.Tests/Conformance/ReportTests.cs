using Prismatic.Events;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>OTP's cases about what a supervisor reports.</summary>
public sealed class ReportTests(ReportTests.Tree tree) : IClassFixture<ReportTests.Tree>
{
    public sealed class Tree : CaseTree
    {
        internal override void Declare(SupervisionTreeBuilder tree)
        {
            tree.Case(nameof(external_start_no_progress_log), supervisor => supervisor
                .Child(nameof(external_start_no_progress_log), "declared")
                .Accepts<ICaseGrain>()
                .DynamicSupervisor<ICaseGrain>("pool"));
            tree.Case(nameof(format_log_1), supervisor => supervisor.Child(nameof(format_log_1), "a", RestartType.Transient, Shutdown.Infinity), intensity: 1);
            tree.Case(nameof(format_log_2), supervisor => supervisor.Child(nameof(format_log_2), "a"));
        }
    }

    [Fact]
    public async Task external_start_no_progress_log()
    {
        var otp = tree.Case();
        Assert.Equal(["declared started", "pool started"], otp.ReportsOf(SupervisorReportContext.Progress));
        Assert.DoesNotContain(otp.Reports, report => report.ByRequest);

        await otp.Add("asked");
        await otp.Add("member", to: "pool");
        var asked = Assert.Single(otp.Reports, report => report.Child == "asked");
        Assert.True(asked.ByRequest);
        Assert.DoesNotContain(otp.Reports, report => report.Child == otp.Key("member"));

        await otp.Exit("asked");
        Assert.Equal([true, false], otp.Reports.Where(report => report is { Child: "asked", Context: SupervisorReportContext.Progress }).Select(report => report.ByRequest));
    }

    [Fact]
    public async Task format_log_1()
    {
        var otp = tree.Case();
        otp.Break("a");
        await otp.Exit("a");

        Assert.Equal(
            ["Progress a started 1", "ChildTerminated a Error 1", "StartError a 2", "Shutdown a reached_max_restart_intensity 2"],
            otp.Reports.Select(report => $"{report.Context} {report.Child} {(report.Context == SupervisorReportContext.StartError ? "" : $"{report.Reason} ")}{report.Incarnation}"));
        var failed = Assert.Single(otp.Reports, report => report.Context == SupervisorReportContext.StartError);
        Assert.Contains("InvalidDataException: format_log_1.a cannot start", failed.Reason, StringComparison.Ordinal);
        Assert.Equal(
            (otp.Path, otp.Actor("a").GetGrainId().ToString(), RestartType.Transient, Shutdown.Infinity, false, false),
            (failed.Supervisor, failed.Grain, failed.RestartType, failed.Shutdown, failed.Significant, failed.IsSupervisor));
        var terminated = Assert.Single(otp.Events, happened => happened.Report is { Context: SupervisorReportContext.ChildTerminated });
        var crashed = Assert.Single(otp.Events, happened => happened is { Kind: SupervisionEventKind.Crashed } && happened.CorrelationId == terminated.CorrelationId);
        Assert.Contains("told to crash", crashed.Text, StringComparison.Ordinal);
        Assert.Equal(
            (ChildPath.Combine(otp.Path, "a"), failed.Grain, 1L, "ICaseGrain.End", 0),
            (crashed.Crash!.Child, crashed.Crash.GrainId, crashed.Crash.Incarnation, crashed.Crash.Method, crashed.Crash.QueueLength));
        Assert.NotNull(terminated.Report!.Silo);
        Assert.Equal(1, terminated.Report.Restarts);
    }

    [Fact]
    public async Task format_log_2()
    {
        var otp = tree.Case();
        otp.NextStarts("a", StartOutcome.Failed);
        await otp.Exit("a");

        Assert.NotEmpty(otp.Reports);
        Assert.All(otp.Events.Where(happened => happened.Report is not null), happened =>
        {
            Assert.DoesNotContain('\n', happened.Text);
            Assert.InRange(happened.Text.Length, 1, 2_000);
            Assert.Contains(happened.Report!.Supervisor, happened.Text, StringComparison.Ordinal);
            Assert.Contains(happened.Report.Child, happened.Text, StringComparison.Ordinal);
            Assert.Contains(happened.Report.Reason, happened.Text, StringComparison.Ordinal);
        });
    }
}
