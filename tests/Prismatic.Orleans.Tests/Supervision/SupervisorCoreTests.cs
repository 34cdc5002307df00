using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Supervision;

public sealed class SupervisorCoreTests
{
    [Fact]
    public void Late_news_of_a_child_that_was_deleted_is_not_taken_for_news_of_the_new_child_with_its_id()
    {
        var core = new SupervisorCore(new CoreFlags { Strategy = RestartStrategy.OneForOne, Intensity = new Budget(1, TimeSpan.FromHours(1)) }, new CoreState());
        Start(core, "a");
        var first = core.Find("a")!.Incarnation;
        core.Post(new CoreMail { Kind = CoreMailKind.TerminateChild, Id = "a" });
        core.Next(TimeSpan.Zero);
        core.Stopped("a", ExitReason.Shutdown);
        core.Post(new CoreMail { Kind = CoreMailKind.DeleteChild, Id = "a" });
        Start(core, "a");

        core.Post(new CoreMail { Kind = CoreMailKind.Exited, Id = "a", Incarnation = first, Reason = ExitReason.Error });

        Assert.Null(core.Next(TimeSpan.Zero));
        Assert.Equal(ChildRun.Running, core.Find("a")!.Run);
    }

    private static void Start(SupervisorCore core, string id)
    {
        core.Post(new CoreMail { Kind = CoreMailKind.StartChild, Child = new CoreChild { Id = id } });
        Assert.Equal(CoreStepKind.Start, core.Next(TimeSpan.Zero)!.Kind);
        core.Started(id, StartOutcome.Started, TimeSpan.Zero);
        Assert.Null(core.Next(TimeSpan.Zero));
    }
}
