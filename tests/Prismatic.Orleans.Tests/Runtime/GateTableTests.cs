using System.Collections.Frozen;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Runtime;

public sealed class GateTableTests
{
    private const string Supervisor = "app/work";
    private const string Worker = "app/work/one";
    private static readonly GrainId Grain = GrainId.Create("one", "one");
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();
    private readonly SupervisedChild _child;
    private readonly GateTable _gates;

    public GateTableTests()
    {
        var worker = new WorkerSpec { Id = "one", Path = Worker, Kind = ChildKind.Worker, Interface = typeof(IGrain) };
        var supervisor = new SupervisorSpec { Id = "work", Path = Supervisor, Strategy = RestartStrategy.OneForOne, Children = [worker] };
        _child = new SupervisedChild(worker, supervisor, Grain.Type, fallback: null);
        var types = new SupervisedTypes();
        var workers = new Dictionary<GrainId, SupervisedChild> { [Grain] = _child };
        types.Set(new Dictionary<GrainType, SupervisedType> { [Grain.Type] = new(workers.ToFrozenDictionary(), null, enumerates: false, accepted: []) });
        _gates = new GateTable(new MonotonicClock(_time), types, new ResetOrders(_ => Task.FromResult<string?>(null)), new FailedSteps());
    }

    private ChildStatus Status => _gates.Ask(Grain, _child).Status;

    [Fact]
    public void A_late_directive_of_an_earlier_activation_of_the_supervisor_changes_nothing_whatever_its_number()
    {
        var before = DirectiveVersion.NextEpoch(0);
        var after = DirectiveVersion.NextEpoch(before + 1_000);

        _gates.Apply(Of(ChildStatus.Idle, after + 1));
        _gates.Apply(Of(ChildStatus.Stopped, before + 1_000_000));

        Assert.Equal(ChildStatus.Up, Status);
    }

    [Fact]
    public void A_late_directive_does_not_bring_back_a_gate_that_has_gone()
    {
        _gates.Apply(Of(ChildStatus.Stopped, 1));
        _gates.Apply(Of(ChildStatus.Idle, 3));

        _gates.Apply(Of(ChildStatus.Stopped, 2));

        Assert.Equal(ChildStatus.Up, Status);
        Assert.Equal(0, _gates.Count);
    }

    [Theory]
    [InlineData(ChildStatus.Stopped)]
    [InlineData(ChildStatus.BackingOff)]
    [InlineData(ChildStatus.Quarantined)]
    public void A_gate_whose_lease_is_not_renewed_opens_into_a_restart_at_its_end_and_not_before(ChildStatus status)
    {
        _gates.Apply(Of(status, 1) with { Wait = TimeSpan.FromMinutes(5), Lease = Lease });

        _time.Advance(Lease - TimeSpan.FromMilliseconds(1));
        var before = Status;
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(status, before);
        Assert.Equal(ChildStatus.Up, Status);
    }

    [Fact]
    public void A_lease_runs_from_when_it_was_last_renewed()
    {
        _gates.Apply(Of(ChildStatus.Stopped, 1) with { Lease = Lease });
        _time.Advance(Lease / 2);
        _gates.Apply(Of(ChildStatus.Stopped, 2) with { Lease = Lease });

        _time.Advance(Lease / 2);
        var before = Status;
        _time.Advance(Lease / 2);

        Assert.Equal((ChildStatus.Stopped, ChildStatus.Up), (before, Status));
    }

    [Fact]
    public void A_stop_without_a_lease_stays_as_long_as_nobody_starts_the_child()
    {
        _gates.Apply(Of(ChildStatus.Stopped, 1));

        _time.Advance(TimeSpan.FromDays(30));
        _gates.Sweep();

        Assert.Equal(ChildStatus.Stopped, Status);
    }

    [Fact]
    public void A_stop_that_is_no_longer_in_force_goes_when_the_silo_asks_for_the_whole_table()
    {
        _gates.Apply(Of(ChildStatus.Stopped, 1));
        _time.Advance(TimeSpan.FromSeconds(1));
        var asked = TimeSpan.FromSeconds(1);

        _gates.ApplyAll("app/other", [], asked);
        var others = Status;
        _gates.ApplyAll(Supervisor, [], asked);

        Assert.Equal((ChildStatus.Stopped, ChildStatus.Up), (others, Status));
    }

    [Fact]
    public void A_stop_that_came_while_the_table_was_under_way_stays()
    {
        var asked = TimeSpan.Zero;
        _time.Advance(TimeSpan.FromSeconds(1));
        _gates.Apply(Of(ChildStatus.Stopped, 1));

        _gates.ApplyAll(Supervisor, [], asked);

        Assert.Equal(ChildStatus.Stopped, Status);
    }

