using Prismatic.Drills;
using Prismatic.Events;
using Xunit;

namespace Prismatic.Tests.Drills;

public sealed class DrillFindingsTests
{
    private const string Child = "app/work/a";

    [Fact]
    public void A_child_that_served_after_its_crash_has_recovered_by_then() =>
        Assert.Equal((true, "app/work/a: 500ms"), Recovered(Call(900, CallEnd.Struck, "Boom: it"), Call(1_500, CallEnd.Served)));

    [Fact]
    public void Of_a_child_that_did_not_serve_again_the_last_call_is_told() =>
        Assert.Equal(
            (false, "app/work/a: not recovered; its last call ended at 1.4s with Boom: once more"),
            Recovered(Call(900, CallEnd.Served), Call(1_400, CallEnd.Failed, "Boom: once more"), Call(1_200, CallEnd.Failed, "Boom: it")));

    [Fact]
    public void A_child_whose_calls_have_got_no_answer_is_told_by_the_last_that_did() =>
        Assert.Equal((false, "app/work/a: not recovered; no call ended after 900ms"), Recovered(Call(900, CallEnd.Served)));

    [Fact]
    public void A_child_that_nobody_called_has_not_recovered() => Assert.Equal((false, "app/work/a: not recovered; nobody called it"), Recovered());

    /// <summary>Of a drill in which the child crashed at 1 s and should serve within 2 s.</summary>
    private static (bool Met, string Seen) Recovered(params EndedCall[] calls)
    {
        var drill = new DrillFile { Name = "one", Seed = 1, Duration = TimeSpan.FromSeconds(3), Expect = new DrillExpectations { RecoveredWithin = TimeSpan.FromSeconds(2) } };
        var crash = new DrillEvent { At = TimeSpan.FromSeconds(1), Kind = SupervisionEventKind.Crashed, Subject = Child, Crash = "c" };
        var result = Assert.Single(DrillFindings.Judge(drill, new DrillSight { Calls = calls, Events = [crash] }));
        return (result.Met, result.Seen);
    }

    private static EndedCall Call(int endedAt, CallEnd end, string? exception = null) => new(Child, TimeSpan.FromMilliseconds(endedAt), end, exception, SawTheFault: false);
}
