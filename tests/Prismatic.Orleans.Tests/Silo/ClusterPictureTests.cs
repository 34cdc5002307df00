using System.Collections.Immutable;
using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Silo;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Silo;

/// <summary>The figures that leave the process for the whole tree.</summary>
public sealed class ClusterPictureTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Workers_and_families_are_counted_in_every_state_supervisors_and_members_are_not()
    {
        var picture = ClusterPicture.Of(
            Health(
                Node("supervisor", ChildStatus.Up), Node("worker", ChildStatus.Up), Node("worker", ChildStatus.Quarantined),
                Node("family", ChildStatus.Up), Node("member", ChildStatus.BackingOff)),
            []);

        Assert.Equal(Enum.GetValues<ChildStatus>(), picture.Children.Keys.Order());
        Assert.Equal((2, 1, 0), (picture.Children[ChildStatus.Up], picture.Children[ChildStatus.Quarantined], picture.Children[ChildStatus.BackingOff]));
    }

    [Fact]
    public void The_oldest_open_ticket_counts_and_a_resolved_one_does_not()
    {
        var picture = ClusterPicture.Of(Health(), [Ticket(Noon, resolved: true), Ticket(Noon.AddMinutes(2)), Ticket(Noon.AddMinutes(1))]);

        Assert.Equal((2, Noon.AddMinutes(1)), (picture.OpenTickets, picture.OldestTicket));
    }

    [Fact]
    public void Without_an_open_ticket_there_is_no_oldest() =>
        Assert.Equal((0, null), (ClusterPicture.Of(Health(), [Ticket(Noon, resolved: true)]).OpenTickets, ClusterPicture.Of(Health(), []).OldestTicket));

    private static TreeHealth Health(params TreeNode[] nodes) => new()
    {
        TotalProcesses = nodes.Length,
        RestartCounts = ImmutableSortedDictionary<string, long>.Empty,
        MemoryPerSupervisor = ImmutableSortedDictionary<string, MemoryEstimate>.Empty,
        Hotspots = [],
        HealthScore = 100,
        Nodes = [.. nodes],
        Silos = 1,
    };

    private static TreeNode Node(string kind, ChildStatus status) => new() { Path = "prismatic", Kind = kind, Status = status };

    private static Ticket Ticket(DateTimeOffset opened, bool resolved = false) => new()
    {
        Id = "t",
        Child = "prismatic/osint/source-manager",
        Group = "g",
        Signature = "s",
        Reason = "r",
        Summary = "x",
        Class = FailureClass.LogicError,
        OpenedAt = opened,
        ResolvedAt = resolved ? opened.AddMinutes(5) : null,
    };
}
