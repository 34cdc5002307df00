using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>OTP's cases about significant children and the automatic shutdown of their supervisor.</summary>
public sealed class SignificantTests(SignificantTests.Tree tree) : IClassFixture<SignificantTests.Tree>
{
    private static readonly AutoShutdown[] Modes = Enum.GetValues<AutoShutdown>();

    public sealed class Tree : CaseTree
    {
        internal override void Declare(SupervisionTreeBuilder tree)
        {
            tree.Case(nameof(nonsignificant_temporary), supervisor => Below(supervisor, nameof(nonsignificant_temporary), [.. Modes.Select(mode => (mode.ToString(), mode))]));
            tree.Case(nameof(nonsignificant_transient), supervisor => Below(supervisor, nameof(nonsignificant_transient), [.. Modes.Select(mode => (mode.ToString(), mode))]));
            foreach (var name in new[] { nameof(significant_temporary), nameof(significant_transient) })
            {
                tree.Case(name, supervisor => Below(
                    supervisor,
                    name,
                    ("normal", AutoShutdown.AnySignificant),
                    ("shutdown", AutoShutdown.AnySignificant),
                    ("abnormal", AutoShutdown.AnySignificant),
                    ("terminated", AutoShutdown.AnySignificant),
                    ("all", AutoShutdown.AllSignificant)));
            }

            tree.Case(nameof(significant_bystander), supervisor =>
            {
                foreach (var strategy in new[] { RestartStrategy.OneForAll, RestartStrategy.RestForOne })
                {
                    foreach (var mode in new[] { AutoShutdown.AnySignificant, AutoShutdown.AllSignificant })
                    {
                        var id = $"{strategy}-{mode}";
                        supervisor.Supervisor(id, strategy, below => below
                            .AutoShutdown(mode)
                            .Lifetime(RestartType.Transient)
                            .Child(nameof(significant_bystander), $"{id}-a")
                            .Child(nameof(significant_bystander), $"{id}-transient", RestartType.Transient, significant: true)
                            .Child(nameof(significant_bystander), $"{id}-temporary", RestartType.Temporary, significant: true));
                    }
                }
            });
            tree.Case(nameof(significant_escalation), supervisor => supervisor
                .Supervisor("significant", RestartStrategy.OneForOne, middle => middle
                    .AutoShutdown(AutoShutdown.AnySignificant)
                    .Lifetime(RestartType.Transient)
                    .Supervisor("low", RestartStrategy.OneForOne, low => low
                        .AutoShutdown(AutoShutdown.AnySignificant)
                        .Lifetime(RestartType.Transient)
                        .Significant()
                        .Child(nameof(significant_escalation), "a", RestartType.Transient, significant: true)
                        .Child(nameof(significant_escalation), "b")))
                .Supervisor("not", RestartStrategy.OneForOne, middle => middle
                    .AutoShutdown(AutoShutdown.AnySignificant)
                    .Lifetime(RestartType.Transient)
                    .Supervisor("low", RestartStrategy.OneForOne, low => low
                        .AutoShutdown(AutoShutdown.AnySignificant)
                        .Lifetime(RestartType.Transient)
                        .Child(nameof(significant_escalation), "c", RestartType.Transient, significant: true))));
        }

        private static void Below(SupervisorBuilder supervisor, string name, params (string Id, AutoShutdown Mode)[] below)
        {
            foreach (var (id, mode) in below)
            {
                supervisor.Supervisor(id, RestartStrategy.OneForOne, one => one
                    .AutoShutdown(mode)
                    .Lifetime(RestartType.Transient)
                    .Intensity(10, LongPeriod)
                    .Child(name, $"{id}-sibling")
                    .Accepts<ICaseGrain>());
            }
        }
    }

    [Fact]
    public Task nonsignificant_temporary() => NothingFires(tree.Case(), RestartType.Temporary);

    [Fact]
    public Task nonsignificant_transient() => NothingFires(tree.Case(), RestartType.Transient);

    private static async Task NothingFires(OtpCase otp, RestartType restart)
    {
        foreach (var mode in Modes)
        {
            foreach (var reason in new[] { ExitReason.Normal, ExitReason.Shutdown, ExitReason.Error })
            {
                await otp.Add($"{mode}-{reason}", restart, mode.ToString());
                await otp.Exit($"{mode}-{reason}", reason);
                Assert.Equal(ChildRun.Running, await otp.Run(mode.ToString()));
            }

            await otp.Add($"{mode}-terminated", restart, mode.ToString());
            await otp.Supervisor(mode.ToString()).TerminateChild($"{mode}-terminated");
            await otp.Settled();
            Assert.Equal(ChildRun.Running, await otp.Run(mode.ToString()));
            await otp.Actor($"{mode}-sibling").Serve();
        }
    }

