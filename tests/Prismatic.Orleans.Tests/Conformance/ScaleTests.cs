using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>OTP's cases about many children. What grows is counted in allocated bytes, which unlike time are the same on every machine.</summary>
public sealed class ScaleTests(ScaleTests.Tree tree) : IClassFixture<ScaleTests.Tree>
{
    private const int Many = 500;

    public sealed class Tree : CaseTree
    {
        internal override void Declare(SupervisionTreeBuilder tree)
        {
            tree.Pool(nameof(count_children));
            tree.Case(nameof(scale_start_stop_many_children), supervisor =>
            {
                for (var i = 0; i < Many; i++)
                {
                    supervisor.Child(nameof(scale_start_stop_many_children), $"{i}");
                }
            });
        }
    }

    [Fact]
    public async Task count_children()
    {
        var otp = tree.Case();
        for (var i = 0; i < Many; i++)
        {
            await otp.Add($"{i}", RestartType.Temporary, "pool");
        }

        Assert.Equal((1, Many, 0, Many), await otp.Counts("pool"));
        Assert.Equal((1, Many, 0, Many), await otp.Counts("pool"));
        await Task.WhenAll(Enumerable.Range(0, Many).Select(i => otp.ExitUnsettled($"{i}")));
        await otp.Settled();
        Assert.Equal((1, 0, 0, 0), await otp.Counts("pool"));
    }

    [Fact]
    public async Task scale_start_stop_many_children()
    {
        var otp = tree.Case();
        Assert.Equal(string.Join(", ", Enumerable.Range(0, Many).Select(i => $"start {i}")), otp.Journal());
        await otp.Stop();
        Assert.Equal(string.Join(", ", Enumerable.Range(0, Many).Reverse().Select(i => $"stop {i}")), otp.Journal());

        var few = Allocated(1_000, StartAndStop);
        Assert.InRange(Allocated(100_000, StartAndStop), 0, 100 * few * 10);
    }

    [Fact]
    public void simple_one_for_one_scale_many_temporary_children()
    {
        var few = Allocated(1_000, TerminateEach);
        Assert.InRange(Allocated(10_000, TerminateEach), 0, 50 * few);
    }

    private static long Allocated(int children, Action<SupervisorCore, int> work)
    {
        var core = new SupervisorCore(
            new CoreFlags { Strategy = RestartStrategy.OneForOne, Intensity = new Budget(1, TimeSpan.FromSeconds(5)), Simple = work == TerminateEach },
            new CoreState { Children = [.. Enumerable.Range(0, children).Select(i => new CoreChild { Id = $"{i}" })] });
        var before = GC.GetAllocatedBytesForCurrentThread();
        work(core, children);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void StartAndStop(SupervisorCore core, int children)
    {
        core.Post(new CoreMail { Kind = CoreMailKind.Begin });
        Run(core);
        core.Post(new CoreMail { Kind = CoreMailKind.Shutdown });
        Run(core);
        Assert.NotNull(core.State.Ended);
    }

    private static void TerminateEach(SupervisorCore core, int children)
    {
        core.Post(new CoreMail { Kind = CoreMailKind.Begin });
        Run(core);
        for (var i = 0; i < children; i++)
        {
            core.Post(new CoreMail { Kind = CoreMailKind.TerminateChild, Id = $"{i}" });
            Run(core);
        }

        Assert.Empty(core.State.Children);
    }

    private static void Run(SupervisorCore core)
    {
        while (core.Next(TimeSpan.Zero) is { } step)
        {
            foreach (var child in step.Children.ToList())
            {
                if (step.Kind == CoreStepKind.Start)
                {
                    core.Started(child.Id, StartOutcome.Started, TimeSpan.Zero);
                }
                else
                {
                    core.Stopped(child.Id, ExitReason.Shutdown);
                }
            }

            core.Reports.Clear();
        }
    }
}
