using Orleans.Runtime;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Supervision;

/// <summary>Silos act at once and supervisors hear of it later: a delay, and a quarantine, end there and here at different moments.</summary>
public sealed class LaggingSupervisorTests
{
    private const string Domain = "app/s";
    private const string Child = "app/s/a";
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private readonly SupervisorState _state = new();
    private readonly SupervisorSpec _spec;
    private readonly SupervisionOptions _options = new() { Mode = SupervisionMode.Enforce };
    private readonly SupervisorJudge _judge;

    public LaggingSupervisorTests()
    {
        var worker = new WorkerSpec { Id = "a", Path = Child, Kind = ChildKind.Worker, Interface = typeof(IGrain), Budget = new Budget(100, TimeSpan.FromHours(1)) };
        var family = new WorkerSpec { Id = "records", Path = "app/s/records", Kind = ChildKind.Family, Interface = typeof(IGrain) };
        _spec = new SupervisorSpec { Id = "s", Path = Domain, Strategy = RestartStrategy.OneForOne, Children = [worker, family], Budget = new Budget(2, TimeSpan.FromHours(1)) };
        var core = new SupervisorCore(CoreSetup.FlagsOf(_spec, _options), _state.Core);
        CoreSetup.Reconcile(_spec, _options, core);
        core.State.Children.ForEach(child => child.Run = ChildRun.Running);
        _judge = new SupervisorJudge(_spec, _options, _state, core, path => path == Child ? worker : null);
    }

    [Theory]
    [InlineData("one", "@2", 2, 2)] // its own delay had passed there, or its gate would have kept the second activation away
    [InlineData("two", "@2", 2, 1)] // the other silo had not heard of the first crash: both count, and one restart is for both
    [InlineData("one", "@1", 1, 1)] // told of once more
    public void A_crash_that_is_heard_of_while_the_delay_of_the_one_before_still_runs_here_is_counted(string silo, string activation, long crashes, long restarts)
    {
        Crash("one", "@1");
        Crash(silo, activation);

        Assert.Equal((crashes, restarts), (_state.Children[Child].Crashes, _state.Children[Child].Restarts));
    }

    [Fact]
    public void While_a_domain_is_shut_all_its_children_are_shown_so_with_its_ticket()
    {
        Shut();

        Assert.All(View(TimeSpan.Zero).Children, child => Assert.Equal((ChildStatus.Quarantined, _state.Quarantine!.Ticket), (child.Status, child.Ticket)));
    }

    [Fact]
    public void When_the_quarantine_of_a_domain_has_ended_children_that_nothing_is_known_of_are_well()
    {
        Shut();
        var ended = _state.Quarantine!.Until;
        _judge.Tick(ended, new Judgement());

        Assert.NotNull(_state.Quarantine);
        var record = View(ended).Children.Single(child => child.Kind == "family");
        Assert.Equal((ChildStatus.Idle, (string?)null), (record.Status, record.Ticket));
    }

    [Fact]
    public void A_quarantine_that_ended_while_the_supervisor_was_away_still_starts_whom_it_had_stopped()
    {
        Shut();
        var result = new Judgement();

        _judge.Tick(_state.Quarantine!.Until + _options.VerificationWindow, result);

        Assert.True(result.DomainChanged);
        Assert.Null(_state.Quarantine);
    }

    [Fact]
    public void An_answer_to_the_ticket_of_a_domain_ends_its_quarantine()
    {
        Shut();

        Answer(_state.Quarantine!.Ticket);
        var result = new Judgement();
        _judge.Tick(TimeSpan.Zero, result);

        Assert.Equal((true, false), (result.DomainChanged, _judge.DomainShut));
    }

    [Fact]
    public void A_child_whose_ticket_is_answered_is_tried_at_once_and_quarantined_for_longer_when_it_crashes_again()
    {
        var child = _judge.RecordOf(Child, null);
        child.BudgetTimes.AddRange(Enumerable.Repeat(TimeSpan.Zero, 100));
        Crash("one", "@1");
        Assert.Equal((ChildStatus.Quarantined, _options.QuarantineInitial), (child.StatusAt(TimeSpan.Zero), child.ReadyAt));

        var answered = Answer(child.Ticket!);
        Assert.Equal((ChildStatus.Restarting, (string?)null), (child.StatusAt(TimeSpan.Zero), child.Ticket));
        Assert.Contains(Child, answered.ToStart);

        Crash("one", "@2");
        Assert.Equal((ChildStatus.Quarantined, 2 * _options.QuarantineInitial), (child.StatusAt(TimeSpan.Zero), child.ReadyAt));
        Assert.NotNull(child.Ticket);
    }

    private Judgement Answer(string ticket)
    {
        var result = new Judgement();
        _judge.Resolve(ticket, new Resolution { Remediation = new RestartWithBackoff(), RootCause = "a wrong file" }, TimeSpan.Zero, default, result);
        return result;
    }

    private SupervisorView View(TimeSpan now) => SupervisorViews.Of(_spec, _state, _judge, _options, now, []);

    private void Shut()
    {
        for (var crash = 1; crash <= 3; crash++)
        {
            Crash("one", $"@{crash}");
        }
    }

    private void Crash(string silo, string activation) =>
        _judge.Crash(Reports.Crash(Child, silo, activation: activation) with { Action = new RestartWithBackoff(), Delay = Delay }, TimeSpan.Zero, default, new Judgement());
}