    [Fact]
    public async Task significant_temporary()
    {
        var otp = tree.Case();
        foreach (var (supervisor, reason) in new[] { ("normal", ExitReason.Normal), ("shutdown", ExitReason.Shutdown), ("abnormal", ExitReason.Error) })
        {
            await otp.Add($"{supervisor}-a", RestartType.Temporary, supervisor, significant: true);
            await otp.Exit($"{supervisor}-a", reason);
            await otp.AssertEnded(supervisor, $"{supervisor}-sibling");
        }

        await TerminatingFiresNothing(otp, RestartType.Temporary);
        await TheLastOfAllFires(otp, RestartType.Temporary, ExitReason.Error);
    }

    [Fact]
    public async Task significant_transient()
    {
        var otp = tree.Case();
        await otp.Add("abnormal-a", RestartType.Transient, "abnormal", significant: true);
        await otp.Exit("abnormal-a");
        Assert.Equal("abnormal-sibling=Running abnormal-a=Running", await otp.Which("abnormal"));
        foreach (var (supervisor, reason) in new[] { ("normal", ExitReason.Normal), ("shutdown", ExitReason.Shutdown) })
        {
            await otp.Add($"{supervisor}-a", RestartType.Transient, supervisor, significant: true);
            await otp.Exit($"{supervisor}-a", reason);
            await otp.AssertEnded(supervisor, $"{supervisor}-sibling", $"{supervisor}-a");
        }

        await TerminatingFiresNothing(otp, RestartType.Transient);
        await TheLastOfAllFires(otp, RestartType.Transient, ExitReason.Normal);
    }

    private static async Task TerminatingFiresNothing(OtpCase otp, RestartType restart)
    {
        await otp.Add("terminated-a", restart, "terminated", significant: true);
        await otp.Supervisor("terminated").TerminateChild("terminated-a");
        await otp.Settled();
        Assert.Equal(ChildRun.Running, await otp.Run("terminated"));
        await otp.Actor("terminated-sibling").Serve();
    }

    private static async Task TheLastOfAllFires(OtpCase otp, RestartType restart, ExitReason last)
    {
        await otp.Add("all-a", restart, "all", significant: true);
        await otp.Add("all-b", restart, "all", significant: true);
        await otp.Exit("all-a", ExitReason.Normal);
        Assert.Equal(ChildRun.Running, await otp.Run("all"));
        await otp.Exit("all-b", last);
        await otp.AssertEnded("all", "all-sibling", "all-a", "all-b");
    }

    [Fact]
    public async Task significant_simple()
    {
        var tree = new SupervisionTreeBuilder().Supervisor("s", RestartStrategy.OneForOne, s => s.DynamicSupervisor<ICaseGrain>("pool", configure: pool => pool.AutoShutdown(AutoShutdown.AnySignificant)));
        Assert.Contains("a dynamic supervisor's must be Never", Assert.Single(TreeRules.FindMistakes(tree.Build(), tree.Settings)), StringComparison.Ordinal);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task significant_bystander()
    {
        var otp = tree.Case();
        foreach (var id in new[] { "OneForAll-AnySignificant", "OneForAll-AllSignificant", "RestForOne-AnySignificant", "RestForOne-AllSignificant" })
        {
            otp.Journal();
            await otp.Exit($"{id}-a");
            Assert.Equal($"stop {id}-a, stop {id}-temporary, stop {id}-transient, start {id}-a, start {id}-transient", otp.Journal());
            Assert.Equal($"{id}-a=Running {id}-transient=Running", await otp.Which(id));
            Assert.Equal(ChildRun.Running, await otp.Run(id));
        }
    }

    [Fact]
    public async Task significant_escalation()
    {
        var otp = tree.Case();
        await otp.Exit("a", ExitReason.Normal);
        Assert.Equal("significant=Undefined not=Running", await otp.Which());
        await otp.AssertStopped("b");

        await otp.Exit("c", ExitReason.Normal);
        Assert.Equal("significant=Undefined not=Running", await otp.Which());
        Assert.Equal("low=Undefined", await otp.Which("not"));
    }
}