    [Fact]
    public void Two_supervisors_that_shut_the_same_subtree_do_not_open_each_others_gate()
    {
        var round = new Directive { Path = Supervisor, Supervisor = "app", Version = 1, Status = ChildStatus.BackingOff, Wait = Lease };
        var quarantine = new Directive { Path = Supervisor, Supervisor = Supervisor, Version = 900, Status = ChildStatus.Quarantined, Wait = TimeSpan.FromMinutes(1) };
        _gates.Apply(round);
        _gates.Apply(quarantine);

        _gates.Apply(round with { Version = 2, Status = ChildStatus.Idle });
        var still = Status;
        _gates.Apply(quarantine with { Version = 901, Status = ChildStatus.Idle });

        Assert.Equal((ChildStatus.Quarantined, ChildStatus.Up), (still, Status));
        Assert.Equal(0, _gates.Count);
    }

    [Fact]
    public void The_number_of_a_start_stays_known_when_its_gate_has_gone()
    {
        _gates.Apply(Of(ChildStatus.Restarting, 1) with { Incarnation = 4 });
        _gates.Apply(Of(ChildStatus.Idle, 2) with { Incarnation = 4 });
        var here = _gates.StartOf(Grain);
        _gates.Apply(Of(ChildStatus.Idle, 3) with { Removed = true });

        Assert.Equal((0, 4L, 0L), (_gates.Count, here, _gates.StartOf(Grain)));
    }

    [Fact]
    public void A_silo_that_joins_is_told_the_number_of_a_start_and_its_gates_stay_as_they_are()
    {
        _gates.Apply(Of(ChildStatus.Stopped, 1) with { Incarnation = 1 });

        _gates.ApplyAll(Supervisor, [Of(ChildStatus.Idle, 2) with { Incarnation = 2, OnlyStart = true }], TimeSpan.Zero);

        Assert.Equal((2L, ChildStatus.Stopped), (_gates.StartOf(Grain), Status));
    }

    [Fact]
    public void A_start_that_is_ordered_opens_what_a_crash_of_an_earlier_start_had_shut_and_nothing_else_does()
    {
        _gates.Apply(Of(ChildStatus.Idle, 1) with { Incarnation = 1 });
        var gate = _gates.Attend(Grain, _child);
        (gate.Status, gate.ReadyAt, gate.CrashId, gate.Unjudged) = (ChildStatus.BackingOff, Lease, "newer", true);

        _gates.Apply(Of(ChildStatus.Restarting, 2) with { Incarnation = 1, CrashId = "older" });
        var before = Status;
        _gates.Apply(Of(ChildStatus.Restarting, 3) with { Incarnation = 2, CrashId = "older" });

        Assert.Equal((ChildStatus.BackingOff, ChildStatus.Up), (before, Status));
    }

    [Fact]
    public async Task A_start_that_a_supervisor_waits_for_is_not_held_for_the_judgement_of_a_siblings_crash()
    {
        var first = new WorkerSpec { Id = "zero", Path = "app/work/zero", Kind = ChildKind.Worker, Interface = typeof(IGrain) };
        var supervisor = new SupervisorSpec { Id = "work", Path = Supervisor, Strategy = RestartStrategy.RestForOne, Children = [first, _child.Spec] };
        _gates.Apply(Of(ChildStatus.Idle, 1) with { Starts = true });
        _gates.HoldSiblings(new SupervisedChild(first, supervisor, GrainType.Create("zero"), fallback: null), Lease);

        await _gates.Pass(Grain, _child, Lease, TestContext.Current.CancellationToken);
        var next = _gates.Pass(Grain, _child, Lease, TestContext.Current.CancellationToken);

        Assert.False(next.IsCompleted);
        _time.Advance(Lease);
        await next;
    }

    [Fact]
    public async Task A_start_that_a_supervisor_waits_for_is_refused_at_once_for_a_crash_that_it_does_not_know()
    {
        var gate = _gates.Attend(Grain, _child);
        (gate.Status, gate.ReadyAt, gate.CrashId, gate.Unjudged) = (ChildStatus.BackingOff, Lease, "newer", true);
        _gates.Apply(Of(ChildStatus.Restarting, 1) with { CrashId = "older", Starts = true });

        var refused = await Assert.ThrowsAsync<ChildUnavailableException>(() => _gates.Pass(Grain, _child, 2 * Lease, TestContext.Current.CancellationToken));

        Assert.Equal(Lease, refused.RetryAfter);
    }

    [Fact]
    public async Task A_silo_that_has_not_asked_for_the_table_yet_starts_nothing_until_it_has_or_the_limit_has_passed()
    {
        var table = new FirstTable(new MonotonicClock(_time));
        var untilHere = table.Wait(Lease, TestContext.Current.CancellationToken);
        Assert.False(untilHere.IsCompleted);
        table.Arrived();
        await untilHere;

        var unanswered = new FirstTable(new MonotonicClock(_time)).Wait(Lease, TestContext.Current.CancellationToken);
        _time.Advance(Lease - TimeSpan.FromMilliseconds(1));
        Assert.False(unanswered.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await unanswered;
    }

    private static Directive Of(ChildStatus status, long version) => new() { Path = Worker, Supervisor = Supervisor, Grain = Grain, Version = version, Status = status };
}
